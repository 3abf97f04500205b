"""Requirements files that name others: each is followed from the file that names it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import Fault, InvalidEntry, InvalidFile, Place
from ..text import read_text
from .file import RequirementLines, Stated, read_constraint_lines, read_requirements, state
from .options import join_options

if TYPE_CHECKING:
    from .file import FileReference

_MOST_FILES = 200


@dataclass(frozen=True, slots=True)
class Followed:
    """Hold what a requirements file says together with those that it names."""

    lines: RequirementLines
    constraints: tuple[str, ...]


def follow(lines: RequirementLines, folder: Path, *, within: Path | None = None) -> Followed:
    """Read the files that lines name, and those that these name.

    Their names are relative to the file that has them, `folder` for the lines themselves. With
    `within` a name that leads out of that folder is a fault. Raises InvalidFile.
    """
    reader = _Follower(within.resolve() if within else None)
    reader.follow(lines, folder, ())
    return Followed(
        RequirementLines(
            stated=tuple(reader.stated.values()),
            constraint_files=lines.constraint_files,
            requirement_files=lines.requirement_files,
            options=join_options(reader.options),
            unnamed=tuple(reader.unnamed),
        ),
        tuple(sorted(reader.constraints)),
    )


def read_requirements_file(path: str | os.PathLike[str]) -> Followed:
    """Read a requirements file with all that it names (`-r`, `-c`). Raises InvalidFile."""
    file = Path(path)
    text = read_text(file)
    if text is None:
        raise InvalidFile([Fault(Place(str(file)), "there is no such file")])
    return follow(read_requirements(text, file=str(file)), file.parent)


class _Follower:
    def __init__(self, within: Path | None) -> None:
        self._within = within
        self._files = 0
        self.stated: dict[tuple[str, str], Stated] = {}
        self.constraints: set[str] = set()
        self.options: list[str] = []
        self.unnamed: dict[str, None] = {}

    def follow(self, lines: RequirementLines, folder: Path, opened: tuple[Path, ...]) -> None:
        for each in lines.stated:
            try:
                state(self.stated, each)
            except InvalidEntry as error:
                raise InvalidFile([Fault(each.place, str(error))]) from error
        self.options += lines.options
        self.unnamed |= dict.fromkeys(lines.unnamed)
        for reference in lines.constraint_files:
            self._narrow(reference, folder, opened)
        for reference in lines.requirement_files:
            path, text = self._read(reference, folder, "requirements", opened)
            inner = read_requirements(text, file=str(path))
            self.follow(inner, path.parent, (*opened, path.resolve()))

    def _narrow(self, reference: FileReference, folder: Path, opened: tuple[Path, ...]) -> None:
        """Take all that a file says, and the files that it names, as constraints."""
        path, text = self._read(reference, folder, "constraints", opened)
        constraints, files = read_constraint_lines(text, file=str(path))
        self.constraints |= set(constraints)
        for inner in files:
            self._narrow(inner, path.parent, (*opened, path.resolve()))

    def _read(
        self, reference: FileReference, folder: Path, kind: str, opened: tuple[Path, ...]
    ) -> tuple[Path, str]:
        path = folder / reference.path
        self._files += 1
        if self._files > _MOST_FILES:
            raise _fault(reference, f"more than {_MOST_FILES} files are named: put them into one")
        if "://" in reference.path:
            raise _fault(reference, "a file on the network is not read: put it beside this one")
        if self._within is not None and not path.resolve().is_relative_to(self._within):
            raise _fault(reference, f"the {kind} file {reference.path!r} is outside the folder")
        if path.resolve() in opened:
            raise _fault(reference, f"the files include each other, by {reference.path!r}")
        try:
            text = read_text(path)
        except InvalidFile as error:
            reason = "; ".join(fault.reason for fault in error.faults)
            raise _fault(reference, f"the {kind} file {reference.path!r}: {reason}") from error
        if text is None:
            raise _fault(reference, f"the {kind} file {reference.path!r} is not there")
        return path, text


def _fault(reference: FileReference, reason: str) -> InvalidFile:
    return InvalidFile([Fault(reference.place, reason)])
