"""A choice or a refusal: by a walk if nothing moves, else by a search, and checked."""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from ..errors import UndecidedError
from .backjump_search import search
from .installed_walk import walk as walk_installed
from .verify import check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .graph import Need, Node
    from .universe import Universe


@dataclass(frozen=True, slots=True)
class Refusal:
    """The answer that there is no choice."""

    causes: tuple[Need, ...]
    """The needs of the last conflict; for a walk, all unmet needs."""

    is_complete: bool = False
    """Whether the causes are all faults there are, as a walk finds them."""


def decide(universe: Universe, *, walk: bool = True) -> Mapping[str, Node] | Refusal:
    """Return a sound choice for every key that the roots lead to, or a refusal that is true.

    Raises `UndecidedError` if neither is found in time.
    """
    if walk and universe.prefers_installed:
        reached, violated = walk_installed(universe)
        if not violated and not check(reached, universe):
            return reached
        if violated and universe.is_closed:
            return Refusal(violated, is_complete=True)
    return _searched(universe)


def choose(universe: Universe) -> Mapping[str, Node] | None:
    """Return a sound choice, or None if there is none. Raises `UndecidedError`."""
    answer = decide(universe)
    return None if isinstance(answer, Refusal) else answer


def _searched(universe: Universe) -> Mapping[str, Node] | Refusal:
    """Return resolvelib's answer if it can be trusted, else that of the complete search."""
    from .provider import ask_resolvelib  # most questions need no search

    answer = ask_resolvelib(universe, universe.roots)
    if isinstance(answer, tuple):
        if not _has_cycle(universe):
            return Refusal(answer)
    elif answer is not None and not check(answer, universe):
        return answer
    causes = answer if isinstance(answer, tuple) else ()
    try:
        choice = search(universe, universe.roots)
    except UndecidedError:
        if not causes:
            raise
        choice = None
    return Refusal(causes) if choice is None else choice


def _has_cycle(universe: Universe) -> bool:
    """Return whether the looked-at part has a cycle; without one, resolvelib's refusal is right."""
    graph: dict[str, set[str]] = {}
    for node, needs in universe.expanded.items():
        graph.setdefault(node.key, set()).update(need.key for need in needs or ())
    try:
        TopologicalSorter(graph).prepare()
    except CycleError:
        return True
    return False
