"""Requirements files that name others; each name is replaced by the content of its file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import Fault, InvalidFile, Location
from ..requirements.content import FileReference
from ..requirements.lines import part_comment
from ..requirements.reader import LineReader
from ..text import read_text
from .forms import EXPORTED, SELECTABLE, form_of
from .hashes import hashed_alike
from .read import read_listed
from .values import NOTHING_MORE, ListFile, Selection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ..errors import FaultList
    from ..requirements.content import Item, RequirementsContent
    from ..requirements.reader import LocatedLine
    from .values import Export

_MOST_FILES = 200


def read_requirements(
    source: str | os.PathLike[str] | Iterable[str],
    *,
    name: str = "",
    is_constraint: bool = False,
    environment: Mapping[str, str] | None = None,
    with_names: bool = False,
    folder: Path | None = None,
    within: Path | None = None,
    selection: Selection = NOTHING_MORE,
    export: Export | None = None,
) -> RequirementsContent:
    """Read a requirements file, or a list of its lines, with all files that are named (`-r`, `-c`).

    A file may be in another form than pip's lines: a pyproject.toml, uv.lock, pylock.toml, or a
    script with a metadata block (PEP 723). Its requirements then replace it; `selection` chooses
    among its extras and groups. A form that only its own tool can turn into a list is a fault that
    names the form and the command, unless `export` runs that tool. `name` is what a list is called
    in errors. Names of files are relative to the file that has them, those in a list and all paths
    of projects to `folder`, the working directory if None. With `is_constraint` every line is a
    constraint, as in a file named with `-c`. `${NAME}` is replaced by a variable of `environment`,
    and stays if that has none. With `with_names` a path or a URL without a name gets that of its
    file or project. With `within` every file is a regular one of that folder, in pip's lines: a
    name that leads out of it is a fault. Raises InvalidFile with all faults.

    >>> read_requirements(["numpy >= 1.26  # because"], name="mine").requirements[0].whole
    'numpy >= 1.26'
    """
    base, opened = folder or Path(), tuple[Path, ...]()
    reader = LineReader(environment or {}, with_names, base)
    root = Path(os.path.realpath(within)) if within else None
    follower = _Follower(reader, root, selection, export)
    if isinstance(source, (str, os.PathLike)):
        file = Path(source)
        text = read_text(file, any_kind=within is None, within=within)
        if text is None:
            reason = f"{file}: there is no such file; give requirements as a list"
            raise InvalidFile([Fault(Location(key=name), reason)])
        items = follower.items_of(file, text, is_constraint=is_constraint)
        base, opened = file.parent, (Path(os.path.realpath(file)),)
    else:
        lines = _iter_located(source, name, reader.faults)
        items = reader.read_lines(lines, is_constraint=is_constraint)
    followed = tuple(follower.follow(items, base, opened))
    if selection and not follower.selects:
        reason = f"no {selection}: only pyproject.toml, uv.lock and pylock.toml have any"
        reader.faults.add(Location(key=name), reason)
    return reader.content(followed)


def follow(
    content: RequirementsContent, folder: Path, *, within: Path | None = None
) -> RequirementsContent:
    """Replace the names of files by their content, recursively.

    Names are relative to the file that has them, `folder` for the content itself. With `within` a
    name that leads out of that folder is a fault. Raises InvalidFile with all faults.
    """
    reader = LineReader(ignored=list(content.ignored))
    follower = _Follower(reader, Path(os.path.realpath(within)) if within else None)
    return reader.content(follower.follow(content.items, folder, ()))


def _iter_located(source: Iterable[object], name: str, faults: FaultList) -> Iterator[LocatedLine]:
    """Yield the lines of a list, each with its index; invalid items are noted."""
    for index, entry in enumerate(source):
        location = Location(key=f"{name}[{index}]")
        if not isinstance(entry, str):
            faults.add(location, f"a requirement is a string, this is {type(entry).__name__}")
        elif text := part_comment(entry)[0]:
            yield location, text, ()


@dataclass(slots=True)
class _Follower:
    """A reader of the files that others name."""

    reader: LineReader
    within: Path | None = None
    selection: Selection = NOTHING_MORE
    export: Export | None = None
    count: int = 0
    selects: bool = False
    """Whether one of the files has a form with extras and groups."""

    def items_of(self, path: Path, text: str, *, is_constraint: bool) -> Sequence[Item]:
        """Return the lines of a file: pip's own, or those that another form expresses.

        Files named by a folder's own files are read as pip's, which knows no other form there.
        """
        if self.within is None:
            form = form_of(str(path), text)
            self.selects |= form in SELECTABLE
            meant = self.selection if form in SELECTABLE else NOTHING_MORE
            if form in EXPORTED and self.export is not None:
                exported = self.export(path, form, meant)
                if exported is not None:
                    return self._exported(exported, str(path), is_constraint=is_constraint)
            listed = read_listed(ListFile(str(path), text, meant, narrows=is_constraint))
            if listed is not None:
                self.reader.ignored += listed.untold
                self.reader.conditions += listed.conditions
                items = self.reader.read_lines(listed.lines, is_constraint=is_constraint)
                return [*items, *self.reader.read_lines(listed.constraints, is_constraint=True)]
        return self.reader.read_text(text, str(path), is_constraint=is_constraint)

    def _exported(self, text: str, path: str, *, is_constraint: bool) -> Sequence[Item]:
        """Return the lines that a tool wrote of its lock."""
        items = self.reader.read_text(text, path, is_constraint=is_constraint)
        alike, untold = hashed_alike(path, items, narrows=is_constraint)
        self.reader.ignored += untold
        return alike

    def follow(
        self, items: Iterable[Item], folder: Path, opened: tuple[Path, ...]
    ) -> Iterator[Item]:
        """Yield the items; those of a file replace its name."""
        for item in items:
            if not isinstance(item, FileReference):
                yield item
            elif self.count <= _MOST_FILES:
                path = folder / _local(item.path)
                try:
                    text = self._read(item, path, opened)
                    inner = self.items_of(path, text, is_constraint=item.is_constraint)
                except InvalidFile as error:
                    self.reader.faults.extend(error.faults)
                    continue
                yield from self.follow(inner, path.parent, (*opened, Path(os.path.realpath(path))))

    def _read(self, reference: FileReference, path: Path, opened: tuple[Path, ...]) -> str:
        kind = "constraints" if reference.is_constraint else "requirements"
        self.count += 1
        if self.count > _MOST_FILES:
            raise _fault(reference, f"more than {_MOST_FILES} files are named: put them into one")
        if "\0" in _local(reference.path):
            raise _fault(reference, f"{reference.path!r} is the name of no file")
        if "://" in _local(reference.path):
            raise _fault(reference, "a file on the network is not read: put it beside this one")
        real = Path(os.path.realpath(path))  # a link to itself has no other target
        if self.within is not None and not real.is_relative_to(self.within):
            raise _fault(reference, f"the {kind} file {reference.path!r} is outside the folder")
        if real in opened:
            circle = [os.path.relpath(each) for each in (*opened[opened.index(real) :], real)]
            raise _fault(reference, f"the files include each other: {' -> '.join(circle)}")
        try:
            text = read_text(path, within=self.within)
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
    from urllib.request import url2pathname  # its imports take longer than reading a file

    return url2pathname(name.partition(":")[2].removeprefix("//"))


def _fault(reference: FileReference, reason: str) -> InvalidFile:
    return InvalidFile([Fault(reference.location, reason)])
