"""Candidates given as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from resolver.errors import BrokenMetadataError
from resolver.installed.core_metadata import named_extras
from resolver.sources.protocol import Candidate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from resolver.sources.protocol import Metadata
    from resolver.target import Target


@dataclass(frozen=True, slots=True)
class StatedMetadata:
    """Metadata that is given as data."""

    requires: tuple[Requirement, ...] = ()
    extras: frozenset[str] = frozenset()
    requires_python: SpecifierSet = field(default_factory=SpecifierSet)

    def needs(self, target: Target, extra: str = "") -> tuple[Requirement, ...]:
        """Return the requirements that count on `target` while `extra` is asked for."""
        return tuple(each for each in self.requires if target.admits(each.marker, extra))


class MemorySource:
    """A universe as data: `{"name": {"1.0": ["other>=2", 'more; extra == "x"']}}`.

    >>> source = MemorySource({"a": {"1": ["b"]}, "b": {"1": []}})
    >>> [str(candidate) for candidate in source.candidates("a")]
    ['a 1']
    """

    label = "memory"

    def __init__(
        self,
        universe: Mapping[str, Mapping[str, Iterable[str]]],
        *,
        requires_python: Mapping[tuple[str, str], str] | None = None,
        yanked: Iterable[tuple[str, str]] = (),
    ) -> None:
        pythons = requires_python or {}
        withdrawn = set(yanked)
        self._candidates: dict[str, tuple[Candidate, ...]] = {}
        self._requires: dict[Candidate, tuple[str, ...]] = {}
        for name, versions in universe.items():
            made = {
                Candidate(
                    canonicalize_name(name),
                    Version(version),
                    self,
                    SpecifierSet(pythons.get((name, version), "")),
                    yanked=(name, version) in withdrawn,
                ): tuple(requires)
                for version, requires in versions.items()
            }
            self._candidates[canonicalize_name(name)] = tuple(made)
            self._requires.update(made)

    def candidates(self, name: str) -> Sequence[Candidate]:
        """Return what the universe holds under a name."""
        return self._candidates.get(name, ())

    def metadata(self, candidate: Candidate) -> Metadata:
        """Parse what the universe says of a candidate."""
        try:
            requires = tuple(Requirement(text) for text in self._requires[candidate])
        except ValueError as error:
            raise BrokenMetadataError(str(candidate), str(error)) from error
        extras = frozenset(
            canonicalize_name(extra)
            for text in self._requires[candidate]
            for extra in named_extras(text)
        )
        return StatedMetadata(requires, extras, candidate.requires_python)
