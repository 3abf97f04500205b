"""The graph that a resolution chooses from: nodes, and the needs between them."""

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
    """An edge: what a root or a node asks of a key."""

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
        """Yield what satisfies all needs on a key, best first."""

    def node(self, candidate: Candidate, extra: str) -> Node:
        """Return the one node of a candidate and an extra."""

    def needs(self, node: Node) -> tuple[Need, ...] | None:
        """Return what a choice needs; None where it is unusable."""

    def accepts(self, need: Need, node: Node) -> bool:
        """Return whether a choice for the need's key satisfies it."""

    def rank(self, needs: Sequence[Need]) -> tuple[bool, ...]:
        """Rank a key by what is asked of it: what leaves the least choice is decided first."""


def extra_of(key: str) -> str:
    """Return the extra of a key, empty for a base.

    >>> extra_of("uvicorn[standard]"), extra_of("uvicorn")
    ('standard', '')
    """
    return key.partition("[")[2].rstrip("]")


def admits(requirement: Requirement, candidate: Candidate) -> bool:
    """Return whether a candidate is what a requirement's specifier or URL asks for."""
    if requirement.url:
        return any(same_reference(requirement.url, each) for each in candidate.references)
    return requirement.specifier.contains(candidate.version, prereleases=True)


def satisfies(need: Need, candidate: Candidate) -> bool:
    """Return whether a candidate is what a need asks for, or what it tolerates."""
    if need.exact is not None:
        return candidate is need.exact
    return candidate is need.tolerated or admits(need.requirement, candidate)


def preference(need: Need) -> Rank:
    """Rank a need by the choice it leaves, the least first; ranks of one key join by `min`.

    As in pip, what was asked for comes before what others want beside it.
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
