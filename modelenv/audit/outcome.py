"""The result of an audit of a model."""

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
    """The advisories against a model's pins; true if there are none."""

    path: Path
    pins: int
    """The number of pinned versions that were looked up."""
    parts: int
    """The number of packages in their wheels that were looked up too."""
    vulnerable: tuple[VulnerablePin, ...]
    """Each version with an advisory, the most severe first."""
    ignored: tuple[VulnerablePin, ...]
    """Findings that the caller asked to ignore."""
    told: tuple[ToldPin, ...] | None
    """The current remarks of indexes on pins; None: they were not asked."""
    asked: tuple[str, ...]
    """The sources of advisories, in words."""
    ways_out: tuple[str, ...] = ()
    """The commands that fix the findings."""
    undecided: tuple[str, ...] = ()
    """Sentences on versions for which it is uncertain whether an advisory applies."""
    unreadable: tuple[str, ...] = ()
    """Advisories that could not be read."""
    unjudged: tuple[str, ...] = ()
    """Sentences on parts of the model that no source of advisories covers."""
    notes: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Whether there are no findings, and every source gave a definite answer."""
        harmful = any(each.is_harmful for each in self.told or ())
        return not (self.vulnerable or self.undecided or self.unreadable or harmful)

    def __bool__(self) -> bool:
        """Return whether all is good: ``assert modelenv.audit_model(...)``."""
        return self.good

    def __str__(self) -> str:
        """Return a summary, then a line for each finding."""
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
        known += ", not all could be decided" if self.undecided or self.unreadable else ""
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
    """Return a finding as plain data, without the fields that concern several models."""
    said = found.to_json()
    return {key: value for key, value in said.items() if key not in ("models", "examples")}
