"""Requirements files that name others: what these hold stands in the place of their names."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import Fault, FaultList, InvalidFile, Location
from ..text import read_text
from .content import FileReference, RequirementsContent
from .lines import part_comment
from .reader import parse_lines, parse_requirements

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .content import Item

_MOST_FILES = 200


def read_requirements(
    source: str | os.PathLike[str] | Iterable[str],
    *,
    name: str = "",
    is_constraint: bool = False,
    environment: Mapping[str, str] | None = None,
) -> RequirementsContent:
    """Read a requirements file, or a list of its lines, with all files that are named (`-r`, `-c`).

    `name` is what a list is called in errors. Names of files are relative to the file that has
    them, those in a list to the working directory. With `is_constraint` every line narrows, as in a
    file named with `-c`. `${NAME}` stands for a variable of `environment`, and for itself where
    that has none. Raises InvalidFile with all faults.

    >>> read_requirements(["numpy >= 1.26  # because"], name="mine").requirements[0].whole
    'numpy >= 1.26'
    """
    if isinstance(source, (str, os.PathLike)):
        file = Path(source)
        text = read_text(file, any_kind=True)
        if text is None:
            reason = f"{file}: there is no such file; lines are given as a list"
            raise InvalidFile([Fault(Location(key=name), reason)])
        content = parse_requirements(
            text, file=str(file), is_constraint=is_constraint, environment=environment
        )
        opened: tuple[Path, ...] = (file.resolve(),)
        return follow(content, file.parent, environment=environment, opened=opened)
    located, faults = [], FaultList()
    for index, entry in enumerate(source):
        location = Location(key=f"{name}[{index}]")
        if isinstance(entry, str):
            text, _ = part_comment(entry)
            located += [(location, text, ())] if text else []
        else:
            faults.add(location, f"a requirement is a string, this is {type(entry).__name__}")
    faults.check(InvalidFile)
    content = parse_lines(located, is_constraint=is_constraint, environment=environment)
    return follow(content, Path(), environment=environment)


def follow(
    content: RequirementsContent,
    folder: Path,
    *,
    within: Path | None = None,
    environment: Mapping[str, str] | None = None,
    opened: tuple[Path, ...] = (),
) -> RequirementsContent:
    """Put what the named files hold in the place of their names, and what these name in turn.

    Names are relative to the file that has them, `folder` for the content itself. With `within` a
    name that leads out of that folder is a fault. `opened` are the files that led here. Raises
    InvalidFile with all faults.
    """
    reader = _Follower(within.resolve() if within else None, environment or {})
    reader.follow(content, folder, opened)
    reader.faults.check(InvalidFile)
    return RequirementsContent(tuple(reader.items), tuple(reader.ignored))


@dataclass(slots=True)
class _Follower:
    """Gather what the files say, and what is wrong with them."""

    within: Path | None
    environment: Mapping[str, str]
    items: list[Item] = field(default_factory=list)
    ignored: list[Fault] = field(default_factory=list)
    faults: FaultList = field(default_factory=FaultList)
    count: int = 0

    def follow(self, content: RequirementsContent, folder: Path, opened: tuple[Path, ...]) -> None:
        self.ignored += content.ignored
        for item in content.items:
            if not isinstance(item, FileReference):
                self.items.append(item)
            elif self.count <= _MOST_FILES:
                self._follow_one(item, folder, opened)

    def _follow_one(self, reference: FileReference, folder: Path, opened: tuple[Path, ...]) -> None:
        path = folder / _local(reference.path)
        try:
            text = self._read(reference, path, opened)
            inner = parse_requirements(
                text,
                file=str(path),
                is_constraint=reference.is_constraint,
                environment=self.environment,
            )
        except InvalidFile as error:
            self.faults.extend(error.faults)
        else:
            self.follow(inner, path.parent, (*opened, path.resolve()))

    def _read(self, reference: FileReference, path: Path, opened: tuple[Path, ...]) -> str:
        kind = "constraints" if reference.is_constraint else "requirements"
        self.count += 1
        if self.count > _MOST_FILES:
            raise _fault(reference, f"more than {_MOST_FILES} files are named: put them into one")
        if "://" in _local(reference.path):
            raise _fault(reference, "a file on the network is not read: put it beside this one")
        real = path.resolve()
        if self.within is not None and not real.is_relative_to(self.within):
            raise _fault(reference, f"the {kind} file {reference.path!r} is outside the folder")
        if real in opened:
            circle = [os.path.relpath(each) for each in (*opened[opened.index(real) :], real)]
            raise _fault(reference, f"the files include each other: {' -> '.join(circle)}")
        try:
            text = read_text(path)
        except InvalidFile as error:
            reason = "; ".join(fault.reason for fault in error.faults)
            raise _fault(reference, f"the {kind} file {reference.path!r}: {reason}") from error
        if text is None:
            raise _fault(reference, f"the {kind} file {reference.path!r} is not there")
        return text


def _local(name: str) -> str:
    """Return the path of a `file:` URL; anything else as it is."""
    if not name.lower().startswith("file:"):
        return name
    from urllib.request import url2pathname  # what it imports takes longer than reading a file

    return url2pathname(name.partition(":")[2].removeprefix("//"))


def _fault(reference: FileReference, reason: str) -> InvalidFile:
    return InvalidFile([Fault(reference.location, reason)])
