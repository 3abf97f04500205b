"""A folder of wheels, and of source distributions that state their metadata; one that is gone."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import SourceError
from ..index.session import Access
from ..index.simple_api import Link
from .links import LinkSource

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from packaging.specifiers import SpecifierSet

    from ..requirements.per_name_options import ByName
    from ..target import Target
    from .contents.metadata import FileMetadata
    from .protocol import Candidate

NO_INDEX = "--no-index"
_SUFFIXES = (".whl", ".tar.gz", ".zip")


class WheelFolder(LinkSource):
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
        super().__init__(target, Access(), limits=limits, formats=formats)
        self._path = Path(path)

    def links(self, name: str) -> Sequence[Link]:  # noqa: ARG002  # an index asks by the name
        """Return every file of the folder. Raises `SourceError` for a missing one."""
        return self._all

    @cached_property
    def _all(self) -> tuple[Link, ...]:
        try:
            files = sorted(each for each in self._path.iterdir() if each.name.endswith(_SUFFIXES))
        except FileNotFoundError as error:
            raise SourceError(str(self._path), "there is no such folder") from error
        except OSError as error:
            raise SourceError(str(self._path), error.strerror or str(error)) from error
        return tuple(Link(file.name, file.absolute().as_uri()) for file in files)


class EmptySource:
    """A source without files; its `remark`, on each name, is the reason."""

    label = "wheels"

    def __init__(self, remark: str) -> None:
        self.remark = remark

    def links(self, name: str) -> Sequence[Link]:  # noqa: ARG002  # others have some
        """Return no file."""
        return ()

    def candidates(self, name: str) -> Sequence[Candidate]:  # noqa: ARG002  # others have some
        """Return nothing."""
        return ()

    def metadata(self, candidate: Candidate) -> FileMetadata:
        """Raise `SourceError`: no candidate is its own."""
        raise SourceError(str(candidate), self.remark)

    def remarks(self, name: str) -> tuple[str, ...]:  # noqa: ARG002  # it holds for all
        """Return the reason."""
        return (self.remark,)


class MissingPlace(EmptySource):
    """A place that `--find-links` names and that is not there: it has nothing, as for pip."""

    def __init__(self, location: str) -> None:
        super().__init__(f"{location} is passed over, as by pip: there is no such folder or page")


class NoIndex(EmptySource):
    """The place of the indexes where `--no-index`, or pip's configuration, forbids to ask any."""

    label = "index"

    def __init__(self, who: str) -> None:
        out = f"leave {who} out" if who == NO_INDEX else "change that"
        super().__init__(
            f"{who} lets no index be asked: name a folder that has it (--find-links), or {out}"
        )
