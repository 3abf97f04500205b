"""The fewest versions: the targets that can share one of a name."""

from __future__ import annotations

import heapq
import sys
from itertools import combinations, count
from typing import TYPE_CHECKING, TypeAlias

from ..errors import UndecidedError
from ..explain.quickxplain import smallest_part
from ..search.backjump_search import search
from ..search.verify import check
from .choices import SharedChoices
from .partitions import Splits, alike, fewest_groups, is_finer, partition

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from packaging.version import Version

    from ..search.universe import Universe
    from .choices import Answers
    from .partitions import Group, Partition

    Parted: TypeAlias = Mapping[str, Partition]
    """The groups of targets, by name; for a name that is not here all share one version."""

# The limits: candidates a question may look at (per choice, and at least), and questions.
_EACH = 10
_LEAST = 2_000
_QUESTIONS = 200
# The effort to test whether an answer could do with fewer versions: questions, and candidates
# looked at for the first time.
_MORE = 40
_NEW = 40


def fewest_versions(universes: Sequence[Universe], alone: Answers) -> Answers:
    """Return sound choices, one for each target, with as few versions of the names as possible.

    `alone` is the choice of each target by itself; it is the answer if nothing better is found
    within the effort.
    """
    return alone if surplus(alone) == 0 else _Fewest(universes, alone).answer()


def surplus(answers: Answers) -> int:
    """Return the number of versions beyond one for each name."""
    return sum(len(groups) - 1 for groups in _by_version(answers).values())


