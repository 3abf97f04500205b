"""From a choice to its `Resolution`: pins with their reasons, and notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from ..index.page_parts.withdrawn import withdrawn
from ..moments import plain_moment
from ..requirements.references import is_local, without_credentials
from ..requirements.text import without_marker
from ..search.graph import extra_of
from ..search.resolution import Artifact, Edge, Pin, Resolution
from ..sources.index import LinksPage
from ..sources.protocol import BUILT, Misstating, remarks
from ..sources.wheels import MissingPlace
from .version_changes import Moves

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..index.simple_api import Link
    from ..search.graph import Need, Node
    from ..search.universe import Universe
    from ..sources.protocol import Candidate


def build_resolution(choice: Mapping[str, Node], universe: Universe) -> Resolution:
    """Return a sound choice as a `Resolution`."""
    names = sorted(node.candidate.name for node in choice.values() if not node.extra)
    needs = _needs_by_name(choice, universe)
    return Resolution(
        pins=tuple(_pin(choice[name].candidate, choice, needs[name], universe) for name in names),
        moves=tuple(Moves(choice, needs, universe)),
        notes=tuple(_notes([(choice[name].candidate, needs[name]) for name in names], universe)),
        edges=tuple(_edges(needs)),
    )


def _edges(needs: Mapping[str, Iterable[Need]]) -> Iterator[Edge]:
    for name in sorted(needs):
        met = {_edge(need) for need in needs[name] if need.exact is None}
        yield from sorted(met, key=lambda edge: (edge.parent or "", edge.extra, edge.asked))


def _edge(need: Need) -> Edge:
    asked = without_marker(need.requirement)
    if need.root is not None:
        return Edge(need.name, asked, origin=need.root.origin.place)
    assert need.parent is not None
    return Edge(need.name, asked, need.parent.candidate.name, need.parent.extra)


def _needs_by_name(choice: Mapping[str, Node], universe: Universe) -> dict[str, list[Need]]:
    needs: dict[str, list[Need]] = {}
    for need in universe.roots:
        needs.setdefault(need.name, []).append(need)
    for key in sorted(choice):
        for need in universe.needs(choice[key]) or ():
            needs.setdefault(need.name, []).append(need)
    return needs


def _pin(
    candidate: Candidate, choice: Mapping[str, Node], needs: Iterable[Need], universe: Universe
) -> Pin:
    name = candidate.name
    roots = [need.root for need in needs if need.root is not None]
    parents = {need.parent.candidate.name for need in needs if need.parent is not None}
    lines = {str(origin) for root in roots if root.by_user for origin in root.origins}
    asked = [root.requirement for root in roots]
    asked += [line.requirement for line in universe.requirements.constraints]
    return Pin(
        name=name,
        version=candidate.version,
        extras=frozenset(
            node.extra for node in choice.values() if node.extra and node.candidate is candidate
        ),
        source=candidate.source.label,
        root=bool(roots),
        via=(*sorted(parents - {name}), *sorted(lines)),
        url=_reference(candidate, asked=any(each.url and each.name == name for each in asked)),
        artifacts=tuple(_artifacts(universe.files(candidate))),
        hashes=universe.hashes(name),
        settings=universe.requirements.settings.get(name, ()),
    )


def _artifacts(files: Iterable[Link]) -> Iterator[Artifact]:
    for link in files:
        url = without_credentials(link.url)
        yield Artifact(link.file, url, link.digests, link.size, plain_moment(link.uploaded))


def _reference(candidate: Candidate, *, asked: bool) -> str | None:
    """Return the URL to pin; one of this machine is useless elsewhere, so only if requested."""
    if not candidate.references or candidate.elsewhere:
        return None
    url = candidate.references[0]
    return without_credentials(url) if asked or not is_local(url) else None


def _notes(chosen: Iterable[tuple[Candidate, list[Need]]], universe: Universe) -> Iterator[str]:
    python = universe.target.python_version
    for line in universe.requirements.dropped:
        yield f"left out: {line.origin} (its marker is false for Python {python})"
    places = (each for each in universe.asked if isinstance(each, MissingPlace | LinksPage))
    yield from (each.remark for each in places if each.remark)
    chosen = list(chosen)
    yield from _overruled([candidate for candidate, _ in chosen], universe)
    for candidate, needs in chosen:
        yield from _unread(candidate, universe)
        yield from _misstated(candidate)
        yield from _only_source(candidate, universe)
        yield from _passed_over(candidate, universe)
        yield from _withdrawn(candidate)
        yield from _unusable(candidate, universe)
        yield from _contradictions(candidate, needs)
        yield from _wrong_python(candidate, python)
        yield from _missing_extras(candidate, needs)


def _overruled(chosen: Iterable[Candidate], universe: Universe) -> Iterator[str]:
    """Return sentences about requirements that the user's overrides and exclusions changed."""
    rules = universe.requirements
    lines: dict[str, str] = {
        line.requirement.name: f"{line.origin} drops" for line in rules.excluded
    }
    for root in rules.overrides:
        lines.setdefault(root.name, f"{root.origin} replaces")
    said: dict[str, list[str]] = {name: [] for name in lines}
    for candidate in chosen:
        for need in candidate.source.metadata(candidate).needs(universe.target):
            name = canonicalize_name(need.name)
            if name in said:
                said[name].append(f"{candidate} requires {need.name}{need.specifier}")
    for each, declared in sorted(said.items()):
        whose = ", ".join(declared) or "nothing: no distribution in the set requires it"
        yield f"{lines[each]}: {whose}"


