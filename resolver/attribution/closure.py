"""Dependency closures by metadata, and the extra that would require a given distribution."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from ..errors import MetadataError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..installed.environment import Distribution, Installed


def closure(
    roots: Iterable[Distribution], installed: Installed, *, through_projects: bool = True
) -> set[str]:
    """Return the names that the roots need by their metadata, with the requested extras.

    Distributions that are not installed are passed over: reporting them is left to the resolver.
    Requirements of an editable install are left out without `through_projects`.
    """
    waiting = [(root.name, "") for root in roots]
    reached = set(waiting)
    while waiting:
        name, extra = waiting.pop()
        distribution = installed.get(name)
        if distribution is None or not (through_projects or distribution.editable is None):
            continue
        for needed, extras in distribution.asks(installed.target, extra):
            found = {(needed, wanted) for wanted in ("", *extras)}
            waiting += found - reached
            reached |= found
    return {name for name, _ in reached}


def asking_extra(name: str, askers: Iterable[Distribution], installed: Installed) -> str | None:
    """Return the extra of one of `askers` that would ask for `name`: "pandas[excel]".

    Of several, the one with the fewest other requirements; None if no extra asks for it.
    """
    found: list[tuple[int, str]] = []
    for asker in askers:
        # A distribution with broken metadata was still imported; it names no extra.
        with suppress(MetadataError):
            extras = asker.extras_naming(name)
            plain = {id(need) for need in asker.needs(installed.target)} if extras else set()
            for extra in extras:
                needs = asker.needs(installed.target, extra)
                own = [canonicalize_name(need.name) for need in needs if id(need) not in plain]
                if name in own:
                    found.append((len(own), f"{asker.name}[{extra}]"))
    return min(found)[1] if found else None
