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
    from collections.abc import Iterable, Iterator, Mapping

    from .content import Item

_MOST_FILES = 200


def read_requirements(
    source: str | os.PathLike[str] | Iterable[str],
    *,
    name: str = "",
    is_constraint: bool = False,
    environment: Mapping[str, str] | None = None,
    with_names: bool = False,
) -> RequirementsContent:
    """Read a requirements file, or a list of its lines, with all files that are named (`-r`, `-c`).

    `name` is what a list is called in errors. Names of files are relative to the file that has
    them, those in a list to the working directory. With `is_constraint` every line narrows, as in a
    file named with `-c`. `${NAME}` stands for a variable of `environment`, and for itself where
    that has none. `with_names` a path or a URL without a name gets that of its file or project.
    Raises InvalidFile with all faults.

    >>> read_requirements(["numpy >= 1.26  # because"], name="mine").requirements[0].whole
    'numpy >= 1.26'
    """
    reader = _Follower(None, environment or {}, with_names)
    if isinstance(source, (str, os.PathLike)):
        file = Path(source)
        text = read_text(file, any_kind=True)
        if text is None:
            reason = f"{file}: there is no such file; give requirements as a list"
            raise InvalidFile([Fault(Location(key=name), reason)])
        content = reader.parse(text, file, is_constraint=is_constraint)
        reader.follow(content, file.parent, (file.resolve(),))
    else:
        content = parse_lines(
            _located(source, name, reader.faults),
            is_constraint=is_constraint,
            environment=environment,
            with_names=with_names,
            faults=reader.faults,
        )
        reader.follow(content, Path(), ())
    return reader.content()


def follow(
    content: RequirementsContent, folder: Path, *, within: Path | None = None
) -> RequirementsContent:
    """Put what the named files hold in the place of their names, and what these name in turn.

    Names are relative to the file that has them, `folder` for the content itself. With `within` a
    name that leads out of that folder is a fault. Raises InvalidFile with all faults.
    """
    reader = _Follower(within.resolve() if within else None, {}, with_names=False)
    reader.follow(content, folder, ())
    return reader.content()


def _located(
    source: Iterable[object], name: str, faults: FaultList
) -> Iterator[tuple[Location, str, tuple[str, ...]]]:
    """Yield the lines of a list, each with its index; what is no line is noted."""
    for index, entry in enumerate(source):
        location = Location(key=f"{name}[{index}]")
        if not isinstance(entry, str):
            faults.add(location, f"a requirement is a string, this is {type(entry).__name__}")
        elif text := part_comment(entry)[0]:
            yield location, text, ()


@dataclass(slots=True)
class _Follower:
    """Gather what the files say, and what is wrong with them."""

    within: Path | None
    environment: Mapping[str, str]
    with_names: bool
    items: list[Item] = field(default_factory=list)
    ignored: list[Fault] = field(default_factory=list)
    faults: FaultList = field(default_factory=FaultList)
    count: int = 0

    def content(self) -> RequirementsContent:
        self.faults.check(InvalidFile)
        return RequirementsContent(tuple(self.items), tuple(self.ignored))

    def parse(self, text: str, file: Path, *, is_constraint: bool) -> RequirementsContent:
        return parse_requirements(
            text,
            file=str(file),
            is_constraint=is_constraint,
            environment=self.environment,
            with_names=self.with_names,
            faults=self.faults,
        )

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
            inner = self.parse(text, path, is_constraint=reference.is_constraint)
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
