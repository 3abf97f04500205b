"""Where the metadata of pinned distributions asks for something else than the pins are.

A model may be saved with `overrides` and `exclude`: its pins are proven, and installed as they are.
A tool that resolves them again reads the metadata, and has to be told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from ...base.siblings import envfiles, resolver

if TYPE_CHECKING:
    from .pinned import Pinned


@dataclass(frozen=True, slots=True)
class Otherwise:
    """What metadata asks for that the pins leave out, or have at another version."""

    excluded: tuple[str, ...] = ()
    """The names that some pin requires and that are not pinned."""
    overridden: tuple[str, ...] = ()
    """The names that are pinned at a version which some pin refuses."""
    unknown: tuple[str, ...] = ()
    """The names of pins of which nothing is installed, so that nothing is known."""

    @classmethod
    def of(cls, pins: Pinned, installed: resolver.Installed) -> Otherwise:
        """Compare the pins with the metadata of those that are installed at their version."""
        versions = {each.name: each.version for each in pins.entries}
        excluded: set[str] = set()
        overridden: set[str] = set()
        known: set[str] = set()
        for entry in pins.entries:
            distribution = found_at(entry, installed)
            if distribution is None:
                continue
            known.add(entry.name)
            for need in _needs(entry, distribution, pins.target):
                name = canonicalize_name(need.name)
                if name not in versions:
                    excluded.add(name)
                elif not _is_met(need, versions[name]):
                    overridden.add(name)
        unknown = sorted(versions.keys() - known)
        return cls(tuple(sorted(excluded)), tuple(sorted(overridden)), tuple(unknown))

    def iter_told(self) -> Iterator[str]:
        """Yield what whoever installs with the dependencies of the pins has to know."""
        if self.excluded:
            names = ", ".join(self.excluded)
            yield f"what pins require and the model does without: {names}; install with --no-deps"
        if self.overridden:
            names = ", ".join(self.overridden)
            yield f"pins that others refuse by their metadata: {names}; install with --no-deps"


def found_at(entry: envfiles.Entry, installed: resolver.Installed) -> resolver.Distribution | None:
    """Return what is installed of a pin, if it is the version that is pinned."""
    found = installed.get(entry.name)
    if found is None or (entry.version and found.version != Version(entry.version)):
        return None
    return found


def _needs(
    entry: envfiles.Entry, distribution: resolver.Distribution, target: resolver.Target
) -> Iterator[Requirement]:
    for extra in ("", *map(canonicalize_name, Requirement(entry.requirement).extras)):
        yield from distribution.needs(target, extra)


def _is_met(need: Requirement, version: str | None) -> bool:
    """Tell whether a version is one that is asked for; what is a reference may be anything."""
    return version is None or need.specifier.contains(version, prereleases=True)
