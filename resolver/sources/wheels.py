"""A folder of wheels, and of source distributions that state their metadata."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import SourceError
from ..index.session import Access
from ..index.simple_api import Link
from .links import Files

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from packaging.specifiers import SpecifierSet

    from ..requirements.per_name_options import ByName
    from ..target import Target
    from .protocol import Candidate, Metadata

_SUFFIXES = (".whl", ".tar.gz", ".zip")


class WheelFolder:
    """The files in one folder, as `--find-links FOLDER` does."""

    label = "wheels"

    def __init__(
        self,
        path: str | os.PathLike[str],
        target: Target,
        *,
        limits: Mapping[str, tuple[SpecifierSet, str]] | None = None,
        formats: ByName | None = None,
    ) -> None:
        self._path = Path(path)
        self._files = Files(self, target, Access(), limits=limits, formats=formats)
        self._candidates: dict[str, tuple[Candidate, ...]] = {}

    def candidates(self, name: str) -> Sequence[Candidate]:
        """Return every version that the folder has. Raises `SourceError` for a missing folder."""
        if name not in self._candidates:
            self._candidates[name] = self._files.candidates(name, self._links)
        return self._candidates[name]

    def metadata(self, candidate: Candidate) -> Metadata:
        """Read the metadata inside a file."""
        return self._files.metadata(candidate)

    def files(self, candidate: Candidate) -> tuple[Link, ...]:
        """Return a candidate's files that suit the target, the best first."""
        return self._files.links(candidate)

    def links(self, name: str) -> Sequence[Link]:  # noqa: ARG002  # an index asks by the name
        """Return every file of the folder, whatever the name."""
        return self._links

    @cached_property
    def _links(self) -> tuple[Link, ...]:
        try:
            files = sorted(each for each in self._path.iterdir() if each.name.endswith(_SUFFIXES))
        except FileNotFoundError as error:
            raise SourceError(str(self._path), "there is no such folder") from error
        except OSError as error:
            raise SourceError(str(self._path), error.strerror or str(error)) from error
        return tuple(Link(file.name, file.absolute().as_uri()) for file in files)
