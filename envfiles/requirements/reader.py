"""Read requirement lines: one pass, in pip's grammar, each line with its location."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from ..errors import Fault, FaultList, InvalidEntry, InvalidFile, Location
from .content import FileReference, RequirementLine, RequirementsContent
from .lines import iter_lines
from .options import OF_ALL, Statement, parse_line
from .requirement import read_requirement
from .unnamed import is_unnamed, named
from .variables import Variables

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from packaging.requirements import Requirement

    from .content import Condition, Item

    LocatedLine: TypeAlias = tuple[Location, str, tuple[str, ...]]
    """The place of a line, its text, and its comments."""

_FILES = {"--requirement": False, "--constraint": True}  # and whether what they hold narrows
_NAME_IT = "nothing says which distribution it is: write name @ https://... or name @ file:///..."
_MOST_LINES = 5_000  # of requirements and options, in a file and all that it names
_MOST_BREAKS = 20_000  # and of text: a requirement may have thirty hashes, each on a line


def parse_requirements(
    text: str, *, file: str | None = None, is_constraint: bool = False
) -> RequirementsContent:
    """Read the text of a requirements file; `file` names it in errors. No other file is read.

    With `is_constraint` every line is a constraint, as in a file named with `-c`. Raises
    InvalidFile with all faulty lines: what is no requirement, and options that pip does not take
    there.

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
    """The variables that lines may name; an unknown name stays as it is."""
    with_names: bool = False
    """Whether a path or a URL without a name gets that of its file or project."""
    folder: Path = Path()
    """The folder that pip runs in, which paths are relative to."""
    ignored: list[Fault] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    faults: FaultList = field(default_factory=FaultList)
    _read: int = 0
    _breaks: int = 0

    def content(self, items: Iterable[Item]) -> RequirementsContent:
        """Return what was read; raises InvalidFile with all faults."""
        found = tuple(items)
        self.faults.check(InvalidFile)
        return RequirementsContent(found, tuple(self.ignored), tuple(self.conditions))

    def read_text(self, text: str, file: str | None, *, is_constraint: bool) -> list[Item]:
        """Read the text of a file."""
        self._breaks += text.count("\n")
        if self._breaks > _MOST_BREAKS:
            reason = f"has more lines than any such file has ({_MOST_BREAKS:,})"
            self.faults.add(Location(file), reason)
            return []
        lines = (
            (Location(file, each.number), each.text, each.reasons) for each in iter_lines(text)
        )
        return self.read_lines(lines, is_constraint=is_constraint)

    def read_lines(
        self, lines: Iterable[LocatedLine], *, is_constraint: bool = False
    ) -> list[Item]:
        """Read lines, each a location, a text and its comments."""
        items: list[Item] = []
        for located in lines:
            location, text, _ = located
            self._read += 1
            if self._read > _MOST_LINES:
                reason = f"has more requirements than any such file has ({_MOST_LINES:,})"
                self.faults.add(location, reason)
                break
            variables = Variables.of([text], self.environment)
            try:
                items += self._iter_items(located, variables, is_constraint)
            except InvalidEntry as error:
                hidden = InvalidEntry(variables.hide(error.text), variables.hide(error.reason))
                self.faults.add(location, str(hidden))
        return items

    def _iter_items(
        self, located: LocatedLine, variables: Variables, is_constraint: bool
    ) -> Iterator[Item]:
        """Yield the content of one line, with its values and as written."""
        location, text, reasons = located
        statement = parse_line(variables.expand(text))
        standing = _as_written(text, statement) if variables.values else statement
        words = (f"pip passes over {each}" for each in statement.ignored)
        self.ignored += (Fault(location, variables.hide(each)) for each in words)
        if statement.requirement:
            requirement = self._requirement(statement)
            if is_constraint:
                _check_limit(statement, requirement)
            yield RequirementLine(
                requirement=requirement,
                written=requirement if standing is statement else self._written(standing),
                text=statement.requirement,
                whole=text,
                location=location,
                is_constraint=is_constraint,
                editable=statement.editable,
                hashes=statement.values("--hash"),
                settings=statement.values("--config-settings"),
                reasons=reasons,
            )
        for option, same in zip_longest(statement.options, standing.options if standing else ()):
            if option.name in _FILES:
                yield FileReference(option.value, location, is_constraint or _FILES[option.name])
            elif option.name in OF_ALL or not statement.requirement:
                yield replace(option, written=same.value if same else "", location=location)

    def _requirement(self, statement: Statement) -> Requirement | None:
        """Read a requirement; a path or a URL gets a name if that is requested."""
        text = statement.requirement
        if not (statement.editable or is_unnamed(text)):
            return read_requirement(text)
        requirement = named(text, self.folder) if self.with_names else None
        if self.with_names and requirement is None:
            raise InvalidEntry(text, _NAME_IT)
        return requirement

    def _written(self, standing: Statement | None) -> Requirement | None:
        try:
            return self._requirement(standing) if standing else None
        except InvalidEntry:  # a variable holds more than a part of a URL
            return None


def _check_limit(statement: Statement, requirement: Requirement | None) -> None:
    if statement.editable:
        raise InvalidEntry(statement.requirement, "a constraint cannot be editable: it narrows")
    if requirement is not None and requirement.extras:
        reason = "pip takes no extras in a constraint: put them in a requirement"
        raise InvalidEntry(statement.requirement, reason)


def _as_written(text: str, counting: Statement) -> Statement | None:
    """Read a line without its variables, if it has the same parts then."""
    try:
        standing = parse_line(text)
    except InvalidEntry:
        return None
    names, others = (
        [bool(one.requirement), one.editable, *(each.name for each in one.options)]
        for one in (standing, counting)
    )
    return standing if names == others else None
