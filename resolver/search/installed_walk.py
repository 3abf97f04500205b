"""The fast path: a walk over the installed distributions, if there is nothing to choose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .graph import extra_of

if TYPE_CHECKING:
    from .graph import Need, Node
    from .universe import Universe


def walk(universe: Universe) -> tuple[dict[str, Node], tuple[Need, ...]]:
    """Walk from the roots over installed metadata.

    Return the reached nodes by key, and every need that the installed distributions violate.
    Without violations a search would return the same: each name has one first choice, which fits.
    """
    reached: dict[str, Node] = {}
    violated: list[Need] = []
    open_needs = list(reversed(universe.roots))
    while open_needs:
        need = open_needs.pop()
        node = reached.get(need.key) or _installed_node(universe, need)
        if node is None or not universe.accepts(need, node):
            violated.append(need)
        elif need.key not in reached:
            reached[need.key] = node
            open_needs += reversed(universe.needs(node) or ())
    return reached, tuple(violated)


def _installed_node(universe: Universe, need: Need) -> Node | None:
    candidate = universe.installed(need.name)
    if candidate is None or universe.exclusion(candidate):
        return None
    return universe.node(candidate, extra_of(need.key))
