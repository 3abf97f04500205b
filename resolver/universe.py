"""Everything that can be chosen for one question, in order of preference, each thing made once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from .errors import BrokenMetadataError
from .graph import Need, Node, admits, extra_of, is_exact, satisfies
from .sources.installed import InstalledSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from .candidates import Candidate
    from .installed import Installed
    from .rules import RequirementSet, Root
    from .sources import Source
    from .target import Target


class Shelf:
    """Hold candidates of one name, best first, and remember which a specifier admits."""

    __slots__ = ("_masks", "candidates")

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        self.candidates = tuple(candidates)
        self._masks: dict[SpecifierSet, int] = {}

    def mask(self, specifier: SpecifierSet) -> int:
        """Return the admitted candidates as bits, the first candidate the lowest."""
        known = self._masks.get(specifier)
        if known is None:
            known = sum(
                1 << index
                for index, each in enumerate(self.candidates)
                if specifier.contains(each.version, prereleases=True)
            )
            self._masks[specifier] = known
        return known


class Universe:
    """Answer what may be chosen for a key, what a choice needs, and whether it satisfies a need.

    `RequirementSet` and what is installed fix the rules; sources are asked in order, each only when
    what stands before it does not do.
    """

    def __init__(
        self,
        requirements: RequirementSet,
        installed: Installed,
        sources: Sequence[Source] = (),
        late_sources: Callable[[], Sequence[Source]] | None = None,
    ) -> None:
        self.requirements = requirements
        self.target: Target = installed.target
        self.here = InstalledSource(installed)
        self._places: tuple[Source, ...] = (self.here, *sources)
        self._late_sources = late_sources
        self.seen: dict[Node, tuple[Need, ...] | None] = {}
        """The needs of every node that was looked into; None: its metadata is unusable."""
        self.broken: dict[Candidate, str] = {}
        """Why a candidate's metadata is unusable."""

        self._limits = _specifiers(
            (line.requirement.name, line.requirement.specifier) for line in requirements.constraints
        )
        self._exact = _exact_pins(requirements)
        self.everywhere = requirements.everywhere
        self._shelves: dict[tuple[str, Source], tuple[Shelf, Shelf]] = {}
        self._nodes: dict[tuple[Candidate, str], Node] = {}
        self._accepts: dict[tuple[Need, Node], bool] = {}
        self.roots: tuple[Need, ...] = tuple(
            need for root in requirements.roots for need in self._split(root.requirement, root=root)
        )

    @property
    def is_closed(self) -> bool:
        """Tell that there is nothing beside what is installed."""
        return len(self._places) == 1 and self._late_sources is None

    def places(self) -> Iterator[Source]:
        """Yield the sources in their order; the late ones are made when nothing else is left."""
        place = 0
        while True:
            if place == len(self._places) and self._late_sources is not None:
                self._places += tuple(self._late_sources())
                self._late_sources = None
            if place == len(self._places):
                return
            yield self._places[place]
            place += 1

    # What may be chosen

    def nodes(self, key: str, needs: Sequence[Need] = ()) -> Iterator[Node]:
        """Yield what satisfies all needs, best first: installed, then each source, newest first.

        Pre-releases come after every stable version of every source.
        """
        name, extra = key.partition("[")[0], extra_of(key)
        for shelf in self._in_order(name):
            admitted = (1 << len(shelf.candidates)) - 1
            for need in needs:
                admitted &= self._mask(shelf, need)
            for index, candidate in enumerate(shelf.candidates):
                if admitted >> index & 1:
                    yield self.node(candidate, extra)

    def node(self, candidate: Candidate, extra: str = "") -> Node:
        """Return the one node of a candidate and an extra."""
        known = self._nodes.get((candidate, extra))
        if known is None:
            key = f"{candidate.name}[{extra}]" if extra else candidate.name
            known = self._nodes[candidate, extra] = Node(key, candidate, extra)
        return known

    def installed(self, name: str) -> Candidate | None:
        """Return what is installed under a name, whether or not it may be chosen."""
        return next(iter(self.here.candidates(name)), None)

    def accepts(self, need: Need, node: Node) -> bool:
        """Tell whether a choice for the need's key satisfies it."""
        known = self._accepts.get((need, node))
        if known is None:
            known = self._accepts[need, node] = satisfies(need, node.candidate)
        return known

    def exclusion(self, candidate: Candidate) -> str:
        """Say why the rules exclude a candidate whoever asks for it; empty when they do not."""
        version = candidate.version
        limit = self._limits.get(candidate.name)
        if candidate.unusable:
            return candidate.unusable
        if limit is not None and not limit.contains(version, prereleases=True):
            return f"a constraint says {limit}"
        if not candidate.requires_python.contains(self.target.python_version, prereleases=True):
            return f"it is for Python {candidate.requires_python}"
        if candidate.yanked and not any(
            pin.contains(version, prereleases=True) for pin in self._exact.get(candidate.name, ())
        ):
            return "it was withdrawn (yanked)"
        return self.broken.get(candidate, "")

    # What a choice needs

    def needs(self, node: Node) -> tuple[Need, ...] | None:
        """Return the needs of a node, in the order of its metadata; None where it is unusable."""
        if node not in self.seen:
            try:
                self.seen[node] = self._read_needs(node)
            except BrokenMetadataError as error:
                self.broken[node.candidate] = str(error)
                self.seen[node] = None
        return self.seen[node]

    def _read_needs(self, node: Node) -> tuple[Need, ...] | None:
        candidate = node.candidate
        metadata = candidate.source.metadata(candidate)
        if candidate.source is not self.here and not metadata.requires_python.contains(
            self.target.python_version, prereleases=True
        ):
            self.broken[candidate] = f"it is for Python {metadata.requires_python}"
            return None
        wanted = metadata.needs(self.target)
        if not node.extra:
            asked = self.everywhere.over(wanted)
            return tuple(need for each in asked for need in self._split(each, parent=node))
        base = {id(each) for each in wanted}
        own = [each for each in metadata.needs(self.target, node.extra) if id(each) not in base]
        tie = Need(
            candidate.name, candidate.name, Requirement(candidate.name), node, exact=candidate
        )
        asked = self.everywhere.over(own)
        return (tie, *(need for each in asked for need in self._split(each, parent=node)))

    def _split(
        self, requirement: Requirement, *, parent: Node | None = None, root: Root | None = None
    ) -> Iterator[Need]:
        """Turn `name[a,b]>=1` into needs on `name`, `name[a]` and `name[b]`."""
        name = canonicalize_name(requirement.name)
        tolerated = self.tolerated(requirement, parent.candidate if parent else None)
        for key in (name, *(f"{name}[{canonicalize_name(e)}]" for e in sorted(requirement.extras))):
            yield Need(key, name, requirement, parent, root, tolerated=tolerated)

    def tolerated(self, requirement: Requirement, parent: Candidate | None) -> Candidate | None:
        """Return what contradicts an installed parent's metadata, and yet was installed beside it.

        It is what ran. A line that asks for another version of either end rules out what is
        installed there, and the tolerance with it.
        """
        name = canonicalize_name(requirement.name)
        if parent is None or parent.source is not self.here or name in self.everywhere:
            return None
        found = self.installed(name)
        return None if found is None or admits(requirement, found) else found

    # Shelves

    def _in_order(self, name: str) -> Iterator[Shelf]:
        for source in self.places():
            yield self._shelves_of(name, source)[0]
        for source in self.places():
            yield self._shelves_of(name, source)[1]

    def _shelves_of(self, name: str, source: Source) -> tuple[Shelf, Shelf]:
        """Return the stable and the pre-release candidates of one source that may be chosen."""
        if (name, source) not in self._shelves:
            usable = [each for each in source.candidates(name) if not self.exclusion(each)]
            usable.sort(key=lambda each: each.version, reverse=True)
            # What is installed was seen to run, whatever its version is called.
            waits = source is not self.here
            early = [each for each in usable if waits and each.version.is_prerelease]
            stable = [each for each in usable if each not in early]
            self._shelves[name, source] = Shelf(stable), Shelf(early)
        return self._shelves[name, source]

    def _mask(self, shelf: Shelf, need: Need) -> int:
        if need.exact is not None or need.tolerated is not None or need.requirement.url:
            return _bits(shelf.candidates, lambda each: satisfies(need, each))
        return shelf.mask(need.requirement.specifier)


def _bits(candidates: Sequence[Candidate], admits: Callable[[Candidate], bool]) -> int:
    return sum(1 << index for index, each in enumerate(candidates) if admits(each))


def _specifiers(pairs: Iterable[tuple[str, SpecifierSet]]) -> dict[str, SpecifierSet]:
    joined: dict[str, SpecifierSet] = {}
    for name, specifier in pairs:
        joined[name] = joined.get(name, SpecifierSet()) & specifier
    return joined


def _exact_pins(requirements: RequirementSet) -> dict[str, list[SpecifierSet]]:
    """Gather the exact pins that admit a yanked version: those of roots and constraints."""
    pins: dict[str, list[SpecifierSet]] = {}
    asked = [root.requirement for root in (*requirements.roots, *requirements.overrides)]
    asked += [line.requirement for line in requirements.constraints]
    for requirement in asked:
        if is_exact(requirement.specifier):
            pins.setdefault(requirement.name, []).append(requirement.specifier)
    return pins
