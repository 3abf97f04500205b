"""Minimal conflicts: of many lines, those that contradict each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ResolverError
from .quickxplain import smallest_part
from .relaxations import only, parts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..search.universe import Universe
    from .effort import Effort
    from .relaxations import Decide, Part


def minimal_conflict(
    universe: Universe, decide: Decide, likely: Sequence[Part], effort: Effort
) -> tuple[Part, ...]:
    """Return parts that cannot be met together, while without any one of them they can.

    The `likely` ones, which lead to the failure of a search, are tried first: they are few, so that
    is cheap. If the effort is spent before anything is found, they are the answer; if it is spent
    in between, the rest still cannot be met, but need not be minimal.
    """

    def contradict(parts: list[Part]) -> bool:
        if not parts:
            return False
        try:
            asked = only(universe.requirements, parts)
            return decide(universe.asking(asked, spend=effort.spend)) is None
        except ResolverError:
            return False  # an undecided part is kept

    everything = list(parts_of(universe.requirements))
    some = [part for part in everything if part in likely]
    found = smallest_part(some if contradict(some) else everything, contradict)
    return tuple(some if len(found) == len(everything) and effort.is_spent else found)
