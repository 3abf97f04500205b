"""What we get: the pins, why each is there, and what differs from what ran."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Pin:
    """Be the chosen candidate of one name."""

    name: str
    version: Version
    extras: frozenset[str] = frozenset()
    source: str = "installed"
    """Where it comes from: "installed", "index", "wheels", "memory"."""

    root: bool = False
    """Whether it was asked for, by the trace or by the user."""

    via: tuple[str, ...] = ()
    """Who wants it: the names of other pins, sorted, then the places of the user's lines."""

    url: str | None = None
    """The direct reference that it is pinned to (PEP 610), None for a version."""

    @property
    def requirement(self) -> Requirement:
        """Write the pin as a requirement: "name[extras]==version" or "name[extras] @ url".

        >>> str(Pin("numpy", Version("2.0")).requirement)
        'numpy==2.0'
        """
        extras = f"[{','.join(sorted(self.extras))}]" if self.extras else ""
        end = f" @ {self.url}" if self.url else f"=={self.version}"
        return Requirement(f"{self.name}{extras}{end}")


@dataclass(frozen=True, slots=True)
class Move:
    """Be a pin that differs from the version that ran."""

    name: str
    traced: Version
    chosen: Version
    because: str

    def __str__(self) -> str:
        return f"{self.name} {self.traced} -> {self.chosen}, because {self.because}"


@dataclass(frozen=True, slots=True)
class Resolution:
    """Hold the answer: the pins sorted by name, what moved, and what a reader should know."""

    pins: tuple[Pin, ...]
    moves: tuple[Move, ...] = ()
    notes: tuple[str, ...] = ()

    def get(self, name: str) -> Pin | None:
        """Return the pin of a name, in any spelling."""
        wanted = canonicalize_name(name)
        return next((pin for pin in self.pins if pin.name == wanted), None)

    def to_dict(self) -> dict[str, Any]:
        """Write it as plain data."""
        return {
            "pins": [
                {
                    "name": pin.name,
                    "version": str(pin.version),
                    "extras": sorted(pin.extras),
                    "source": pin.source,
                    "root": pin.root,
                    "via": list(pin.via),
                    "url": pin.url,
                }
                for pin in self.pins
            ],
            "moves": [
                {
                    "name": move.name,
                    "traced": str(move.traced),
                    "chosen": str(move.chosen),
                    "because": move.because,
                }
                for move in self.moves
            ],
            "notes": list(self.notes),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Resolution:
        """Read what `to_dict` wrote."""
        pins = (
            Pin(
                name=pin["name"],
                version=Version(pin["version"]),
                extras=frozenset(pin["extras"]),
                source=pin["source"],
                root=pin["root"],
                via=tuple(pin["via"]),
                url=pin["url"],
            )
            for pin in data["pins"]
        )
        moves = (
            Move(each["name"], Version(each["traced"]), Version(each["chosen"]), each["because"])
            for each in data["moves"]
        )
        return cls(tuple(pins), tuple(moves), tuple(data["notes"]))

    def to_json(self) -> str:
        """Write it as JSON text."""
        return json.dumps(self.to_dict(), indent=2)

    @classmethod
    def from_json(cls, text: str) -> Resolution:
        """Read what `to_json` wrote.

        >>> Resolution.from_json(Resolution(()).to_json())
        Resolution(pins=(), moves=(), notes=())
        """
        return cls.from_dict(json.loads(text))
