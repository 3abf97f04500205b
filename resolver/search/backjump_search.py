"""The complete search: it decides where resolvelib cannot be trusted, where there are cycles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import UndecidedError
from .graph import extra_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .graph import Need, Node
    from .universe import Universe

_LIMIT = 20_000


def search(
    universe: Universe, roots: Sequence[Need], *, limit: int = _LIMIT
) -> dict[str, Node] | None:
    """Find a choice for every key that the roots lead to, or None where there is none.

    Depth first, in the order of preference, with jumps back over decisions that the failure does
    not depend on (conflict-directed backjumping, P. Prosser 1993). Raises `UndecidedError` after
    `limit` candidates.
    """
    return _Search(universe, roots, limit).run()


@dataclass(slots=True)
class _Decision:
    """A key that is being decided: what is left to try, and which decisions stand in the way."""

    key: str
    left: Iterator[Node]
    blamed: set[str]
    added: tuple[Need, ...] = ()


class _Search:
    def __init__(self, universe: Universe, roots: Sequence[Need], limit: int) -> None:
        self._universe = universe
        self._limit = limit
        self._tried = 0
        self._chosen: dict[str, Node] = {}
        self._needs: dict[str, list[Need]] = {}
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
        return min(
            undecided, key=lambda key: (self._universe.rank(self._needs[key]), key), default=None
        )

    def _decision(self, key: str) -> _Decision:
        name = key.partition("[")[0]
        base = self._chosen.get(name)
        needs = [*self._needs[key], *(self._needs.get(name, ()) if name != key else ())]
        blamed = {need.parent.key for need in needs if need.parent is not None}
        if base is None:
            return _Decision(key, self._universe.nodes(key, needs), blamed)
        # An extra whose base is decided has that one choice.
        node = self._universe.node(base.candidate, extra_of(key))
        fits = all(self._universe.accepts(need, node) for need in self._needs[key])
        return _Decision(key, iter([node] if fits else []), blamed | {name})

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

    def _withdraw(self, needs: Sequence[Need]) -> None:
        for need in reversed(needs):
            asked = self._needs[need.key]
            asked.pop()
            if not asked:
                del self._needs[need.key]
