"""Pins that differ from what ran, and the line that moved each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..search.graph import admits
from ..search.resolution import Move

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from packaging.version import Version

    from ..search.graph import Need, Node
    from ..search.universe import Universe
    from ..sources.protocol import Candidate


class Moves:
    """The pins of a choice that differ from what ran."""

    def __init__(
        self, choice: Mapping[str, Node], needs: Mapping[str, Sequence[Need]], universe: Universe
    ) -> None:
        self._choice = choice
        self._needs = needs
        self._universe = universe
        rules = universe.requirements
        self._traced = {
            root.name: root.traced
            for root in reversed((*rules.roots, *rules.replaced))
            if root.traced is not None
        }

    def __iter__(self) -> Iterator[Move]:
        for key in sorted(self._choice):
            candidate = self._choice[key].candidate
            before = self._before(candidate.name)
            if key == candidate.name and before not in {None, candidate.version}:
                assert before is not None
                yield Move(key, before, candidate.version, self._cause(key, frozenset()))

    def _before(self, name: str) -> Version | None:
        """Return the version that ran: the traced one, else the installed one."""
        if name in self._traced:
            return self._traced[name]
        here = self._universe.installed(name)
        return here.version if here else None

    def _cause(self, name: str, told: frozenset[str]) -> str:
        """Return the line that moved a name, through other moves if needed."""
        here = self._universe.installed(name)
        if here is None:
            return "that version is not installed"
        told |= {name}
        return (
            self._by_line(name, here)
            or self._by_parent(name, here, told)
            or self._by_its_own_needs(here, told)
            or f"no choice with {here} meets all requirements"
        )

    def _by_line(self, name: str, here: Candidate) -> str | None:
        rules = self._universe.requirements
        lines = [(root.requirement, root.origin) for root in (*rules.overrides, *rules.roots)]
        lines += [(line.requirement, line.origin) for line in rules.constraints]
        for requirement, origin in lines:
            if requirement.name == name and not admits(requirement, here):
                return str(origin)
        return None

    def _by_parent(self, name: str, here: Candidate, told: frozenset[str]) -> str | None:
        for need in self._needs[name]:
            if need.parent is None or need.exact is not None:
                continue
            parent = need.parent.candidate
            if parent.name in told or here is need.tolerated or admits(need.requirement, here):
                continue
            reason = f"{parent} requires {need.requirement}"
            return f"{reason}{self._further(parent.name, told)}"
        return None

    def _by_its_own_needs(self, here: Candidate, told: frozenset[str]) -> str | None:
        for need in self._universe.expanded.get(self._universe.node(here)) or ():
            chosen = self._choice.get(need.key)
            if chosen is None or need.name in told or self._universe.accepts(need, chosen):
                continue
            reason = f"{here} requires {need.requirement}"
            return f"{reason}{self._further(need.name, told)}"
        return None

    def _further(self, name: str, told: frozenset[str]) -> str:
        if self._before(name) in {None, self._choice[name].candidate.version}:
            lines = [
                str(root.origin)
                for root in self._universe.requirements.roots
                if root.name == name and root.by_user
            ]
            return f" ({lines[0]})" if lines else ""
        return f", and {name} moved because {self._cause(name, told)}"
