"""What an audit of a model came to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base.text import brief, counted
from ..wheels.advisories.pinned_versions import VulnerablePin
from .standings import ToldPin

_MOST_SHOWN = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What is known against what a model pins; true where nothing is."""

    path: Path
    pins: int
    """How many pinned versions were looked up."""
    parts: int
    """How many packages in their wheels were looked up besides."""
    vulnerable: tuple[VulnerablePin, ...]
    """Each version that an advisory names, the gravest first."""
    ignored: tuple[VulnerablePin, ...]
    """What was found, and is to be passed over."""
    told: tuple[ToldPin, ...] | None
    """What indexes say against pins today; None: they were not asked."""
    asked: tuple[str, ...]
    """Who was asked, in words."""
    ways_out: tuple[str, ...] = ()
    """The commands that mend it."""
    undecided: tuple[str, ...] = ()
    """Where it could not be told whether a version is named, and why."""
    unreadable: tuple[str, ...] = ()
    """What of the advisories could not be read."""
    unjudged: tuple[str, ...] = ()
    """What of the model no advisory that was asked could speak of, and why."""
    notes: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Whether nothing is known against any, and all who were asked could tell."""
        harmful = any(each.is_harmful for each in self.told or ())
        return not (self.vulnerable or self.undecided or self.unreadable or harmful)

    def __bool__(self) -> bool:
        """Tell whether all is good: ``assert modelenv.audit_model(...)``."""
        return self.good

    def __str__(self) -> str:
        """Return a summary, then a line for each thing that is known."""
        return "\n".join([self._head, *self._iter_lines()])

    def __repr__(self) -> str:
        """Return its first line, short."""
        return brief(self)

    @property
    def _head(self) -> str:
        parts = f" and {counted(self.parts, 'package')} in their wheels" if self.parts else ""
        looked_up = f"{self.path}: {counted(self.pins, 'pin')}{parts}"
        count = len({each.pin for each in self.vulnerable})
        known = f"{count} affected" if count else "nothing known"
        known += ", not all could be told" if self.undecided or self.unreadable else ""
        return f"{looked_up}: {known} ({', '.join(self.asked)})"

    def _iter_lines(self) -> Iterator[str]:
        yield from (f"  {each}" for each in self.vulnerable)
        yield from (f"the way out: {each}" for each in self.ways_out)
        if self.told is not None:
            yield from (f"index: {each}" for each in self.told or ("nothing against the pins",))
        yield from (f"ignored: {each}" for each in self.ignored)
        for what, said in (
            ("undecided", self.undecided),
            ("unreadable", self.unreadable),
            ("not judged", self.unjudged),
            ("note", self.notes),
        ):
            yield from (f"{what}: {each}" for each in said[:_MOST_SHOWN])
            if len(said) > _MOST_SHOWN:
                yield f"{what}: {len(said) - _MOST_SHOWN} more (--json names them)"

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "schema": 1,
            "path": str(self.path),
            "good": self.good,
            "asked": list(self.asked),
            "pins": self.pins,
            "parts": self.parts,
            "vulnerable": [_plain(each) for each in self.vulnerable],
            "ignored": [_plain(each) for each in self.ignored],
            "index": None if self.told is None else [each.to_json() for each in self.told],
            "ways_out": list(self.ways_out),
            "undecided": list(self.undecided),
            "unreadable": list(self.unreadable),
            "unjudged": list(self.unjudged),
            "notes": list(self.notes),
        }


def _plain(found: VulnerablePin) -> dict[str, Any]:
    """Return a finding as plain data, without what is said of many models."""
    said = found.to_json()
    return {key: value for key, value in said.items() if key not in ("models", "examples")}
