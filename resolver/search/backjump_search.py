"""The complete search, used if resolvelib cannot be trusted: if there are cycles."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from ..errors import UndecidedError
from .graph import extra_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .graph import Choices, Need, Node

_LIMIT = 20_000


def search(
    universe: Choices, roots: Sequence[Need], *, limit: int = _LIMIT
) -> dict[str, Node] | None:
    """Find a choice for every key that the roots lead to, or None if there is none.

    Depth first, in the order of preference, with jumps back over decisions that the failure does
    not depend on (conflict-directed backjumping, P. Prosser 1993). Raises `UndecidedError` after
    `limit` candidates.
    """
    return _Search(universe, roots, limit).run()


@dataclass(slots=True)
class _Decision:
    """A key that is being decided: its remaining nodes, and the decisions it conflicts with."""

    key: str
    left: Iterator[Node]
    blamed: set[str]
    added: tuple[Need, ...] = ()


class _Search:
    def __init__(self, universe: Choices, roots: Sequence[Need], limit: int) -> None:
        self._universe = universe
        self._limit = limit
        self._tried = 0
        self._chosen: dict[str, Node] = {}
        self._needs: dict[str, list[Need]] = {}
        self._order: dict[str, tuple[tuple[bool, ...], str]] = {}
        """The sort key of each undecided key, if that is known."""
        self._decisions: list[_Decision] = []
        self._ask(roots)

    def run(self) -> dict[str, Node] | None:
        while (key := self._next_key()) is not None:
            self._decisions.append(self._decision(key))
            while not self._advance(self._decisions[-1]):
                if not self._jump_back():
                    return None
        return self._chosen

    def _next_key(self) -> str | None:
        undecided = (key for key in self._needs if key not in self._chosen)
        return min(undecided, key=self._place, default=None)

    def _place(self, key: str) -> tuple[tuple[bool, ...], str]:
        """Return the sort key of a key; an extra with its base chosen comes first."""
        if "[" in key and key.partition("[")[0] in self._chosen:
            return (), key
        known = self._order.get(key)
        if known is None:
            known = self._order[key] = self._universe.rank(self._needs[key]), key
        return known

    def _decision(self, key: str) -> _Decision:
        name = key.partition("[")[0]
        base = self._chosen.get(name)
        needs = [*self._needs[key], *(self._needs.get(name, ()) if name != key else ())]
        if base is None:
            nodes = self._universe.nodes(key, needs)
            first = next(nodes, None)
            if first is None:
                return _Decision(key, nodes, _parents(self._too_many(key, needs)))
            return _Decision(key, chain((first,), nodes), _parents(needs))
        # An extra whose base is decided has that one choice.
        node = self._universe.node(base.candidate, extra_of(key))
        fits = all(self._universe.accepts(need, node) for need in self._needs[key])
        return _Decision(key, iter([node] if fits else []), _parents(needs) | {name})

    def _too_many(self, key: str, needs: Sequence[Need]) -> Sequence[Need]:
        """Return a minimal set of needs that nothing meets together, with at least one need.

        Earlier stated ones are preferred, so that the search jumps far back.
        """

        def is_one_too_many(last: int) -> bool:
            return next(self._universe.nodes(key, needs[: last + 1]), None) is None

        return needs[: bisect_left(range(len(needs)), True, key=is_one_too_many) + 1]

    def _advance(self, decision: _Decision) -> bool:
        """Choose the next node that does not contradict what is chosen; False: there is none."""
        for node in decision.left:
            self._tried += 1
            if self._tried > self._limit:
                raise UndecidedError(self._limit)
            needs = self._universe.needs(node)
            if needs is None:
                continue
            self._chosen[decision.key] = node
            clash = self._clash(needs)
            if clash is None:
                decision.added = needs
                self._ask(needs)
                return True
            decision.blamed.add(clash)
            del self._chosen[decision.key]
        return False

    def _clash(self, needs: Sequence[Need]) -> str | None:
        for need in needs:
            node = self._chosen.get(need.key)
            if node is not None and not self._universe.accepts(need, node):
                return need.key
        return None

    def _jump_back(self) -> bool:
        """Undo decisions up to the last one that the failure depends on; False: there is none."""
        failed = self._decisions.pop()
        causes = failed.blamed - {failed.key}
        while self._decisions:
            last = self._decisions[-1]
            del self._chosen[last.key]
            self._withdraw(last.added)
            last.added = ()
            if last.key in causes:
                last.blamed |= causes
                return True
            self._decisions.pop()
        return False

    def _ask(self, needs: Sequence[Need]) -> None:
        for need in needs:
            self._needs.setdefault(need.key, []).append(need)
            self._order.pop(need.key, None)

    def _withdraw(self, needs: Sequence[Need]) -> None:
        for need in reversed(needs):
            asked = self._needs[need.key]
            asked.pop()
            self._order.pop(need.key, None)
            if not asked:
                del self._needs[need.key]


def _parents(needs: Sequence[Need]) -> set[str]:
    """Return the keys whose choice states needs."""
    return {need.parent.key for need in needs if need.parent is not None}