def _unread(candidate: Candidate, universe: Universe) -> Iterator[str]:
    if candidate.source is universe.installed_source:
        for line in universe.installed_source.unread(candidate):
            yield (
                f"{candidate} states a requirement that cannot be read ({line!r}): what it names "
                "is kept as it is installed, where it is; a newer release may state it rightly"
            )


def _misstated(candidate: Candidate) -> Iterator[str]:
    metadata = candidate.source.metadata(candidate)
    lines = metadata.misstated if isinstance(metadata, Misstating) else {}
    for line, meant in lines.items():
        yield (
            f"{candidate} requires {line!r}, which is valid no more: it is read as {meant}, as by "
            "uv; no pip since 24.1 installs such a release"
        )


def _only_source(candidate: Candidate, universe: Universe) -> Iterator[str]:
    files = universe.files(candidate)
    if candidate.source.label == BUILT:
        yield f"{candidate} was built here, as there is a source distribution only: {files[0].file}"
    elif files and not files[0].file.endswith(".whl"):
        yield f"{candidate} is there as a source distribution only: who installs it has to build it"


def _passed_over(candidate: Candidate, universe: Universe) -> Iterator[str]:
    newest = universe.source_only.newest(candidate.name)
    if (
        newest is not None
        and newest.version > candidate.version
        and candidate.source.label != "installed"
    ):
        yield (
            f"{candidate} is the newest that need not be built: {newest.version} is there as a "
            "source distribution only, and does not say what it requires (--build)"
        )


def _withdrawn(candidate: Candidate) -> Iterator[str]:
    if candidate.yanked:
        yield withdrawn(f"{candidate} was", candidate.yanked_reason)


def _unusable(candidate: Candidate, universe: Universe) -> Iterator[str]:
    """Yield sentences about the candidates of a name that cannot be used."""
    yield from remarks(candidate.name, [candidate.source])
    for other, reason in universe.broken.items():
        if other.name == candidate.name and other.version > candidate.version:
            yield f"{other} is passed over: {reason}"


def _contradictions(candidate: Candidate, needs: Iterable[Need]) -> Iterator[str]:
    for need in needs:
        if need.parent is not None and candidate is need.tolerated and need.key == need.name:
            asked = need.requirement
            yield (
                f"{need.parent.candidate} requires {asked}, but it ran with {candidate}: pip "
                "refuses to install these two pins together. Install the file with "
                "pip install --no-deps, or let one of them move by a line of its own "
                f"(as {asked.name}{asked.specifier})"
            )


def _wrong_python(candidate: Candidate, python: str) -> Iterator[str]:
    asked = candidate.source.metadata(candidate).requires_python
    if not asked.contains(python, prereleases=True):
        yield (
            f"{candidate} says it is for Python {asked}, but ran under {python}: "
            "pip refuses to install it there without --ignore-requires-python"
        )


def _missing_extras(candidate: Candidate, needs: Iterable[Need]) -> Iterator[str]:
    offered = candidate.source.metadata(candidate).extras
    for extra in sorted({extra_of(need.key) for need in needs} - offered - {""}):
        yield f"{candidate} has no extra {extra}; asking for it adds nothing"
