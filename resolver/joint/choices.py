"""Candidates for several targets at once: versions that some of them share."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from packaging.requirements import Requirement

from ..search.candidate_set import WHEELS
from ..search.graph import Need, Node, extra_of, preference
from ..sources.protocol import Candidate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from packaging.version import Version

    from ..search.graph import Rank
    from ..search.universe import Universe
    from .partitions import Partition

Answers: TypeAlias = "Sequence[Mapping[str, Node]]"
"""The choice of each target, as a search of its own universe returns it."""


class SharedChoices:
    """A universe for several targets, in which the targets of a group share a version.

    It implements `Choices`. The version of a name in its first group is the key "numpy@0". The
    third target's version of it, "numpy@0[2]", is tied to that as an extra is to its base in one
    universe. So are the target's extras, "numpy@0[2 docs]".
    """

    def __init__(
        self,
        universes: Sequence[Universe],
        alone: Answers,
        partitions: Mapping[str, Partition],
        others: Partition,
        look: Callable[[], None] = lambda: None,
    ) -> None:
        self._universes = universes
        self._alone = alone
        """The choices of each target by itself."""
        self._partitions = partitions
        self._others = others
        """The groups of targets for names without a group of their own."""
        self._look = look
        """Called before a candidate is looked at for the first time; may give up."""
        self.names: set[str] = set()
        """The names that were requested."""
        self._real: dict[Need, tuple[int, Need]] = {}
        self._shared: dict[tuple[str, Version], Candidate] = {}
        self._members: dict[tuple[Candidate, int], Candidate | None] = {}
        self._nodes: dict[tuple[Candidate, str], Node] = {}
        self._needs: dict[Node, tuple[Need, ...] | None] = {}
        self._accepts: dict[tuple[Need, Node], bool] = {}
        self._ranks: dict[Need, Rank] = {}
        self.roots: tuple[Need, ...] = tuple(
            need
            for place, universe in enumerate(universes)
            for root in universe.roots
            for need in self._of_all(root, place, None)
        )

    def nodes(self, key: str, needs: Sequence[Need] = ()) -> Iterator[Node]:
        """Yield the versions that all targets which need the name accept, best first."""
        name = key.partition("@")[0]
        asked: dict[int, list[Need]] = {}
        for need in needs:
            if need.exact is None:
                place, real = self._real[need]
                asked.setdefault(place, []).append(real)
        found = {place: self._by_version(name, place, each) for place, each in asked.items()}
        for version in found[min(found)]:
            if all(version in each for each in found.values()):
                shared = self._share(key, version)
                for place, each in found.items():
                    self._members.setdefault((shared, place), each[version])
                yield self.node(shared)

    def node(self, candidate: Candidate, extra: str = "") -> Node:
        """Return the one node of a shared version, or of a target's part of it."""
        known = self._nodes.get((candidate, extra))
        if known is None:
            key = f"{candidate.name}[{extra}]" if extra else candidate.name
            known = self._nodes[candidate, extra] = Node(key, candidate, extra)
        return known

    def needs(self, node: Node) -> tuple[Need, ...] | None:
        """Return the needs of a target for its part; None if that is unusable."""
        if node not in self._needs:
            self._needs[node] = self._read_needs(node)
        return self._needs[node]

    def accepts(self, need: Need, node: Node) -> bool:
        """Return whether a shared version satisfies a target's need."""
        if need.exact is not None:
            return node.candidate is need.exact
        known = self._accepts.get((need, node))
        if known is None:
            place, real = self._real[need]
            there = self._there(node.candidate, place, real.key)
            known = there is not None and self._universes[place].accepts(real, there)
            self._accepts[need, node] = known
        return known

    def rank(self, needs: Sequence[Need]) -> tuple[bool, ...]:
        """Return the rank of a key: the one with the least choice is decided first."""
        for need in needs:
            if need not in self._ranks:
                self._ranks[need] = preference(need)
        return tuple(map(min, zip(*(self._ranks[need] for need in needs), strict=True)))

    def parted(self, choice: Mapping[str, Node]) -> Answers:
        """Return the choice of each target within a shared choice."""
        answers: list[dict[str, Node]] = [{} for _ in self._universes]
        for node in choice.values():
            if node.extra:
                place, real = self._real_node(node)
                assert real is not None
                answers[place][real.key] = real
        return answers

    def versions(self, name: str, place: int) -> tuple[Version, ...]:
        """Return the versions of a name that a target may choose, limited by its roots alone."""
        roots = [each for each in self._universes[place].roots if each.key == name]
        return tuple(self._by_version(name, place, roots))

    def _read_needs(self, node: Node) -> tuple[Need, ...] | None:
        if not node.extra:
            return ()
        place, real = self._real_node(node)
        if real is None:
            return None
        if real not in self._universes[place].expanded:
            self._look()
        needs = self._universes[place].needs(real)
        if needs is None:
            return None
        base = node.candidate.name
        tie = Need(base, base, Requirement(base.partition("@")[0]), node, exact=node.candidate)
        return (tie, *(each for need in needs for each in self._of_all(need, place, node)))

    def _of_all(self, need: Need, place: int, parent: Node | None) -> Iterator[Need]:
        """Return the needs of one target as needs on shared versions and on its parts."""
        if need.exact is not None:
            return  # the base of an extra is tied to the shared version itself
        base = self._base(need.name, place)
        extra = extra_of(need.key)
        for key in (base, f"{base}[{place}{' ' if extra else ''}{extra}]"):
            made = Need(key, base, need.requirement, parent, need.root)
            self._real[made] = place, need
            yield made

    def _base(self, name: str, place: int) -> str:
        self.names.add(name)
        groups = self._partitions.get(name, self._others)
        return f"{name}@{next(i for i, group in enumerate(groups) if place in group)}"

    def _share(self, base: str, version: Version) -> Candidate:
        known = self._shared.get((base, version))
        if known is None:
            source = self._universes[0].installed_source
            known = self._shared[base, version] = Candidate(base, version, source)
        return known

    def _real_node(self, node: Node) -> tuple[int, Node | None]:
        """Return the target of a node, and its node there; None if there is none."""
        place, _, extra = node.extra.partition(" ")
        name = node.candidate.name.partition("@")[0]
        key = f"{name}[{extra}]" if extra else name
        return int(place), self._there(node.candidate, int(place), key)

    def _there(self, shared: Candidate, place: int, key: str) -> Node | None:
        """Return the node of a shared version on a target."""
        if (shared, place) not in self._members:
            name = shared.name.partition("@")[0]
            found = self._by_version(name, place, ()).get(shared.version)
            self._members[shared, place] = found
        member = self._members[shared, place]
        return None if member is None else self._universes[place].node(member, extra_of(key))

    def _by_version(
        self, name: str, place: int, needs: Sequence[Need]
    ) -> Mapping[Version, Candidate]:
        """Return a target's candidates of a name, best first; source-only ones if needed.

        Of several with one version it is the one that the target chooses by itself.
        """
        own, universe = self._alone[place].get(name), self._universes[place]
        nodes = [*universe.nodes(name, needs, WHEELS)] or universe.nodes(name, needs)
        found: dict[Version, Candidate] = {}
        for node in nodes:
            if node.candidate.version not in found or node is own:
                found[node.candidate.version] = node.candidate
        return found
