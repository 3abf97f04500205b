"""A folder of wheels."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import SourceError
from .fetch import Fetcher
from .links import Wheels
from .simple import Link

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from ..candidates import Candidate, Metadata
    from ..target import Target


class WheelFolder:
    """Answer from the wheels in one folder, as `--find-links FOLDER` does."""

    label = "wheels"

    def __init__(self, path: str | os.PathLike[str], target: Target) -> None:
        self._path = Path(path)
        self._wheels = Wheels(self, target, Fetcher())
        self._candidates: dict[str, tuple[Candidate, ...]] = {}

    def candidates(self, name: str) -> Sequence[Candidate]:
        """Return every version that the folder has. Raises `SourceError` for a missing folder."""
        if name not in self._candidates:
            self._candidates[name] = self._wheels.candidates(name, self._links)
        return self._candidates[name]

    def metadata(self, candidate: Candidate) -> Metadata:
        """Read the METADATA inside a wheel."""
        return self._wheels.metadata(candidate)

    def links(self, name: str) -> Sequence[Link]:  # noqa: ARG002  # an index asks by the name
        """Return every file of the folder, whatever the name."""
        return self._links

    @cached_property
    def _links(self) -> tuple[Link, ...]:
        try:
            files = sorted(self._path.glob("*.whl"))
            if not files and not self._path.is_dir():
                raise NotADirectoryError(20, "there is no such folder")
        except OSError as error:
            raise SourceError(str(self._path), error.strerror or str(error)) from error
        return tuple(Link(file.name, file.absolute().as_uri()) for file in files)
