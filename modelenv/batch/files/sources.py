"""The files of an input: one, a folder of them, or those that match a pattern."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...base.errors import WrongUseError
from .formats import INPUTS, kind_of

_PATTERN = "*?["


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file of the input with its state at the start of the run."""

    path: str
    kind: str
    size: int
    modified: int
    """In nanoseconds."""
    inode: int

    @classmethod
    def of(cls, file: Path, kind: str) -> InputFile:
        """Return the current state of a file. Raises OSError."""
        found = file.stat()
        place = str(file.absolute())
        return cls(place, kind, found.st_size, found.st_mtime_ns, found.st_ino)

    def told(self) -> list[Any]:
        """Return the identity of the file, as plain data."""
        return [self.path, self.size, self.modified, self.inode]

    @property
    def is_changed(self) -> bool:
        """Whether it was written to or removed meanwhile."""
        try:
            return InputFile.of(Path(self.path), self.kind) != self
        except OSError:
            return True


def is_many(given: Path) -> bool:
    """Return whether an input is a folder or a pattern, rather than a file."""
    return given.is_dir() or (not given.exists() and any(each in str(given) for each in _PATTERN))


def find_sources(
    given: Path, kind: str | None = None, apart: Sequence[Path] = ()
) -> tuple[InputFile, ...]:
    """Return the files of an input in the order of their names; `kind` is the format of all.

    In a folder all files with a known suffix count, at any depth; names that begin with a dot or an
    underscore are skipped. Paths in `apart`, and below them, are excluded from a folder or pattern.
    Raises WrongUseError if there is none, or if the formats differ.
    """
    if given.is_dir():
        files = [file for file in sorted(given.rglob("*")) if _is_shown(file, given)]
        files = [file for file in files if kind or kind_of(file, INPUTS)]
    elif is_many(given):
        files = [Path(each) for each in sorted(glob.glob(str(given), recursive=True))]  # noqa: PTH207
    else:
        files, apart = [given], ()
    files = [file for file in files if file.is_file() and not _is_below(file, apart)]
    if not files:
        what = "there is no such file" if not given.is_dir() else "no file there is one of rows"
        raise WrongUseError(f"the input {given}: {what}")
    sources = tuple(InputFile.of(file, kind or _known(file)) for file in files)
    kinds = sorted({each.kind for each in sources})
    if len(kinds) > 1:
        first = {each: next(s.path for s in sources if s.kind == each) for each in kinds}
        named = " and ".join(os.path.relpath(each) for each in first.values())
        raise WrongUseError(f"the input {given} has files of several kinds: {named}")
    return sources


def _is_shown(file: Path, folder: Path) -> bool:
    return not any(part.startswith((".", "_")) for part in file.relative_to(folder).parts)


def _is_below(file: Path, places: Sequence[Path]) -> bool:
    real = Path(os.path.realpath(file))
    return any(real.is_relative_to(place) for place in places)


def _known(file: Path) -> str:
    kind = kind_of(file, INPUTS)
    if kind is None:
        raise WrongUseError(
            f"{file}: cannot be read part by part; its name may end in {', '.join(INPUTS)}"
        )
    return kind
