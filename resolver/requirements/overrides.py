"""Rules for a name wherever it is required: overrides, exclusions, provided names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Overrides:
    """Rewrites requirements: replaces those on overridden names, drops those on excluded ones.

    An override gives another version or URL; the requested extras stay. It adds nothing by itself.

    >>> rules = Overrides([Requirement("numpy==2.0")], dropped=["pandas"])
    >>> [str(each) for each in rules.over(map(Requirement, ["numpy[x]<2", "pandas", "six"]))]
    ['numpy[x]==2.0', 'six']
    """

    def __init__(self, overrides: Iterable[Requirement] = (), dropped: Iterable[str] = ()) -> None:
        self._overrides = {canonicalize_name(each.name): each for each in overrides}
        self._dropped = frozenset(map(canonicalize_name, dropped))

    def __contains__(self, name: str) -> bool:
        return name in self._overrides or name in self._dropped

    def over(self, requirements: Iterable[Requirement]) -> Iterator[Requirement]:
        """Yield the requirements after the rules."""
        for requirement in requirements:
            name = canonicalize_name(requirement.name)
            if name not in self._dropped:
                override = self._overrides.get(name)
                yield requirement if override is None else _replaced(requirement, override)


def _replaced(requirement: Requirement, override: Requirement) -> Requirement:
    replaced = Requirement(canonicalize_name(override.name))
    replaced.extras = {canonicalize_name(e) for e in (*requirement.extras, *override.extras)}
    replaced.specifier = override.specifier
    replaced.url = override.url
    return replaced
