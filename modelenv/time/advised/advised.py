"""Pins that advisories name, and the nearest releases that no advisory names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

from ...wheels.advisories.databases import KnownAdvisories, read_databases
from ...wheels.advisories.pinned_versions import (
    KnownVersion,
    VulnerablePin,
    merged,
    unasked,
    undecided,
    vulnerable,
)
from ..newest.limits import ReleaseLine
from ..trials.pins import TrialPins


@dataclass(frozen=True, slots=True)
class AdvisedPins:
    """A set of pins, and the advisories that concern it."""

    pins: TrialPins
    known: KnownAdvisories

    @classmethod
    def read(cls, pins: TrialPins, places: tuple[Path, ...]) -> AdvisedPins:
        """Read the advisories in some files, folders and zips. Raises WrongUseError."""
        return cls(pins, read_databases(places, pins.versions.keys()))

    @property
    def found(self) -> tuple[VulnerablePin, ...]:
        """Advisories that concern the pins, the gravest first."""
        return merged(vulnerable(self._versions, self.known))

    @property
    def undecided(self) -> tuple[str, ...]:
        """Pins for which an advisory cannot be decided, each with the reason."""
        doubts = map(str, undecided(self._versions, self.known))
        return (*doubts, *unasked(self._versions, self.known))

    @property
    def _versions(self) -> list[KnownVersion]:
        return [KnownVersion(name, str(each)) for name, each in self.pins.versions.items()]

    def mending(self, name: str, releases: Iterable[Version]) -> Mending | None:
        """Return those of all `releases` of a name that fix its advisories; None: there is none."""
        newer = sorted(each for each in releases if each > self.pins.versions[name])
        named = {pin.pin.version for pin in vulnerable(_of(name, newer), self.known)}
        good = [each for each in newer if str(each) not in named]
        if not good:
            return None
        spoiled = (each for each in newer if str(each) in named and each > good[0])
        return Mending(name, good[0], tuple(spoiled))


@dataclass(frozen=True, slots=True)
class Mending:
    """The releases of a distribution without known advisories."""

    name: str
    lowest: Version
    """The lowest of them."""
    spoiled: tuple[Version, ...] = ()
    """Newer releases that have advisories again."""

    @property
    def line(self) -> str:
        """Return the line that admits all of them.

        >>> Mending("numpy", Version("1.22.2"), (Version("1.23.0"),)).line
        'numpy>=1.22.2,!=1.23.0'
        """
        return ",".join([f"{self.name}>={self.lowest}", *(f"!={each}" for each in self.spoiled)])

    @property
    def near(self) -> str:
        """Return the line that admits those that differ from the lowest in the last numbers only.

        >>> Mending("numpy", Version("1.22.2")).near
        'numpy>=1.22.2,==1.22.*'
        """
        return f"{self.line},{ReleaseLine.of(self.lowest).specifier}"


def _of(name: str, versions: Iterable[Version]) -> list[KnownVersion]:
    return [KnownVersion(name, str(each)) for each in versions]
