"""Read requirement lines: one pass, in pip's grammar, each line with its location."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

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

_FILES = {"--requirement": False, "--constraint": True}  # and whether what they hold narrows
_NAME_IT = "nothing says which distribution it is: write name @ https://... or name @ file:///..."
_MOST_LINES = 50_000
_LONGEST = 100_000  # characters; a thousand hashes are shorter


def parse_requirements(
    text: str,
    *,
    file: str | None = None,
    is_constraint: bool = False,
    environment: Mapping[str, str] | None = None,
    with_names: bool = False,
    faults: FaultList | None = None,
) -> RequirementsContent:
    """Read the text of a requirements file; `file` names it in errors. No other file is read.

    With `is_constraint` every line narrows, as in a file named with `-c`. `${NAME}` stands for a
    variable of `environment`, and for itself where that has none. `with_names` a path or a URL
    without a name gets that of its file or project. Raises InvalidFile with all faulty lines, what
    is no requirement, and options that pip does not take there; they are noted in `faults` instead
    where such a list is given.

    >>> str(parse_requirements("numpy==2.4.6  # via pandas").requirements[0].requirement)
    'numpy==2.4.6'
    """
    lines = (
        (Location(file, line.number), line.text, line.reasons) for line in _iter_some(text, file)
    )
    return parse_lines(
        lines,
        is_constraint=is_constraint,
        environment=environment,
        with_names=with_names,
        faults=faults,
    )


def parse_lines(
    lines: Iterable[tuple[Location, str, tuple[str, ...]]],
    *,
    is_constraint: bool = False,
    environment: Mapping[str, str] | None = None,
    with_names: bool = False,
    faults: FaultList | None = None,
) -> RequirementsContent:
    """Read lines in pip's grammar, each a location, a text and reasons, whatever file holds them.

    The rest is as in `parse_requirements`.
    """
    found = FaultList() if faults is None else faults
    reader = _Reader(environment or {}, is_constraint, with_names, found)
    for location, text, reasons in lines:
        reader.read(location, text, reasons)
    if faults is None:
        found.check(InvalidFile)
    return RequirementsContent(tuple(reader.items), tuple(reader.ignored))


@dataclass(slots=True)
class _Reader:
    """Gather what lines say, and what is wrong with them."""

    environment: Mapping[str, str]
    is_constraint: bool
    with_names: bool
    faults: FaultList
    items: list[Item] = field(default_factory=list)
    ignored: list[Fault] = field(default_factory=list)

    def read(self, location: Location, text: str, reasons: tuple[str, ...]) -> None:
        variables = Variables.of([text], self.environment)
        try:
            _check_length(text)
            counting = parse_line(variables.expand(text))
            standing = _as_written(text, counting) if variables.values else counting
            self.items += self._iter_items(counting, standing, location, text, reasons)
        except InvalidEntry as error:
            hidden = InvalidEntry(variables.hide(error.text), variables.hide(error.reason))
            self.faults.add(location, str(hidden))
        else:
            self.ignored += (
                Fault(location, variables.hide(f"pip passes over {each}"))
                for each in counting.ignored
            )

    def _iter_items(
        self,
        counting: Statement,
        standing: Statement | None,
        location: Location,
        text: str,
        reasons: tuple[str, ...],
    ) -> Iterator[Item]:
        """Yield what one line says: as it counts, with how it stands there."""
        line = RequirementLine(
            requirement=None,
            text=counting.requirement,
            written=standing.requirement if standing else "",
            whole=text,
            location=location,
            is_constraint=self.is_constraint,
            hashes=counting.values("--hash"),
            settings=counting.values("--config-settings"),
            reasons=reasons,
        )
        if counting.requirement:
            yield self._with_name(line) if is_unnamed(line.text) else _with_requirement(line)
            return
        written = [each.value for each in standing.options] if standing else None
        for index, option in enumerate(counting.options):
            said = written[index] if written else ""
            if option.name in _FILES:
                narrows = self.is_constraint or _FILES[option.name]
                yield FileReference(option.value, location, narrows)
            elif option.name == "--editable":
                if self.is_constraint:
                    raise InvalidEntry(text, "a constraint narrows versions: it cannot be editable")
                line = replace(line, text=option.value, written=said, editable=True)
                yield self._with_name(line)
            elif option.name != "--config-settings":
                yield replace(option, written=said, location=location)

    def _with_name(self, line: RequirementLine) -> RequirementLine:
        """Name a path or a URL, where that is asked for."""
        if not self.with_names:
            return line
        requirement = named(line.text)
        if requirement is None:
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
