"""requirements.txt and constraints.txt, as pip reads them."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from packaging.version import Version

from ..errors import Fault, FaultList, InvalidEntry, InvalidFile, Place
from ..spec import Entry, EnvSpec, conda_name, is_unnamed, spell_constraint, spell_unnamed
from .grammar import check_length, iter_lines, parse_requirement, spell
from .options import join_options, parse_options, spell_option, split_hashes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from packaging.specifiers import SpecifierSet

    from .grammar import Line

REQUIREMENTS = "requirements.txt"
CONSTRAINTS = "constraints.txt"

_MOST_LINES = 50_000
_MOST_CLAUSES = 40


@dataclass(frozen=True, slots=True)
class Stated:
    """Hold an entry and the place that states it."""

    entry: Entry
    place: Place


@dataclass(frozen=True, slots=True)
class FileReference:
    """Hold a file that a `-c` or `-r` line names, as it is written, and the place of the line."""

    path: str
    place: Place


@dataclass(frozen=True, slots=True)
class RequirementLines:
    """Hold what lines in pip's grammar say: entries in their order, and the files they name."""

    stated: tuple[Stated, ...]
    constraint_files: tuple[FileReference, ...] = ()
    requirement_files: tuple[FileReference, ...] = ()
    options: tuple[str, ...] = ()
    unnamed: tuple[str, ...] = ()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Return the entries without their places."""
        return tuple(each.entry for each in self.stated)


def write_requirements(spec: EnvSpec) -> str:
    """Write requirements.txt: options first, then one pin a line, each with its reason.

    >>> print(write_requirements(EnvSpec(python="3.11.7", requirements=(Entry("a==1", "via b"),))))
    # The environment of a model, pinned; written by modelenv.
    # pip install -r requirements.txt
    a==1  # via b
    <BLANKLINE>
    """
    lines = [
        "# The environment of a model, pinned; written by modelenv.",
        f"# pip install -r {REQUIREMENTS}",
        *(f"# {note[0].upper()}{note[1:]}" for note in spec.notes),
        *conda_comment(spec),
        *spec.options,
        *constraint_option(spec),
        *spec.unnamed,
        *map(spell_entry, spec.requirements),
    ]
    return "\n".join(lines) + "\n"


def read_requirements(text: str, *, file: str | None = None) -> RequirementLines:
    """Read the text of a requirements file; `file` names it in errors. No other file is read.

    Raises InvalidFile with all faulty lines: what is no requirement, and options that pip does not
    take there.

    >>> read_requirements("numpy==2.4.6  # via pandas").entries[0].comment
    'via pandas'
    """
    lines = _iter_some(text, file)
    return read_lines((Place(file, line.number), line.text, line.reasons) for line in lines)


def write_constraints(spec: EnvSpec) -> str:
    """Write constraints.txt, to which the `-c` line of requirements.txt points."""
    return "\n".join(["# What narrows requirements.txt.", *spec.constraints]) + "\n"


def read_constraints(text: str, *, file: str | None = None) -> tuple[str, ...]:
    """Read the text of a constraints file: normalised requirements, sorted, each once.

    Raises InvalidFile with all faulty lines.

    >>> read_constraints("NumPy<3  # until it is tried")
    ('numpy<3',)
    """
    constraints, files = read_constraint_lines(text, file=file)
    faults = FaultList()
    for each in files:
        faults.add(each.place, f"names another file, {each.path!r}: put its lines here")
    faults.check(InvalidFile)
    return constraints


def read_constraint_lines(
    text: str, *, file: str | None = None
) -> tuple[tuple[str, ...], tuple[FileReference, ...]]:
    """Read the text of a constraints file, and the files that it names. Raises InvalidFile."""
    constraints, files, faults = set(), [], FaultList()
    for line in _iter_some(text, file):
        place = Place(file, line.number)
        with faults.at(place):
            check_length(line.text)
            options = parse_options(line.text)
            if options is None:
                constraints.add(spell_constraint(line.text))
            for option in options or ():
                if option.flag not in {"--constraint", "--requirement"}:
                    raise InvalidEntry(line.text, f"the option {option.flag} narrows nothing")
                files.append(FileReference(option.value, place))
    faults.check(InvalidFile)
    return tuple(sorted(constraints)), tuple(files)


def read_lines(lines: Iterable[tuple[Place, str, tuple[str, ...]]]) -> RequirementLines:
    """Read lines in pip's grammar, each a place, a text and reasons, whatever file holds them.

    A line that says again what one before it says counts once, and one that says more of the same
    distribution narrows it. Raises InvalidFile with all faulty lines, among them contradictions.
    """
    reader = _Reader()
    for place, text, reasons in lines:
        with reader.faults.at(place):
            reader.read(place, text, reasons)
    reader.faults.check(InvalidFile)
    return RequirementLines(
        tuple(reader.stated.values()),
        tuple(reader.constraint_files),
        tuple(reader.requirement_files),
        join_options(reader.options),
        tuple(reader.unnamed),
    )


def state(stated: dict[tuple[str, str], Stated], new: Stated) -> None:
    """Add what is stated to what was before it; raises InvalidEntry for a contradiction."""
    first = stated.setdefault(new.entry.key, new)
    if first is new:
        return
    united = _unite(first.entry.requirement, new.entry.requirement)
    if united is None:
        reason = f"{first.place} says {first.entry.requirement!r} already: keep one of them"
        raise InvalidEntry(new.entry.requirement, reason)
    entry = replace(
        first.entry,
        requirement=united,
        comment=first.entry.comment or new.entry.comment,
        hashes=(*first.entry.hashes, *new.entry.hashes),
        evidence=first.entry.evidence or new.entry.evidence,
    )
    stated[entry.key] = replace(first, entry=entry)


def constraint_option(spec: EnvSpec) -> list[str]:
    """Return the line that points to constraints.txt, where there is one."""
    return [f"-c {CONSTRAINTS}"] if spec.constraints else []


def conda_comment(spec: EnvSpec) -> list[str]:
    """Return the comment line that names what only conda.yaml can express, where there is any."""
    others = [each for each in spec.conda_dependencies if conda_name(each) != "pip"]
    return [f"# Only conda.yaml holds: {', '.join(others)}"] if others else []


def spell_entry(entry: Entry, *, newline: str = "\n") -> str:
    """Write the lines of one entry, hashes and reasons included."""
    lines = [f"{entry.requirement} \\" if entry.hashes else entry.requirement]
    lines += [f"    --hash={each} \\" for each in entry.hashes]
    lines[-1] = lines[-1].removesuffix(" \\")
    below = [entry.comment, *entry.evidence] if entry.hashes else list(entry.evidence)
    if entry.comment and not entry.hashes:
        lines[-1] += f"  # {entry.comment}"
    return newline.join([*lines, *(f"    # {each}" for each in below if each)])


class _Reader:
    """Gather what lines say, and what is wrong with them."""

    def __init__(self) -> None:
        self.stated: dict[tuple[str, str], Stated] = {}
        self.constraint_files: list[FileReference] = []
        self.requirement_files: list[FileReference] = []
        self.options: list[str] = []
        self.unnamed: dict[str, None] = {}
        self.faults = FaultList()

    def read(self, place: Place, text: str, reasons: tuple[str, ...]) -> None:
        check_length(text)
        options = parse_options(text)
        if options is None:
            self._read_requirement(place, text, reasons)
        for option in options or ():
            if option.flag == "--constraint":
                self.constraint_files.append(FileReference(option.value, place))
            elif option.flag == "--requirement":
                self.requirement_files.append(FileReference(option.value, place))
            elif option.flag == "--editable":
                self.unnamed[spell_unnamed(f"-e {shlex.quote(option.value)}")] = None
            else:
                self.options.append(spell_option(str(option)))

    def _read_requirement(self, place: Place, text: str, reasons: tuple[str, ...]) -> None:
        if is_unnamed(text):
            self.unnamed[spell_unnamed(text)] = None
            return
        requirement, hashes = split_hashes(text)
        comment, *evidence = reasons or ("",)
        entry = Entry(requirement, comment, hashes, tuple(evidence))
        state(self.stated, Stated(entry, place))


def _iter_some(text: str, file: str | None) -> Iterator[Line]:
    """Yield the lines of a file that has no more of them than any has. Raises InvalidFile."""
    for count, line in enumerate(iter_lines(text)):
        if count == _MOST_LINES:
            reason = f"has more requirements than any such file has ({_MOST_LINES:,})"
            raise InvalidFile([Fault(Place(file, line.number), reason)])
        yield line


def _unite(left: str, right: str) -> str | None:
    """Return the requirement that both narrow to, None where nothing satisfies both."""
    if left == right:
        return left
    one, other = parse_requirement(left), parse_requirement(right)
    if one.url or other.url:
        return None
    one.specifier &= other.specifier
    if len(one.specifier) > _MOST_CLAUSES:
        reason = f"narrows {one.name} more often than any such file does: join these lines"
        raise InvalidEntry(right, reason)
    one.extras |= other.extras
    return None if _is_empty(one.specifier) else spell(one)


def _is_empty(specifier: SpecifierSet) -> bool:
    # packaging can tell since 26.2; with an older one, what is pinned twice.
    is_unsatisfiable = getattr(specifier, "is_unsatisfiable", None)
    if is_unsatisfiable is not None:
        return bool(is_unsatisfiable())
    pins = [each.version for each in specifier if each.operator == "=="]
    return any(
        not specifier.contains(Version(pin), prereleases=True)
        for pin in pins
        if not pin.endswith(".*")
    )
