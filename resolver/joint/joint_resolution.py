"""The answer for several targets: the pins of each, and the marker that selects them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from packaging.version import Version

    from ..search.resolution import Pin, Resolution


@dataclass(frozen=True, slots=True)
class JointPin:
    """One version of a name, and the targets that install it."""

    name: str
    version: Version
    url: str | None
    """The direct reference that it is pinned to (PEP 610), None for a version."""

    marker: str
    """The marker, true on these targets, false on the other given ones; empty: true on all."""

    pins: Mapping[str, Pin]
    """The pin of each of these targets, by the target's name: extras and files may differ."""

    @property
    def targets(self) -> tuple[str, ...]:
        """Return the names of the targets that install it, in their order."""
        return tuple(self.pins)

    @property
    def requirement(self) -> Requirement:
        """Return it as a requirement, without extras: "name==version; marker"."""
        end = f" @ {self.url} " if self.url else f"=={self.version}"
        return Requirement(f"{self.name}{end}{f'; {self.marker}' if self.marker else ''}")

    def __str__(self) -> str:
        return str(self.requirement)


@dataclass(frozen=True, slots=True)
class JointResolution:
    """One answer for several targets."""

    pins: tuple[JointPin, ...]
    """The pins, sorted by name, then by version."""

    answers: Mapping[str, Resolution]
    """The resolution of each target, by its name, as `resolve` gives it."""

    notes: tuple[str, ...] = ()
    """Remarks on the whole: names that have several versions, and on which targets."""

    def __repr__(self) -> str:
        """Return the number of pins and of targets, in brackets."""
        return f"<JointResolution of {len(self.pins)} pins for {len(self.answers)} targets>"

    def versions(self, name: str) -> tuple[JointPin, ...]:
        """Return the pins of a name, in any spelling."""
        wanted = canonicalize_name(name)
        return tuple(pin for pin in self.pins if pin.name == wanted)

    @property
    def forked(self) -> tuple[str, ...]:
        """Return the names that have several versions."""
        names = [pin.name for pin in self.pins]
        return tuple(sorted({name for name in names if names.count(name) > 1}))
