"""requirements.txt and constraints.txt, as pip reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import FaultList, InvalidEntry, InvalidFile, Place
from .grammar import Option, iter_lines, parse_option
from .spec import Entry, EnvSpec, conda_name, spell_constraint, spell_option

if TYPE_CHECKING:
    from collections.abc import Iterable

REQUIREMENTS = "requirements.txt"
CONSTRAINTS = "constraints.txt"

_FILE_OPTIONS = {"-c": "-c", "--constraint": "-c", "-r": "-r", "--requirement": "-r"}


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
        *conda_comment(spec),
        *spec.options,
        *constraint_option(spec),
        *map(_spell_entry, spec.requirements),
    ]
    return "\n".join(lines) + "\n"


def read_requirements(text: str, *, file: str | None = None) -> RequirementLines:
    """Read the text of a requirements file; `file` names it in errors.

    Raises InvalidFile with all faulty lines: what is no requirement, `-r` lines, and options that
    an `EnvSpec` cannot hold.

    >>> read_requirements("numpy==2.4.6  # via pandas").entries
    (Entry(requirement='numpy==2.4.6', comment='via pandas'),)
    """
    lines = read_lines(
        (Place(file, line.number), line.text, line.comment) for line in iter_lines(text)
    )
    faults = FaultList()
    for at in lines.requirement_files:
        faults.add(at.place, f"names another requirements file, {at.path!r}: put its lines here")
    faults.check(InvalidFile)
    return lines


def write_constraints(spec: EnvSpec) -> str:
    """Write constraints.txt, to which the `-c` line of requirements.txt points."""
    return "\n".join(["# What narrows requirements.txt.", *spec.constraints]) + "\n"


def read_constraints(text: str, *, file: str | None = None) -> tuple[str, ...]:
    """Read the text of a constraints file: normalised requirements, sorted, each once.

    Raises InvalidFile with all faulty lines.

    >>> read_constraints("NumPy<3  # until it is tried")
    ('numpy<3',)
    """
    constraints, faults = set(), FaultList()
    for line in iter_lines(text):
        with faults.at(Place(file, line.number)):
            constraints.add(spell_constraint(line.text))
    faults.check(InvalidFile)
    return tuple(sorted(constraints))


def read_lines(lines: Iterable[tuple[Place, str, str]]) -> RequirementLines:
    """Read lines in pip's grammar, each a place, a text and a comment, whatever file holds them.

    A line that says again what one before it says counts once. Raises InvalidFile with all faulty
    lines, among them those that say something else of the same distribution.
    """
    stated: dict[tuple[str, str], Stated] = {}
    files: dict[str, list[FileReference]] = {"-c": [], "-r": []}
    options: list[str] = []
    faults = FaultList()
    for place, text, comment in lines:
        with faults.at(place):
            option = parse_option(text)
            if option is None:
                _state(stated, Stated(Entry(text, comment), place))
            elif option.flag in {"-f", "--find-links"}:
                options.append(spell_option(text))
            else:
                files[_kind_of(option, text)].append(FileReference(option.value, place))
    faults.check(InvalidFile)
    return RequirementLines(
        tuple(stated.values()), tuple(files["-c"]), tuple(files["-r"]), tuple(options)
    )


def constraint_option(spec: EnvSpec) -> list[str]:
    """Return the line that points to constraints.txt, where there is one."""
    return [f"-c {CONSTRAINTS}"] if spec.constraints else []


def conda_comment(spec: EnvSpec) -> list[str]:
    """Return the comment line that names what only conda.yaml can express, where there is any."""
    others = [each for each in spec.conda_dependencies if conda_name(each) != "pip"]
    return [f"# Only conda.yaml holds: {', '.join(others)}"] if others else []


def _spell_entry(entry: Entry) -> str:
    return f"{entry.requirement}  # {entry.comment}" if entry.comment else entry.requirement


def _state(stated: dict[tuple[str, str], Stated], new: Stated) -> None:
    first = stated.setdefault(new.entry.key, new)
    if first.entry.requirement != new.entry.requirement:
        reason = f"{first.place} says {first.entry.requirement!r} already: keep one of them"
        raise InvalidEntry(new.entry.requirement, reason)


def _kind_of(option: Option, text: str) -> str:
    kind = _FILE_OPTIONS.get(option.flag)
    if kind is None:
        reason = f"the option {option.flag} is neither a requirement nor a constraints file"
        raise InvalidEntry(text, reason)
    if not option.value:
        raise InvalidEntry(text, f"the option {option.flag} names no file")
    return kind
