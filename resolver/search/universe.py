"""The candidates of one question, in order of preference, each made once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..errors import BrokenMetadataError
from ..requirements.per_name_options import RELEASES, ByName
from ..sources.installed import InstalledSource
from ..sources.protocol import BUILT, Prefetching
from .candidate_set import RANKS, CandidateSet, Ranking
from .exclusions import Exclusions
from .graph import Need, Node, admits, extra_of, preference, satisfies
from .unbuilt import Sources, unbuilt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from packaging.version import Version

    from ..index.simple_api import Link
    from ..installed.environment import Installed
    from ..requirements.merge import RequirementSet, Root
    from ..sources.protocol import Candidate, Source
    from ..target import Target
    from .graph import Rank
    from .unbuilt import Unbuilt

# A key that nothing requires any more ranks last.
_NO_RANK = (True, True, True, True, True)
Prefer: TypeAlias = Literal["installed", "newest"]


class Universe:
    """The candidates for a key, the needs of each, and whether it satisfies a need.

    `RequirementSet` and the installed distributions fix the rules; sources are asked in order, each
    only when the ones before it do not suffice. `preferred` versions come before all others of
    their name; with `prefer="newest"` an installed version is a candidate like any other. Unless
    `builds` is given, a candidate that has to be built first is used only if no other is usable.
    """

    def __init__(
        self,
        requirements: RequirementSet,
        installed: Installed,
        sources: Sequence[Source] = (),
        late_sources: Callable[[], Sequence[Source]] | None = None,
        *,
        prefer: Prefer = "installed",
        tolerant: bool = True,
        preferred: Mapping[str, Version] | None = None,
        builds: bool = False,
        wheels_first: bool = False,
        spend: Callable[[], None] | None = None,
    ) -> None:
        self.requirements = requirements
        self._installed = installed
        self.target: Target = installed.target
        self.installed_source = InstalledSource(installed)
        self.overrides = requirements.everywhere
        self._sources: tuple[Source, ...] = (self.installed_source, *sources)
        self._late_sources = late_sources
        self._prefer = prefer
        self._tolerant = tolerant
        self._exclusions = Exclusions(requirements, self.target)
        releases = ByName.of_options(requirements.options, RELEASES)
        self._ranking = Ranking(dict(preferred or {}), releases, wheels_first)
        self.expanded: dict[Node, tuple[Need, ...] | None] = {}
        """The needs of every node that was looked into; None: its metadata is unusable."""
        self.broken: dict[Candidate, str] = {}
        """The reason why a candidate's metadata is unusable, by candidate."""
        self.source_only = Sources()
        """The candidates that were passed over because they would need a build."""
        self._builds = builds
        self._spend = spend
        self._sets: dict[tuple[str, Source | None], tuple[CandidateSet, ...]] = {}
        self._nodes: dict[tuple[Candidate, str], Node] = {}
        self._accepts: dict[tuple[Need, Node], bool] = {}
        self._ranks: dict[Need, Rank] = {}
        self.roots: tuple[Need, ...] = tuple(
            need
            for root in requirements.roots
            for asked in self.overrides.over([root.requirement])
            for need in self._split(asked, root=root)
        )

    @property
    def is_closed(self) -> bool:
        """Whether there are no candidates beside the installed ones."""
        return len(self._sources) == 1 and self._late_sources is None

    @property
    def prefers_installed(self) -> bool:
        """Whether an installed version is chosen wherever it fits."""
        return self._prefer == "installed" and not self._ranking.preferred

    def sources(self) -> Iterator[Source]:
        """Yield the sources in order; late ones are made when nothing else is left."""
        number = 0
        while True:
            if number == len(self._sources) and self._late_sources is not None:
                self._sources += tuple(self._late_sources())
                self._late_sources = None
                self._prefetch((*self.roots, *_all_needs(self.expanded)))
            if number == len(self._sources):
                return
            yield self._sources[number]
            number += 1

    @property
    def asked(self) -> tuple[Source, ...]:
        """Return the sources that were used so far."""
        return self._sources

    def asking(
        self, requirements: RequirementSet, *first: Source, spend: Callable[[], None] | None = None
    ) -> Universe:
        """Return a universe with the same sources, and others `first`, for another question.

        `spend` is called for each candidate that is looked at, and may give the question up.
        """
        sources = (*first, *tuple(self.sources())[1:])
        return Universe(
            requirements,
            self._installed,
            sources,
            prefer=self._prefer,
            tolerant=self._tolerant,
            preferred=self._ranking.preferred,
            builds=self._builds,
            wheels_first=self._ranking.wheels,
            spend=spend,
        )

    def close(self) -> None:
        """Drop what the sources fetch ahead."""
        for source in self._sources:
            if isinstance(source, Prefetching):
                source.close()

    # What may be chosen

    def nodes(
        self, key: str, needs: Sequence[Need] = (), ranks: Iterable[int] = RANKS
    ) -> Iterator[Node]:
        """Yield all that satisfy the needs, best first: preferred, installed, each source's newest.

        Pre-releases come after every stable version of every source. Candidates that need a build
        are included if there are no others. With `ranks`, only these.
        """
        name, extra = key.partition("[")[0], extra_of(key)
        unbuilt: list[Candidate] = []
        known = False
        for candidates in self._in_order(name, ranks):
            admitted = candidates.all
            for need in needs:
                admitted &= self._mask(candidates, need)
            for candidate in candidates.pick(admitted):
                if not self._builds and self.source_only.leaves_open(candidate):
                    unbuilt.append(candidate)
                else:
                    known = True
                    yield self.node(candidate, extra)
        if not known:
            yield from (self.node(candidate, extra) for candidate in unbuilt)

    def unbuilt(self, candidate: Candidate) -> Unbuilt | None:
        """Return the build that a candidate needs before its requirements are known; None: none."""
        return unbuilt(candidate, self.requirements.settings.get(candidate.name, ()))

    def node(self, candidate: Candidate, extra: str = "") -> Node:
        """Return the one node of a candidate and an extra."""
        known = self._nodes.get((candidate, extra))
        if known is None:
            key = f"{candidate.name}[{extra}]" if extra else candidate.name
            known = self._nodes[candidate, extra] = Node(key, candidate, extra)
        return known

    def installed(self, name: str) -> Candidate | None:
        """Return the installed candidate of a name, whether or not it may be chosen."""
        found = self.installed_source.candidates(name)
        return found[0] if found else None

    def accepts(self, need: Need, node: Node) -> bool:
        """Return whether a choice for the need's key satisfies it."""
        known = self._accepts.get((need, node))
        if known is None:
            known = self._accepts[need, node] = satisfies(need, node.candidate)
        return known

    def exclusion(self, candidate: Candidate) -> str:
        """Return why the rules exclude a candidate, whatever requires it; empty: they do not."""
        reason = self._exclusions.reason(candidate) or self.broken.get(candidate, "")
        is_one_of_all = self._prefer == "newest" and candidate.source is self.installed_source
        return reason or (self._exclusions.age(candidate, self.sources()) if is_one_of_all else "")

    def files(self, candidate: Candidate) -> tuple[Link, ...]:
        """Return the files that a candidate may be installed from, the best first."""
        return self._exclusions.hashes.files(candidate)

    def hashes(self, name: str) -> tuple[str, ...]:
        """Return the allowed digests of a name's files, sorted; empty: all are allowed."""
        return tuple(sorted(self._exclusions.hashes.allowed.get(name, ())))

    def rank(self, needs: Sequence[Need]) -> tuple[bool, ...]:
        """Return the rank of a key: the one with the least choice is decided first."""
        ranks = self._ranks
        for need in needs:
            if need not in ranks:
                ranks[need] = preference(need)
        return tuple(map(min, zip(*(ranks[need] for need in needs), strict=True))) or _NO_RANK

    # What a choice needs

    def needs(self, node: Node) -> tuple[Need, ...] | None:
        """Return the needs of a node, in the order of its metadata; None if it is unusable.

        Raises the errors of `spend`.
        """
        if self._spend is not None:
            self._spend()
        if node not in self.expanded:
            try:
                self.expanded[node] = self._read_needs(node)
            except BrokenMetadataError as error:
                self.broken[node.candidate] = str(error)
                self.expanded[node] = None
            self._prefetch(self.expanded[node] or ())
        return self.expanded[node]

    def requirements_of(self, candidate: Candidate, extra: str = "") -> Iterator[Requirement]:
        """Yield a candidate's requirements, with `extra` those that it adds, after overrides."""
        metadata = candidate.source.metadata(candidate)
        wanted = metadata.needs(self.target)
        if extra:
            base = {id(each) for each in wanted}
            asked = metadata.needs(self.target, extra)
            wanted = tuple(each for each in asked if id(each) not in base)
        return self.overrides.over(wanted)

    def _read_needs(self, node: Node) -> tuple[Need, ...] | None:
        candidate = node.candidate
        own = tuple(self.requirements_of(candidate, node.extra))
        is_here = candidate.source is self.installed_source
        if reason := "" if is_here else self._exclusions.of_metadata(candidate):
            self.broken[candidate] = reason
            return None
        needs = tuple(need for each in own for need in self._split(each, parent=node))
        if not node.extra:
            return needs
        name = candidate.name
        return (Need(name, name, Requirement(name), node, exact=candidate), *needs)

    def _split(
        self, requirement: Requirement, *, parent: Node | None = None, root: Root | None = None
    ) -> Iterator[Need]:
        """Return `name[a,b]>=1` as needs on `name`, `name[a]` and `name[b]`."""
        name = canonicalize_name(requirement.name)
        tolerated = self.tolerated(requirement, parent.candidate if parent else None)
        yield Need(name, name, requirement, parent, root, tolerated=tolerated)
        for extra in sorted(map(canonicalize_name, requirement.extras)):
            yield Need(f"{name}[{extra}]", name, requirement, parent, root, tolerated=tolerated)

    def tolerated(self, requirement: Requirement, parent: Candidate | None) -> Candidate | None:
        """Return the installed candidate that contradicts an installed parent's metadata.

        Both ran together. A line that requests another version of either one excludes the installed
        one, and ends the tolerance. An override does the same.
        """
        name = canonicalize_name(requirement.name)
        ran = parent is not None and parent.source is self.installed_source
        if not self._tolerant or not ran or name in self.overrides:
            return None
        found = self.installed(name)
        return None if found is None or admits(requirement, found) else found

    def _prefetch(self, needs: Iterable[Need]) -> None:
        """Start fetching the answers that sources will need, if they can."""
        if len(self._sources) == 1:
            return
        distant = [source for source in self._sources if isinstance(source, Prefetching)]
        near = [source for source in self._sources[1:] if source not in distant]
        if not distant:
            return
        wanted = [
            (need.name, need.requirement.specifier & self._exclusions.limit(need.name))
            for need in needs
            if need.exact is None and not need.requirement.url and need.key == need.name
            if self._prefer == "newest" or not self._is_met_here(need)
            if not any(source.candidates(need.name) for source in near)
        ]
        for source in distant:
            source.expect(wanted)

    def _is_met_here(self, need: Need) -> bool:
        here = self.installed(need.name)
        return here is not None and satisfies(need, here) and not self.exclusion(here)

    # Candidate sets

    def _in_order(self, name: str, ranks: Iterable[int]) -> Iterator[CandidateSet]:
        of_preferred = () if name in self._ranking.preferred else (0, 2)
        for rank in (each for each in ranks if each not in of_preferred):
            if self._prefer == "newest":
                yield self._sets_of(name, None)[rank]
                continue
            for source in self.sources():
                yield self._sets_of(name, source)[rank]

    def _sets_of(self, name: str, source: Source | None) -> tuple[CandidateSet, ...]:
        """Return the candidates of a source (None: of all), by `RANKS`."""
        if (name, source) not in self._sets:
            sources = tuple(self.sources()) if source is None else (source,)
            built = [each for each in self._sources if each.label == BUILT]
            known = {each.version for one in built for each in one.candidates(name)}
            usable = [
                each
                for one in sources
                for each in one.candidates(name)
                if not self.exclusion(each) and (one in built or each.version not in known)
            ]
            ranked: tuple[list[Candidate], ...] = tuple([] for _ in RANKS)
            for each in sorted(usable, key=lambda each: each.version, reverse=True):
                ranked[self._ranking.rank(each)].append(each)
            self._sets[name, source] = tuple(map(CandidateSet, ranked))
        return self._sets[name, source]

    def _mask(self, held: CandidateSet, need: Need) -> int:
        known = held.met.get(need)
        if known is None:
            known = held.met[need] = self._new_mask(held, need)
        return known

    def _new_mask(self, held: CandidateSet, need: Need) -> int:
        if need.exact is not None or need.tolerated is not None or need.requirement.url:
            return sum(1 << i for i, each in enumerate(held.candidates) if satisfies(need, each))
        return held.mask(need.requirement.specifier)


def _all_needs(expanded: Mapping[Node, tuple[Need, ...] | None]) -> Iterator[Need]:
    return (need for needs in expanded.values() for need in needs or ())
