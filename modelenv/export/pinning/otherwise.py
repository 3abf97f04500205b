"""Disagreements between the metadata of pinned distributions and the pins.

A model may be saved with `overrides` and `exclude`: its pins are proven, and installed as they are.
A tool that resolves them again reads the metadata, and needs the exceptions.
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
    """Requirements in metadata that the pins leave out, or have at another version."""

    excluded: tuple[str, ...] = ()
    """The names that some pin requires and that are not pinned."""
    overridden: tuple[str, ...] = ()
    """The names pinned at a version that some pin's metadata excludes."""
    unknown: tuple[str, ...] = ()
    """The names of pins that are not installed at their version, so that nothing is known."""

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
        """Yield warnings for installing the pins with their dependencies."""
        if self.excluded:
            names = ", ".join(self.excluded)
            yield f"required by pins, and left out of the model: {names}; install with --no-deps"
        if self.overridden:
            names = ", ".join(self.overridden)
            yield f"pinned at a version that other pins' metadata excludes: {names}; use --no-deps"


def found_at(entry: envfiles.Entry, installed: resolver.Installed) -> resolver.Distribution | None:
    """Return the installed distribution of a pin, if it is the pinned version."""
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
    """Return whether a version meets a requirement; a reference without a version always does."""
    return version is None or need.specifier.contains(version, prereleases=True)
