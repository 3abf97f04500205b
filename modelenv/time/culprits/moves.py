"""Differences between two sets of pins, in groups that have to move together.

A release that needs another one moves with it: scikit-learn 1.6, say, brings NumPy along if that
is older than it admits. So only those subsets of the differences are tried that agree with the
requirements of all their releases.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from ...environments.spec import minor
from ..newest.limits import PYTHON
from ..trials.pins import TrialPins
from .facts import ReleaseFacts

Group = frozenset[str]
"""Names that can only move together."""


@dataclass(frozen=True, slots=True)
class PinMoves:
    """The moves from one set of pins to another, Python among them."""

    good: TrialPins
    bad: TrialPins
    implied: Mapping[str, Group]
    """The group that moves with each differing name, including itself."""

    @classmethod
    def between(cls, good: TrialPins, bad: TrialPins, facts: ReleaseFacts) -> PinMoves:
        """Return the differences, and which of them move together. Raises the resolver's errors."""
        names = differing(good, bad)
        steps: dict[str, set[str]] = {name: {name} for name in names}
        for name, other in _iter_implied(good, bad, names, facts):
            steps[name].add(other)
        closed = {name: _reached(name, steps) for name in names}
        return cls(good, bad, MappingProxyType(closed))

    @property
    def groups(self) -> list[Group]:
        """Groups of names that move as one, each after the groups it depends on.

        >>> together = {"a": frozenset("ab"), "b": frozenset("b"), "c": frozenset("c")}
        >>> empty = TrialPins((), "3.12")
        >>> [*map(sorted, PinMoves(empty, empty, together).groups)]
        [['b'], ['c'], ['a']]
        """
        parts: dict[Group, set[str]] = {}
        for name, moved in self.implied.items():
            parts.setdefault(moved, set()).add(name)
        ordered = sorted(parts, key=lambda moved: (len(moved), sorted(moved)))
        return [frozenset(parts[moved]) for moved in ordered]

    def closure(self, groups: Iterable[Group]) -> Group:
        """Return all names that move if some groups do."""
        return frozenset().union(*(self.implied[name] for group in groups for name in group))

    def pins(self, moved: Group) -> TrialPins:
        """Return the good set in which some names are as in the bad one."""
        old, new = self.good.by_name, self.bad.by_name
        lines = {name: line for name, line in old.items() if name not in moved}
        lines |= {name: line for name, line in new.items() if name in moved}
        python = self.bad.python if PYTHON in moved else self.good.python
        return TrialPins.of(lines.values(), python)


def differing(one: TrialPins, other: TrialPins) -> Group:
    """Return the names that two sets have differently; Python is one of them.

    >>> sorted(differing(TrialPins(("a==1", "b==1"), "3.12.1"), TrialPins(("a==2",), "3.12.4")))
    ['a', 'b']
    """
    old, new = one.by_name, other.by_name
    names = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    python = set() if minor(one.python) == minor(other.python) else {PYTHON}
    return frozenset(names | python)


def _iter_implied(
    good: TrialPins, bad: TrialPins, names: Group, facts: ReleaseFacts
) -> Iterator[tuple[str, str]]:
    """Yield pairs of names; the first does not move without the second."""
    for here, there, is_new in ((bad, good, True), (good, bad, False)):
        for name, version in here.versions.items():
            if name not in names:
                continue
            for other in _bound_to(name, version, here, there, facts):
                if other in names and other != name:
                    yield (name, other) if is_new else (other, name)


def _bound_to(
    name: str, version: Version, here: TrialPins, there: TrialPins, facts: ReleaseFacts
) -> Iterator[str]:
    """Yield the names that a release needs in the version of its own set."""
    for needed in facts.needs(here.by_name[name], version, here.python):
        other = canonicalize_name(needed.name)
        if _meets(here, other, needed) and not _meets(there, other, needed):
            yield other
    if minor(here.python) != minor(there.python):
        runs = facts.runs_on(name, version, here.python), facts.runs_on(name, version, there.python)
        if runs == (True, False):
            yield PYTHON


def _meets(pins: TrialPins, name: str, needed: Requirement) -> bool:
    """Return whether a set satisfies a requirement; a reference always does."""
    version = pins.versions.get(name)
    if version is None:
        return name in pins.by_name
    return needed.specifier.contains(version, prereleases=True)


def _reached(name: str, steps: Mapping[str, Iterable[str]]) -> Group:
    found, waiting = {name}, [name]
    while waiting:
        for each in steps[waiting.pop()]:
            if each not in found:
                found.add(each)
                waiting.append(each)
    return frozenset(found)