class _Fewest:
    """A search over the partitions of the targets, name by name, the fewest versions first.

    A refusal is minimised to names that cannot all be shared as they are. At least one of these has
    to be split further. Such a conflict refuses other partitions without a question.
    """

    def __init__(self, universes: Sequence[Universe], alone: Answers) -> None:
        self._universes = universes
        self._alone = alone
        targets = [each.target for each in universes]
        self._whole = partition([range(len(targets))])
        self._apart = alike(targets)
        self._splits = Splits(targets)
        self._own = {name: partition(found) for name, found in _by_version(alone).items()}
        self._limit = max(_LEAST, _EACH * sum(map(len, alone)))
        self._left = _QUESTIONS
        self._new = sys.maxsize
        self._conflicts: list[Parted] = []

    def answer(self) -> Answers:
        """Return the best answer that was found.

        A name without a version that suits all targets that choose it may be one that some of them
        need not choose. That is rare, and slow to find out if it is not so: it is tried last.
        """
        best = self._alone
        sure, likely = self._bounds()
        found = self._first(likely, surplus(best))
        if found and _cost(sure) < surplus(found[1]):
            self._left, self._new = _MORE, _NEW
            best = self._merged(*found)
        elif found:
            best = found[1]
        if _cost(sure) < surplus(best):
            self._left, self._new = _MORE, _NEW
            if found := self._first({}, surplus(best)):
                best = found[1]
        return best

    def _first(self, start: Parted, below: int) -> tuple[Parted, Answers] | None:
        """Return the first answer, in the order of the number of versions of a partition.

        None if all with fewer than `below` extra versions are refused.
        """
        numbers = count()
        waiting = [(_cost(start), next(numbers), start)]
        seen = {_key(start)}
        while waiting and self._left > 0 and self._new > 0:
            cost, _, parted = heapq.heappop(waiting)
            if cost >= below:
                return None
            conflict = next((each for each in self._conflicts if _refuses(each, parted)), None)
            if conflict is None:
                answers, names = self._ask(parted, self._whole)
                if answers is not None:
                    return parted, answers
                conflict = self._conflict(parted, names)
                self._conflicts.append(conflict)
            for finer in self._finer(parted, conflict):
                if _key(finer) not in seen:
                    seen.add(_key(finer))
                    heapq.heappush(waiting, (_cost(finer), next(numbers), finer))
        return None

    def _finer(self, parted: Parted, conflict: Parted) -> Iterator[Parted]:
        for name in conflict:
            likely = [self._own[name]] if name in self._own else []
            for each in self._splits.finer(parted.get(name, self._whole), likely):
                yield {**parted, name: each}

    def _conflict(self, parted: Parted, names: set[str]) -> Parted:
        """Return a minimal part of a refused partition that is refused already."""
        shared = [name for name in sorted(names) if parted.get(name, self._whole) != self._apart]

        def is_refused(some: list[str]) -> bool:
            some_parted = {name: parted.get(name, self._whole) for name in some}
            return self._ask(some_parted, self._apart)[0] is None

        small = smallest_part(shared, is_refused)
        return {name: parted.get(name, self._whole) for name in small}

    def _ask(self, parted: Parted, others: Partition) -> tuple[Answers | None, set[str]]:
        """Return the targets' choices for a partition, and the names that were met.

        None: there is none, or none was found within the effort.
        """
        choices = SharedChoices(self._universes, self._alone, parted, others, self._look)
        self._left -= 1
        if self._left < 0:
            return None, choices.names
        try:
            found = search(choices, choices.roots, limit=self._limit)
        except UndecidedError:
            found = None
        answers = None if found is None else choices.parted(found)
        if answers is not None and any(map(check, answers, self._universes)):
            answers = None  # every answer has to pass the independent check
        return answers, choices.names

    def _look(self) -> None:
        """Count a candidate that is looked at for the first time. Raises `UndecidedError`."""
        self._new -= 1
        if self._new < 0:
            raise UndecidedError(0)

    def _bounds(self) -> tuple[Parted, Parted]:
        """Split the names for which no version is available on all targets that choose one.

        First with the targets that have to choose it, as their roots require it; then with all.
        """
        choices = SharedChoices(self._universes, self._alone, {}, self._whole)
        found: dict[str, Partition] = {}
        for name, groups in sorted(self._own.items()):
            if len(groups) == 1:
                continue
            asking = frozenset().union(*groups)
            versions = {place: choices.versions(name, place) for place in asking}
            if not set.intersection(*map(set, versions.values())):
                others = set(range(len(self._universes))) - asking
                versions |= {place: choices.versions(name, place) for place in others}
                found[name] = fewest_groups(self._apart, versions, asking)
        asked = [{need.key for need in each.roots} for each in self._universes]
        sure = {
            name: each
            for name, each in found.items()
            if all(name in asked[place] for group in self._own[name] for place in group)
        }
        return sure, found

    def _merged(self, parted: Parted, answers: Answers) -> Answers:
        """Merge groups again that need not be separate after all."""
        best, fewest = answers, surplus(answers)
        for name in sorted(parted):
            for one, other in combinations(parted[name], 2):
                if (
                    fewest == 0
                    or self._left <= 0
                    or self._new <= 0
                    or not {one, other} <= {*parted[name]}
                ):
                    continue
                rest = [group for group in parted[name] if group not in (one, other)]
                tried = {**parted, name: partition([*rest, one | other])}
                found, _ = self._ask(tried, self._whole)
                if found is not None and surplus(found) < fewest:
                    parted, best, fewest = tried, found, surplus(found)
        return best


def _by_version(answers: Answers) -> dict[str, list[Group]]:
    """Group the targets by their chosen version, for every name that any of them chooses."""
    found: dict[str, dict[Version, set[int]]] = {}
    for place, answer in enumerate(answers):
        for key, node in answer.items():
            if not node.extra:
                found.setdefault(key, {}).setdefault(node.candidate.version, set()).add(place)
    return {name: [frozenset(each) for each in groups.values()] for name, groups in found.items()}


def _cost(parted: Parted) -> int:
    return sum(len(groups) - 1 for groups in parted.values())


def _key(parted: Parted) -> tuple[tuple[str, Partition], ...]:
    return tuple(sorted(parted.items()))


def _refuses(conflict: Parted, parted: Parted) -> bool:
    """Return whether a conflict refuses a partition: it splits none of the names further."""
    return all(
        name in parted and is_finer(groups, parted[name]) for name, groups in conflict.items()
    )
