"""What can be chosen: a name, a version and where to get it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from packaging.specifiers import SpecifierSet

if TYPE_CHECKING:
    from packaging.requirements import Requirement
    from packaging.version import Version

    from ..target import Target
    from .protocol import Source


class Metadata(Protocol):
    """Be what a distribution says about others; an installed `Distribution` is one."""

    @property
    def extras(self) -> frozenset[str]:
        """Return the extras it offers, normalised."""

    @property
    def requires_python(self) -> SpecifierSet:
        """Return the interpreters it is for."""

    def needs(self, target: Target, extra: str = "") -> tuple[Requirement, ...]:
        """List the requirements that count on `target` while `extra` is asked for."""


@dataclass(frozen=True, slots=True)
class Stated:
    """Hold metadata that was read from a file or given as data."""

    requires: tuple[Requirement, ...] = ()
    extras: frozenset[str] = frozenset()
    requires_python: SpecifierSet = field(default_factory=SpecifierSet)

    def needs(self, target: Target, extra: str = "") -> tuple[Requirement, ...]:
        """List the requirements that count on `target` while `extra` is asked for."""
        return tuple(each for each in self.requires if target.admits(each.marker, extra))


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """Be one version of one name at one place; a source makes each once: identity is equality."""

    name: str
    version: Version
    source: Source
    requires_python: SpecifierSet = field(default_factory=SpecifierSet)
    yanked: bool = False
    references: tuple[str, ...] = ()
    """URLs that name it directly (PEP 610), the one to pin first; empty for what an index has."""

    unusable: str = ""
    """Why it cannot be chosen for this target ("no wheel for ..."); empty when it can."""

    def __str__(self) -> str:
        return f"{self.name} {self.version}"
