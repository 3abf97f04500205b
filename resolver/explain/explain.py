"""Conflicts in sentences: the requirements that clash, their origins, and what to change."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from typing import TYPE_CHECKING

from ..errors import UndecidedError
from ..local_files import path_of
from ..requirements.lines import Line
from ..requirements.merge import TRACED, Root
from ..requirements.references import hide_logins
from ..requirements.text import without_marker
from ..search.decide import Refusal, choose, decide
from ..search.graph import admits
from ..sources.protocol import passed_over, remarks
from .effort import Effort
from .errors import ConflictError
from .later_uploads import uploaded_later
from .minimal_conflict import minimal_conflict
from .relaxations import only, verified

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ..search.graph import Need, Node
    from ..search.universe import Universe
    from .relaxations import Edit, Part

_FEW = 6
_EXAMPLES = 2
# The most candidates that an explanation may look at: some seconds.
_ASKED = 3_000
_PROJECT_HERE = (
    "A project on this machine is taken where it is installed, and is not built: install it, or"
    " build its wheel (pip wheel --no-deps) and name that file; what an index has under that name"
    " may be another's."
)


def explain(universe: Universe, refusal: Refusal) -> ConflictError:
    """Explain why no choice meets all requirements, and what would change it.

    If a search refused, only a minimal set of contradictory lines is explained. All that a walk
    found is explained. Every change that is proposed was tried.
    """
    explanation = _Explanation(universe, _by_name(refusal.causes))
    parts = explanation.parts()
    if not refusal.is_complete:
        parts = minimal_conflict(universe, choose, parts, Effort(_ASKED))
        explanation = _explanation_of(universe, parts, refusal)
    edits = verified(universe, _users_first(parts), choose, Effort(_ASKED))
    passed_by = (*_not_asked(universe, refusal), *_not_built(universe))
    return explanation.error(edits, passed_by)


def _explanation_of(universe: Universe, parts: tuple[Part, ...], refusal: Refusal) -> _Explanation:
    """Explain the contradictory lines alone, which takes the fewest sentences."""
    small = universe.asking(only(universe.requirements, parts), spend=Effort(_ASKED).spend)
    try:
        again = decide(small)
    except UndecidedError:
        again = {}
    if not isinstance(again, Refusal):
        small, again = universe, refusal
    causes = [need for need in again.causes if need.exact is None] or list(small.roots)
    by_name = _by_name(causes)
    for name, asked in by_name.items():
        # The root's own requirement on the name belongs to the clash, whoever reported it.
        asked.extend([need for need in small.roots if need.name == name and need not in asked])
        asked.extend(_of_other_versions(small, name, asked))
    return _Explanation(small, by_name)


def _not_asked(universe: Universe, refusal: Refusal) -> Iterator[str]:
    """Yield a sentence that names the indexes that were not asked, one for all names it concerns.

    These are the names that clash, and the roots that nothing satisfies: a list may have hundreds.
    """
    sources = tuple(universe.sources())
    clashing = dict.fromkeys(need.name for need in refusal.causes)
    if not any(said for name in clashing for said in passed_over(name, sources)):
        return
    unmet = (need.name for need in universe.roots if not any(universe.nodes(need.name, [need])))
    names: dict[str, list[str]] = {}
    for name in {**clashing, **dict.fromkeys(unmet)}:
        for said in passed_over(name, sources):
            names.setdefault(said, []).append(name)
    yield from (f"{_few(each)}: {said}." for said, each in names.items())


def _not_built(universe: Universe) -> Iterator[str]:
    """Yield a sentence that names the releases passed over because they would need a build."""
    found = (universe.source_only.newest(name) for name in universe.source_only.names)
    if newest := [str(each) for each in found if each is not None]:
        yield (
            "Passed over, as it is not known what they require before they are built (--build): "
            f"{_few(newest)}."
        )


def _of_other_versions(universe: Universe, name: str, asked: Sequence[Need]) -> list[Need]:
    """Gather the needs of other versions of the same parents: why none of them helps either."""
    parents = {need.parent.key for need in asked if need.parent is not None}
    return [
        need
        for node, needs in universe.expanded.items()
        if node.key in parents
        for need in needs or ()
        if need.name == name and need.exact is None and need not in asked
    ]


def _users_first(parts: Iterable[Part]) -> list[Part]:
    return sorted(parts, key=lambda part: isinstance(part, Root) and not part.by_user)


def _by_name(needs: Iterable[Need]) -> dict[str, list[Need]]:
    found: dict[str, list[Need]] = {}
    for need in needs:
        found.setdefault(need.name, []).append(need)
    return dict(sorted(found.items()))


class _Explanation:
    """The needs that clash, by name, and their sentences."""

    def __init__(self, universe: Universe, clashes: dict[str, list[Need]]) -> None:
        self._universe = universe
        self._clashes = clashes
        self._ways = _ways(universe)
        self._overrides = {each.name: each for each in universe.requirements.overrides}

    def error(self, edits: tuple[Edit, ...], passed_by: tuple[str, ...]) -> ConflictError:
        sentences = tuple(map(self._sentence, self._clashes))
        advice = (*passed_by, *self._advice(edits))
        return ConflictError(sentences, advice, edits, tuple(self._clashes))

    def parts(self) -> tuple[Part, ...]:
        """Return the lines that lead to the clash."""
        limits = (line for name in self._clashes for line in self._limits(name))
        return tuple(dict.fromkeys((*self._roots(), *limits)))

    def _sentence(self, name: str) -> str:
        needs = self._clashes[name]
        demands = self._demands(needs)
        demands += [
            f"{line.origin.place} allows only {line.requirement}" for line in self._limits(name)
        ]
        told = f"- {name}: {_few(demands, '; ')}. {self._availability(name, needs)}"
        return hide_logins(told)

    def _limits(self, name: str) -> list[Line]:
        lines = self._universe.requirements.constraints
        return [line for line in lines if line.requirement.name == name]

    def _demands(self, needs: Iterable[Need]) -> list[str]:
        """Return the requirements with their origins; like versions of one parent are grouped."""
        needs = list(needs)
        override = self._overrides.get(needs[0].name) if needs else None
        if override is not None:
            return [_override_demand(override, needs)]
        said: list[str] = []
        versions: dict[tuple[str, str, str], dict[str, None]] = {}
        for need in needs:
            if need.root is not None:
                said.append(_root_demand(need.root))
            elif need.parent is not None:
                parent = need.parent.candidate
                same = (parent.name, without_marker(need.requirement), self._because(need.parent))
                versions.setdefault(same, {})[str(parent.version)] = None
        parents = Counter(name for name, _, _ in versions)
        told: Counter[str] = Counter()
        for (name, demand, because), each in versions.items():
            verb = "requires" if len(each) == 1 else "require"
            told[name] += 1
            if told[name] <= _EXAMPLES:
                said.append(f"{name} {_few(list(each))} {verb} {demand}{because}")
            elif told[name] == parents[name]:
                said.append(f"other versions of {name} require others")
        return list(dict.fromkeys(said))

    def _because(self, node: Node) -> str:
        """Return the chain from a node to the line that started it."""
        chain: list[str] = []
        told: set[str] = set()
        while node.key not in told:
            told.add(node.key)
            need = self._who_wants(node)
            if need is None:
                break
            if need.root is not None:
                override = self._overrides.get(need.name)
                demand = _root_demand(need.root)
                chain.append(demand if override is None else _override_demand(override, [need]))
                break
            assert need.parent is not None
            node = need.parent
            if need.exact is None:
                override = self._overrides.get(need.name)
                made = "" if override is None else f" because {override.origin.place} says so"
                chain.append(f"{node.candidate} requires {without_marker(need.requirement)}{made}")
        return f" ({', '.join(chain)})" if chain else ""

    def _who_wants(self, node: Node) -> Need | None:
        """Return a need that this version meets, as near to a root as possible."""
        wanted = [need for need in self._ways[node.key] if self._universe.accepts(need, node)]
        return next(iter(wanted or self._ways[node.key]), None)

    def _availability(self, name: str, needs: Iterable[Need]) -> str:
        """Return the available versions, and why those that the needs admit cannot be chosen."""
        needs = tuple(needs)
        if any(map(_asks_for_project_here, needs)):
            return _PROJECT_HERE
        known = {
            each.version: each
            for source in reversed(tuple(self._universe.sources()))
            for each in source.candidates(name)
        }
        told = dict.fromkeys(remarks(name, self._universe.sources()))  # places may be named twice
        said = "".join(f" {each}." for each in told)
        later = [*uploaded_later(name, needs, self._universe.sources())]
        if not known:
            return " ".join((self._absence, *later)) + said
        usable: list[str] = []
        # A few reasons stand for many versions.
        excluded: dict[str, list[str]] = {}
        for version in sorted(known, reverse=True):
            reason = self._universe.exclusion(known[version])
            if not reason:
                usable.append(f"{version} ({known[version].source.label})")
            elif all(admits(need.requirement, known[version]) for need in needs):
                excluded.setdefault(reason, []).append(str(version))
        parts = [f"It is to be had as {_few(usable)}."] if usable else []
        parts += [f"Not {_few(versions)}: {reason}." for reason, versions in excluded.items()]
        parts += later
        parts = parts or [f"{_none(len(known))} suits this target."]
        return " ".join(parts) + said

    @property
    def _absence(self) -> str:
        """The sentence on a name that no source has; an environment to be made has none yet."""
        if self._universe.installed_source.is_nowhere:
            return "No source has it."
        return "It is not installed, and no other source has it."

    def _advice(self, edits: Iterable[Edit]) -> Iterator[str]:
        lines = {
            str(origin)
            for part in self.parts()
            if (not part.firm if isinstance(part, Line) else part.by_user)
            for origin in (part.origins if isinstance(part, Root) else (part.origin,))
        }
        overrides = (self._overrides[name] for name in self._clashes if name in self._overrides)
        lines |= {str(origin) for each in overrides for origin in each.origins}
        if lines:
            yield f"Change or drop: {', '.join(sorted(lines))}."
        yield from (f"Tried and enough: {edit}." for edit in edits)
        if self._universe.is_closed:
            yield from self._advice_for_what_is_installed(bool(lines))

    def _advice_for_what_is_installed(self, has_lines: bool) -> Iterator[str]:
        absent = [name for name in self._clashes if self._universe.installed(name) is None]
        if absent:
            yield f'Install {", ".join(absent)} here, or resolve with index="auto".'
        elif not has_lines:
            yield 'Install versions that fit together, or resolve with index="auto".'

    def _roots(self) -> Iterator[Root]:
        for needs in self._clashes.values():
            for each in needs:
                need: Need | None = each
                while need is not None and need.root is None and need.parent is not None:
                    need = next(iter(self._ways[need.parent.key]), None)
                if need is not None and need.root is not None:
                    yield need.root


def _ways(universe: Universe) -> Mapping[str, list[Need]]:
    """Map each key to the needs that lead to it, those on a shortest way from a root first."""
    ways: dict[str, list[Need]] = defaultdict(list)
    edges: dict[str, list[Need]] = {}
    for node, needs in universe.expanded.items():
        edges.setdefault(node.key, []).extend(needs or ())
    open_needs = deque(universe.roots)
    while open_needs:
        need = open_needs.popleft()
        if need.key not in ways:
            open_needs += edges.get(need.key, ())
        ways[need.key].append(need)
    return ways


def _root_demand(root: Root) -> str:
    if not root.by_user:
        place = root.origin.place
        ran = "the trace ran with" if place == TRACED else f"{place} pins"
        return f"{ran} {root.requirement}"
    places = " and ".join(origin.place for origin in root.origins)
    return f"{places} {'ask' if root.also else 'asks'} for {root.requirement}"


def _override_demand(override: Root, needs: Iterable[Need]) -> str:
    """Return a sentence about an overridden requirement, with its origin."""
    asking: list[str] = []
    for need in needs:
        if need.root is not None:
            others = (each for each in need.root.origins if each not in override.origins)
            asking += ["the trace" if each.place == TRACED else each.place for each in others]
        elif need.parent is not None:
            asking.append(str(need.parent.candidate))
    places = " and ".join(origin.place for origin in override.origins)
    if not asking:
        return f"{places} {'ask' if override.also else 'asks'} for {override.requirement}"
    verb, whose = "put" if override.also else "puts", _few(list(dict.fromkeys(asking)))
    return f"{places} {verb} {override.requirement} in the place of what {whose} asked for"


def _asks_for_project_here(need: Need) -> bool:
    path = path_of((need.requirement.url or "").partition("#")[0])
    return path is not None and path.is_dir()


def _none(versions: int) -> str:
    return "Not its one version" if versions == 1 else f"None of its {versions} versions"


def _few(texts: Sequence[str], between: str = ", ") -> str:
    more = f" and {len(texts) - _FEW} more" if len(texts) > _FEW else ""
    return f"{between.join(texts[:_FEW])}{more}"
