"""Partitions of targets for a name: groups that share a version."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, TypeAlias

from .markers import comparisons, holds, marks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from packaging.version import Version

    from ..target import Target

Group: TypeAlias = "frozenset[int]"
"""Targets, by their position, that share one version of a name."""

Partition: TypeAlias = "tuple[Group, ...]"
"""The groups of targets for one name, ordered by their first target."""

# Up to this size every split in two is tried, above it those by a single comparison.
_FEW = 4


def partition(groups: Iterable[Iterable[int]]) -> Partition:
    """Return groups in order.

    >>> partition([[2], [0, 1]])
    (frozenset({0, 1}), frozenset({2}))
    """
    return tuple(sorted(map(frozenset, groups), key=min))


def alike(targets: Sequence[Target]) -> Partition:
    """Return the finest groups that markers can separate: each shares every version."""
    found: dict[tuple[str, ...], list[int]] = {}
    for place, target in enumerate(targets):
        found.setdefault(marks(target), []).append(place)
    return partition(found.values())


def is_finer(fine: Partition, coarse: Partition) -> bool:
    """Return whether every group of one partition lies in a group of the other."""
    return all(any(group <= other for other in coarse) for group in fine)


class Splits:
    """The splits of a group of targets in two, the likely ones first."""

    def __init__(self, targets: Sequence[Target]) -> None:
        self._atoms = alike(targets)
        self._said = [
            frozenset(place for place, each in enumerate(targets) if holds(text, each))
            for text in comparisons(targets)
        ]

    def finer(self, parted: Partition, likely: Iterable[Partition]) -> Iterator[Partition]:
        """Yield the partitions with one more group."""
        for group in parted:
            others = [each for each in parted if each != group]
            for part in dict.fromkeys(self._parts(group, likely)):
                whole = all(atom <= part for atom in self._atoms if atom & part)
                if part and part != group and whole:
                    yield partition([*others, part, group - part])

    def _parts(self, group: Group, likely: Iterable[Partition]) -> Iterator[Group]:
        atoms = [atom for atom in self._atoms if atom <= group]
        yield from (part & group for each in likely for part in each)
        yield from (part & group for part in self._said)
        if len(atoms) <= _FEW:
            for count in range(1, len(atoms)):
                for some in combinations(atoms, count):
                    yield frozenset().union(*some)


def fewest_groups(
    atoms: Partition, versions: Mapping[int, Sequence[Version]], asking: Group
) -> Partition:
    """Return few groups of targets, each with a version in common.

    `versions` are the candidates of each target, by its position, and `asking` the targets that
    choose one: the others join a group with a version for them, if there is one.

    >>> one, two, three = map(frozenset, ([0], [1], [2]))
    >>> fewest_groups((one, two, three), {0: "ab", 1: "bc", 2: "c"}, frozenset({0, 1, 2}))
    (frozenset({0}), frozenset({1, 2}))
    >>> fewest_groups((one, two, three), {0: "ab", 1: "bc", 2: "c"}, frozenset({0, 2}))
    (frozenset({0}), frozenset({1, 2}))
    """
    choices = {atom: _common(versions[place] for place in atom) for atom in atoms}
    left = {atom for atom, found in choices.items() if found and atom & asking}
    chosen: list[Version] = []
    while left:
        every = {version for atom in left for version in choices[atom]}
        best = max(every, key=lambda version: (sum(version in choices[a] for a in left), version))
        chosen.append(best)
        left -= {atom for atom in left if best in choices[atom]}
    groups: dict[Version, set[int]] = {version: set() for version in chosen}
    for atom in atoms:
        fitting = [version for version in chosen if version in choices[atom]]
        if chosen:
            groups[max(fitting, default=chosen[0])].update(atom)
    return partition(filter(None, groups.values())) or partition([frozenset().union(*atoms)])


def _common(several: Iterable[Sequence[Version]]) -> set[Version]:
    first, *others = several
    return set(first).intersection(*others)
