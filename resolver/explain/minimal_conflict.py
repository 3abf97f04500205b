"""The least that cannot be met: of many lines, those that contradict each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ResolverError
from .relaxations import only, parts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..search.universe import Universe
    from .relaxations import Decide, Part

# A question is milliseconds where all is at hand; more than these are no explanation any more.
_QUESTIONS = 60


def find_core(universe: Universe, decide: Decide) -> tuple[Part, ...]:
    """Find parts that cannot be met together, while without any one of them they can.

    By halving (QuickXplain, U. Junker 2004). Where it takes too many questions, what is left then
    still cannot be met, but need not be the least.
    """
    return tuple(_Minimiser(universe, decide).minimise((), (), parts_of(universe.requirements)))


class _Minimiser:
    def __init__(self, universe: Universe, decide: Decide) -> None:
        self._universe = universe
        self._decide = decide
        self._left = _QUESTIONS

    def minimise(
        self, given: tuple[Part, ...], added: tuple[Part, ...], parts: Sequence[Part]
    ) -> tuple[Part, ...]:
        """Return a least part of `parts` that cannot be met beside `given`."""
        if added and not self._can_be_met(given):
            return ()
        if len(parts) <= 1 or self._left <= 0:
            return tuple(parts)
        middle = len(parts) // 2
        first, second = tuple(parts[:middle]), tuple(parts[middle:])
        of_second = self.minimise((*given, *first), first, second)
        of_first = self.minimise((*given, *of_second), of_second, first)
        return (*of_first, *of_second)

    def _can_be_met(self, parts: tuple[Part, ...]) -> bool:
        self._left -= 1
        try:
            asked = only(self._universe.requirements, parts)
            return self._decide(self._universe.asking(asked)) is not None
        except ResolverError:
            return True  # what cannot be told is kept
