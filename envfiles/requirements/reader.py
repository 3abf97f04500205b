"""Read requirement lines: one pass, in pip's grammar, each line with its location."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from ..errors import Fault, FaultList, InvalidEntry, InvalidFile, Location
from .content import FileReference, RequirementLine, RequirementsContent
from .lines import LogicalLine, iter_lines
from .options import Statement, parse_line
from .requirement import read_requirement
from .unnamed import is_unnamed, named
from .variables import Variables

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .content import Item

    LocatedLine: TypeAlias = tuple[Location, str, tuple[str, ...]]
    """Where a line stands, its text, and its comments."""

_FILES = {"--requirement": False, "--constraint": True}  # and whether what they hold narrows
_NAME_IT = "nothing says which distribution it is: write name @ https://... or name @ file:///..."
_MOST_LINES = 50_000
_LONGEST = 100_000  # characters; a thousand hashes are shorter


def parse_requirements(
    text: str, *, file: str | None = None, is_constraint: bool = False
) -> RequirementsContent:
    """Read the text of a requirements file; `file` names it in errors. No other file is read.

    With `is_constraint` every line narrows, as in a file named with `-c`. Raises InvalidFile with
    all faulty lines: what is no requirement, and options that pip does not take there.

    >>> str(parse_requirements("numpy==2.4.6  # via pandas").requirements[0].requirement)
    'numpy==2.4.6'
    """
    reader = LineReader()
    return reader.content(reader.read_text(text, file, is_constraint=is_constraint))


def parse_lines(lines: Iterable[LocatedLine]) -> RequirementsContent:
    """Read lines in pip's grammar, whatever file holds them.

    Raises InvalidFile with all faulty lines.
    """
    reader = LineReader()
    return reader.content(reader.read_lines(lines))


@dataclass(slots=True)
class LineReader:
    """Read lines one after the other, and gather what is wrong with them."""

    environment: Mapping[str, str] = field(default_factory=dict)
    """The variables that lines may name; a name that it lacks stands for itself."""
    with_names: bool = False
    """Whether a path or a URL without a name gets that of its file or project."""
    folder: Path = Path()
    """Where pip runs: what paths are relative to."""
    ignored: list[Fault] = field(default_factory=list)
    faults: FaultList = field(default_factory=FaultList)

    def content(self, items: Iterable[Item]) -> RequirementsContent:
        """Return what was read; raises InvalidFile with all faults."""
        found = tuple(items)
        self.faults.check(InvalidFile)
        return RequirementsContent(found, tuple(self.ignored))

    def read_text(self, text: str, file: str | None, *, is_constraint: bool) -> list[Item]:
        """Read the text of a file."""
        lines = (
            (Location(file, line.number), line.text, line.reasons)
            for line in _iter_some(text, file)
        )
        return self.read_lines(lines, is_constraint=is_constraint)

    def read_lines(
        self, lines: Iterable[LocatedLine], *, is_constraint: bool = False
    ) -> list[Item]:
        """Read lines, each a location, a text and its comments."""
        items: list[Item] = []
        for location, text, reasons in lines:
            variables = Variables.of([text], self.environment)
            try:
                _check_length(text)
                counting = parse_line(variables.expand(text))
                standing = _as_written(text, counting) if variables.values else counting
                line = RequirementLine(
                    requirement=None,
                    text=counting.requirement,
                    written=standing.requirement if standing else "",
                    whole=text,
                    location=location,
                    is_constraint=is_constraint,
                    hashes=counting.values("--hash"),
                    settings=counting.values("--config-settings"),
                    reasons=reasons,
                )
                items += self._iter_items(line, counting, standing)
            except InvalidEntry as error:
                hidden = InvalidEntry(variables.hide(error.text), variables.hide(error.reason))
                self.faults.add(location, str(hidden))
            else:
                words = (f"pip passes over {each}" for each in counting.ignored)
                self.ignored += (Fault(location, variables.hide(each)) for each in words)
        return items

    def _iter_items(
        self, line: RequirementLine, counting: Statement, standing: Statement | None
    ) -> Iterator[Item]:
        """Yield what one line says: as it counts, with how it stands there."""
        if counting.requirement:
            yield self._named(line) if is_unnamed(line.text) else _with_requirement(line)
            return
        written = standing.options if standing else ()
        for option, stands in zip_longest(counting.options, written):
            standing_value = stands.value if stands else ""
            if option.name in _FILES:
                narrows = line.is_constraint or _FILES[option.name]
                yield FileReference(option.value, line.location, narrows)
            elif option.name == "--editable":
                if line.is_constraint:
                    raise InvalidEntry(line.whole, "a constraint cannot be editable: it narrows")
                yield self._named(
                    replace(line, text=option.value, written=standing_value, editable=True)
                )
            elif option.name != "--config-settings":
                yield replace(option, written=standing_value, location=line.location)

    def _named(self, line: RequirementLine) -> RequirementLine:
        """Return a line with the name of its path or URL, where that is asked for."""
        requirement = named(line.text, self.folder) if self.with_names else None
        if self.with_names and requirement is None:
            raise InvalidEntry(line.text, _NAME_IT)
        return replace(line, requirement=requirement)


def _with_requirement(line: RequirementLine) -> RequirementLine:
    """Read the requirement of a line that has a name."""
    requirement = read_requirement(line.text)
    if line.is_constraint and requirement.extras:
        raise InvalidEntry(
            line.text, "pip takes no extras in a constraint: put them in a requirement"
        )
    written = line.written
    if written != line.text:
        try:
            read_requirement(written)
        except InvalidEntry:  # a variable holds more than a part of a URL
            written = ""
    return replace(line, requirement=requirement, written=written)


def _as_written(text: str, counting: Statement) -> Statement | None:
    """Read a line without its variables, where it has the same parts then."""
    try:
        standing = parse_line(text)
    except InvalidEntry:
        return None
    names, others = ([each.name for each in one.options] for one in (standing, counting))
    same = bool(standing.requirement) == bool(counting.requirement) and names == others
    return standing if same else None


def _iter_some(text: str, file: str | None) -> Iterator[LogicalLine]:
    """Yield the lines of a file that has no more of them than any has. Raises InvalidFile."""
    for count, line in enumerate(iter_lines(text)):
        if count == _MOST_LINES:
            reason = f"has more requirements than any such file has ({_MOST_LINES:,})"
            raise InvalidFile([Fault(Location(file, line.number), reason)])
        yield line


def _check_length(text: str) -> None:
    if len(text) > _LONGEST:
        raise InvalidEntry(text, f"is longer than any such line is ({_LONGEST:,} characters)")
