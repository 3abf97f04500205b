"""The graph of a resolution: nodes, and the needs between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from ..requirements.references import same_reference

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from packaging.requirements import Requirement
    from packaging.specifiers import Specifier, SpecifierSet

    from ..requirements.merge import Root
    from ..sources.protocol import Candidate


Rank: TypeAlias = tuple[bool, bool, bool, bool, bool]


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A candidate, or one extra of it; `name[extra]` is a node of its own, tied to its base."""

    key: str
    candidate: Candidate
    extra: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Need:
    """An edge: the requirement of a root or a node on a key."""

    key: str
    name: str
    requirement: Requirement
    parent: Node | None = None
    root: Root | None = None
    exact: Candidate | None = None
    """The base candidate that an extra belongs to."""

    tolerated: Candidate | None = None
    """A candidate admitted against the specifier: both ends are installed, and it ran."""


class Choices(Protocol):
    """The candidates and needs that a search works on."""

    def nodes(self, key: str, needs: Sequence[Need]) -> Iterator[Node]:
        """Yield the nodes that satisfy all needs on a key, best first."""

    def node(self, candidate: Candidate, extra: str) -> Node:
        """Return the one node of a candidate and an extra."""

    def needs(self, node: Node) -> tuple[Need, ...] | None:
        """Return the needs of a choice; None if it is unusable."""

    def accepts(self, need: Need, node: Node) -> bool:
        """Return whether a choice for the need's key satisfies it."""

    def rank(self, needs: Sequence[Need]) -> tuple[bool, ...]:
        """Return the rank of a key: the one with the least choice is decided first."""


def extra_of(key: str) -> str:
    """Return the extra of a key, empty for a base.

    >>> extra_of("uvicorn[standard]"), extra_of("uvicorn")
    ('standard', '')
    """
    return key.partition("[")[2].rstrip("]")


def admits(requirement: Requirement, candidate: Candidate) -> bool:
    """Return whether a requirement's specifier or URL admits a candidate."""
    if requirement.url:
        return any(same_reference(requirement.url, each) for each in candidate.references)
    return requirement.specifier.contains(candidate.version, prereleases=True)


def satisfies(need: Need, candidate: Candidate) -> bool:
    """Return whether a candidate satisfies a need, or is tolerated by it."""
    if need.exact is not None:
        return candidate is need.exact
    return candidate is need.tolerated or admits(need.requirement, candidate)


def preference(need: Need) -> Rank:
    """Return the rank of a need by the choice it leaves; a key has the `min` of its needs' ranks.

    As in pip, direct requirements come before those of other distributions.
    """
    specifiers = list(need.requirement.specifier)
    pinned = any(_is_pin(each) for each in specifiers)
    bounded = any(each.operator in {"<", "<=", "~=", "=="} for each in specifiers)
    direct = need.exact is not None or bool(need.requirement.url)
    return (not direct, not pinned, not bounded, need.root is None, not specifiers)


def is_exact(specifier: SpecifierSet) -> bool:
    """Return whether a specifier pins one version: `==` or `===`, not `==1.*`."""
    return any(_is_pin(each) for each in specifier)


def _is_pin(specifier: Specifier) -> bool:
    return specifier.operator in {"==", "==="} and not specifier.version.endswith(".*")
