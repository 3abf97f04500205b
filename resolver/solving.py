"""The whole resolution: from requirements to pins."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from packaging.utils import canonicalize_name

from .errors import MovedError
from .explain.build_resolution import build_resolution
from .explain.effort import TimeLimit
from .explain.explain import explain
from .explain.unbuilt import find_unbuilt
from .search.decide import Refusal, decide
from .search.universe import Prefer, Universe
from .settings import IndexSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date, datetime
    from pathlib import Path

    from .installed.environment import Installed
    from .requirements.merge import PinLike, RequirementSet
    from .search.resolution import Resolution
    from .search.unbuilt import Unbuilt
    from .sources.protocol import Source


def resolve(
    requirements: RequirementSet,
    installed: Installed,
    *,
    sources: Sequence[Source] = (),
    index: Literal["auto", "offline", "never"] = "auto",
    prefer: Prefer = "installed",
    preferences: Iterable[PinLike] = (),
    strict: bool = False,
    walk: bool = True,
    tolerant: bool = True,
    settings: IndexSettings | None = None,
    as_of: str | date | datetime | None = None,
    build: Callable[[Unbuilt], Path] | None = None,
    timeout: float = 1_800.0,
) -> Resolution:
    """Choose a version for every name that the requirements lead to.

    `preferences` (pins, of a lock for example) come first; then what is installed, unless `prefer`
    is "newest"; then `sources` in their order, then the index that pip is configured with: "never",
    or "offline" as far as it was asked before. With `strict` nothing may differ from what was
    traced. `walk=False` searches even if nothing has to be chosen. If installed distributions
    contradict each other, that is noted, since they ran; without `tolerant` it is a conflict.
    `settings` are read from the environment unless given. `as_of` (what `read_moment` reads)
    overrides theirs: files that an index received later do not exist. It applies to the indexes
    that pip is configured with, not to `sources`. `build` makes a wheel of a source distribution
    that does not say what it requires; such pins have the source "built". Without it the resolution
    is refused. A search ends after `timeout` seconds, which include requests to indexes. Raises
    `ConflictError` (`UnbuiltError`, if something has to be built), `MovedError`, `UndecidedError`,
    `SourceError`, `ConfigurationError`, and what `build` raises.

    >>> from resolver import Installed, Target, merge
    >>> wanted = merge([], pip_requirements=["packaging"], target=Target.current())
    >>> resolve(wanted, Installed.current(), index="never").pins[0].name
    'packaging'
    """
    limit = TimeLimit(timeout)
    universe = make_universe(
        requirements,
        installed,
        sources=sources,
        index=index,
        prefer=prefer,
        preferences=preferences,
        tolerant=tolerant,
        settings=settings,
        as_of=as_of,
        builds=build is not None,
        spend=limit.spend,
    )
    try:
        answer = _answer(universe, limit, walk=walk, build=build)
    finally:
        universe.close()
    if strict and answer.moves:
        raise MovedError(tuple(map(str, answer.moves)))
    return answer


def make_universe(
    requirements: RequirementSet,
    installed: Installed,
    *,
    sources: Sequence[Source],
    index: Literal["auto", "offline", "never"],
    prefer: Prefer,
    preferences: Iterable[PinLike],
    settings: IndexSettings | None,
    as_of: str | date | datetime | None,
    spend: Callable[[], None],
    tolerant: bool = True,
    builds: bool = False,
    wheels_first: bool = False,
) -> Universe:
    """Return the candidates for one target; the index is asked when nothing else is left."""
    urls = _urls(requirements)

    def configured() -> Sequence[Source]:
        from .sources.configured import configured_sources  # may have to run pip

        return configured_sources(
            installed.target,
            urls,
            options=requirements.options,
            offline=index == "offline",
            settings=_as_of(settings, as_of),
        )

    return Universe(
        requirements,
        installed,
        (*_local_sources(urls, installed), *sources),
        None if index == "never" else configured,
        prefer=prefer,
        tolerant=tolerant,
        preferred={canonicalize_name(each.name): each.version for each in preferences},
        builds=builds,
        wheels_first=wheels_first,
        spend=spend,
    )


def _answer(
    universe: Universe, limit: TimeLimit, *, walk: bool, build: Callable[[Unbuilt], Path] | None
) -> Resolution:
    """Choose, build what is missing, and choose again, until all requirements are known."""
    built: set[str] = set()
    while True:
        with limit:
            choice = decide(universe, walk=walk)
        if isinstance(choice, Refusal):
            raise explain(universe, choice)
        answer = build_resolution(choice, universe)
        unbuilt = find_unbuilt(answer, choice, universe)
        if unbuilt is None:
            return answer
        if build is None or built & {*map(str, unbuilt.unbuilt)}:
            raise unbuilt  # what was built may not suit the target
        built |= {*map(str, unbuilt.unbuilt)}
        from .sources.built import BuiltWheels

        wheels = BuiltWheels(map(build, unbuilt.unbuilt), universe.target)
        universe = universe.asking(universe.requirements, wheels, spend=limit.spend)


def _as_of(
    settings: IndexSettings | None, as_of: str | date | datetime | None
) -> IndexSettings | None:
    """Return settings with the moment of one resolution."""
    if as_of is None:
        return settings
    from .moments import read_moment  # few ask as of a moment

    return replace(settings or IndexSettings.from_environment(), as_of=read_moment(as_of))


def _urls(requirements: RequirementSet) -> dict[str, str]:
    """Return the URLs that the user gives, by name, with those in constraints."""
    asked = [line.requirement for line in requirements.constraints]
    asked += [root.requirement for root in (*requirements.roots, *requirements.overrides)]
    return {each.name: each.url for each in asked if each.url}


def _local_sources(urls: Mapping[str, str], installed: Installed) -> Sequence[Source]:
    """Return the wheels that the user names by a `file:` URL, which needs no network."""
    local = {name: url for name, url in urls.items() if url.startswith("file:")}
    if not local:
        return ()
    from .index.session import Access
    from .sources.direct import DirectSource

    return (DirectSource(local, installed.target, Access()),)
