"""Requirement lines as values: lines, options and files, in their order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from packaging.version import Version

from ..errors import Fault, FaultList, InvalidEntry, InvalidFile, Location, collect
from .entry import Entry
from .options import Option, join_options, spell_of_requirement, spell_option
from .requirement import normalise, read_requirement, spell_constraint
from .unnamed import named, spell_unnamed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

_MOST_CLAUSES = 40


@dataclass(frozen=True, slots=True)
class RequirementLine:
    """A line that requires a distribution, or is a constraint on one."""

    requirement: Requirement | None
    """The requirement with the values of its variables. None for a path or a URL without a name,
    unless it was read with its name."""
    written: Requirement | None
    """The same with the names of its variables; None also if a variable holds more than a part."""
    text: str
    """The requirement, the path or the URL, with the values of its variables."""
    whole: str
    """The whole line as written, without the comment."""
    location: Location
    is_constraint: bool = False
    editable: bool = False
    hashes: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    """Settings for its build backend, as `KEY=VALUE`."""
    reasons: tuple[str, ...] = ()
    """Its comments."""

    def entry(self) -> Entry:
        """Return the entry of a line with a name. Raises InvalidEntry."""
        comment, *evidence = self.reasons or ("",)
        asked = self.text, comment, self.hashes, tuple(evidence), self.settings
        return Entry(*asked, parsed=self.requirement)

    def spelled(self) -> str:
        """Write the line in one form."""
        place = str(Option("--editable", self.text)) if self.editable else self.text
        return " ".join([place, *spell_of_requirement(self.hashes, self.settings)])


@dataclass(frozen=True, slots=True)
class Condition:
    """The condition of a list: it applies if one of the markers is true."""

    markers: tuple[str, ...]
    """As PEP 508 writes them."""
    text: str
    """The text of the condition: `>=3.12`."""
    location: Location


@dataclass(frozen=True, slots=True)
class FileReference:
    """A file that a `-r` or `-c` line names."""

    path: str
    location: Location
    is_constraint: bool = False


Item: TypeAlias = RequirementLine | Option | FileReference
_Item = TypeVar("_Item", RequirementLine, Option, FileReference)
_Spelled = TypeVar("_Spelled", RequirementLine, Option)


@dataclass(frozen=True, slots=True)
class LocatedEntry:
    """An entry and where it stands."""

    entry: Entry
    location: Location


@dataclass(frozen=True, slots=True)
class RequirementsContent:
    """The content of requirement lines, in their order."""

    items: tuple[Item, ...] = ()
    ignored: tuple[Fault, ...] = ()
    """Parts without effect: lines that pip passes over, or that other tools alone read."""
    conditions: tuple[Condition, ...] = ()
    """For which environments projects and locks among the files say that they are."""

    def __repr__(self) -> str:
        """Return the number of lines, in brackets."""
        return f"<RequirementsContent of {len(self.items)} lines>"

    @property
    def requirements(self) -> tuple[RequirementLine, ...]:
        """Return the lines that ask for a distribution."""
        return tuple(each for each in self._all(RequirementLine) if not each.is_constraint)

    @property
    def constraints(self) -> tuple[RequirementLine, ...]:
        """Return the constraints."""
        return tuple(each for each in self._all(RequirementLine) if each.is_constraint)

    @property
    def options(self) -> tuple[Option, ...]:
        """Return how pip finds the files."""
        return tuple(self._all(Option))

    @property
    def requirement_files(self) -> tuple[FileReference, ...]:
        """Return the files that `-r` names and that were not followed."""
        return tuple(each for each in self._all(FileReference) if not each.is_constraint)

    def entries(self) -> tuple[Entry, ...]:
        """Return the required entries by name, one for each key. Raises InvalidFile."""
        return tuple(each.entry for each in self.located_entries())

    def located_entries(self) -> tuple[LocatedEntry, ...]:
        """Return the entries, each with the location of its first line.

        A repeated line counts once. A further line on the same distribution narrows it. Raises
        InvalidFile with all contradictions.
        """
        united: dict[tuple[str, str], LocatedEntry] = {}
        faults = FaultList()
        for line in self.requirements:
            if line.requirement is not None:
                with faults.at(line.location):
                    entry = line.entry()
                    known = united.setdefault(entry.key, LocatedEntry(entry, line.location))
                    united[entry.key] = replace(known, entry=_united(known, entry))
        faults.check(InvalidFile)
        return tuple(united.values())

    def meaning(self) -> tuple[object, ...]:
        """Return what counts of it, however it is spelled and explained. Raises InvalidFile."""
        return (
            {(each.requirement, each.hashes, each.settings) for each in self.entries()},
            self.spelled_options(),
            sorted(self.spelled_unnamed()),
            [(each.path, each.is_constraint) for each in self._all(FileReference)],
        )

    def spelled_options(self) -> tuple[str, ...]:
        """Write the options, one a line. Raises InvalidFile."""
        return join_options(collect(_located(self.options), lambda each: spell_option(str(each))))

    def spelled_unnamed(self) -> tuple[str, ...]:
        """Write the lines without names, as paths and URLs. Raises InvalidFile."""
        lines = (each for each in self.requirements if each.requirement is None)
        spelled = collect(_located(lines), lambda each: spell_unnamed(each.spelled()))
        return tuple(dict.fromkeys(spelled))

    def spelled_constraints(self) -> tuple[str, ...]:
        """Write the constraints, normalised and sorted, each once. Raises InvalidFile."""
        return tuple(sorted(set(collect(_located(self.constraints), _spell_limit))))

    def _all(self, kind: type[_Item]) -> Iterator[_Item]:
        return (each for each in self.items if isinstance(each, kind))


def _located(items: Iterable[_Spelled]) -> Iterator[tuple[Location, _Spelled]]:
    return ((each.location, each) for each in items)


def _spell_limit(line: RequirementLine) -> str:
    requirement = line.requirement or named(line.text)
    if requirement is None:
        raise InvalidEntry(line.text, "nothing says the name that it narrows")
    return spell_constraint(" ".join([str(requirement), *spell_of_requirement(line.hashes, ())]))


def _united(first: LocatedEntry, new: Entry) -> Entry:
    if first.entry is new:
        return new
    requirement = _intersection(first.entry.requirement, new.requirement)
    if requirement is None:
        reason = f"{first.location} says {first.entry.requirement!r} already: keep one of them"
        raise InvalidEntry(new.requirement, reason)
    hashes = first.entry.hashes or new.hashes
    if first.entry.hashes and new.hashes:
        hashes = tuple(each for each in hashes if each in new.hashes)
        if not hashes:
            reason = f"{first.location} names other hashes of it: keep those that are meant"
            raise InvalidEntry(new.requirement, reason)
    return replace(
        first.entry,
        requirement=requirement,
        comment=first.entry.comment or new.comment,
        hashes=hashes,
        evidence=first.entry.evidence or new.evidence,
        settings=tuple(dict.fromkeys((*first.entry.settings, *new.settings))),
    )


def _intersection(left: str, right: str) -> str | None:
    """Return the requirement that both narrow to, None if nothing satisfies both."""
    if left == right:
        return left
    one, other = read_requirement(left), read_requirement(right)
    if one.url or other.url:
        return None
    one.specifier &= other.specifier
    if len(one.specifier) > _MOST_CLAUSES:
        reason = f"narrows {one.name} more often than any such file does: join these lines"
        raise InvalidEntry(right, reason)
    one.extras |= other.extras
    return None if _is_empty(one.specifier) else normalise(left, one)


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
