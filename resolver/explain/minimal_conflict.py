"""The least that cannot be met: of many lines, those that contradict each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ResolverError
from .quickxplain import smallest_part
from .relaxations import only, parts_of

if TYPE_CHECKING:
    from ..search.universe import Universe
    from .relaxations import Decide, Part

# A question is milliseconds where all is at hand; more than these are no explanation any more.
_QUESTIONS = 60


def minimal_conflict(universe: Universe, decide: Decide) -> tuple[Part, ...]:
    """Return parts that cannot be met together, while without any one of them they can.

    Where it takes too many questions, what is left then still cannot be met, but need not be the
    least.
    """
    questions = iter(range(_QUESTIONS))

    def contradict(parts: list[Part]) -> bool:
        if not parts or next(questions, None) is None:
            return False  # what cannot be told is kept
        try:
            asked = only(universe.requirements, parts)
            return decide(universe.asking(asked)) is None
        except ResolverError:
            return False

    return tuple(smallest_part(list(parts_of(universe.requirements)), contradict))
