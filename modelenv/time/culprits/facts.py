"""Requirements of pinned versions, and the Pythons they support, read where their files are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from ...base.siblings import resolver
from ...pins.package_sources import PackageSources
from .sides import target_of


@dataclass(slots=True)
class ReleaseFacts:
    """The releases of distributions, from the sources of a model."""

    sources: PackageSources
    _asked: dict[str, tuple[resolver.Source, ...]] = field(default_factory=dict)

    def sources_for(self, python: str) -> tuple[resolver.Source, ...]:
        """Return the sources for a Python: one list for many questions."""
        if python not in self._asked:
            target = target_of(python)
            own = self.sources.wheel_folder(target)
            self._asked[python] = (*own, *self.sources.configured(target))
        return self._asked[python]

    def runs_on(self, name: str, version: Version, python: str) -> bool | None:
        """Return whether a release can be installed for a Python; None: no source knows it."""
        known = [*self._candidates(name, version, python)]
        return any(usable for _, _, usable in known) if known else None

    def needs(self, line: str, version: Version, python: str) -> tuple[Requirement, ...]:
        """Return the requirements of a pinned line on a Python; empty if they are unknown."""
        asked, target = Requirement(line), target_of(python)
        name = canonicalize_name(asked.name)
        for source, candidate, usable in self._candidates(name, version, python):
            if not usable:
                continue
            with suppress(resolver.SourceError, resolver.MetadataError):
                told = source.metadata(candidate)
                return tuple(
                    each
                    for extra in ("", *sorted(asked.extras))
                    for each in told.needs(target, extra)
                )
        return ()

    def between(self, name: str, one: Version, other: Version, python: str) -> Sequence[Version]:
        """Return the final releases between two, exclusive, that exist for a Python.

        They go from the one to the other, whichever is newer.
        """
        low, high = sorted((one, other))
        found = [each for each in self.final(name, python) if low < each < high]
        return sorted(found, reverse=one > other)

    def final(self, name: str, python: str) -> frozenset[Version]:
        """Return the final releases of a name that were not yanked, for one Python."""
        return frozenset(
            each.version
            for source in self.sources_for(python)
            for each in source.candidates(name)
            if not (each.yanked or each.version.is_prerelease) and _is_usable(each, python)
        )

    def _candidates(
        self, name: str, version: Version, python: str
    ) -> Iterator[tuple[resolver.Source, Any, bool]]:
        for source in self.sources_for(python):
            for each in source.candidates(name):
                if each.version == version:
                    yield source, each, _is_usable(each, python)


def _is_usable(candidate: Any, python: str) -> bool:
    version = target_of(python).python_version
    return not candidate.unusable and candidate.requires_python.contains(version, prereleases=True)
