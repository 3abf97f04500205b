"""The result of a bisection: the culprits, the numbers before and after, and the trials."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from textwrap import shorten
from typing import Any, Literal

from ...base.text import brief, counted
from ...pins.change.repin import changes_of
from ..newest.limits import PYTHON
from ..trials.tried import LibraryWarning, Tried
from .moves import differing

Finding = Literal["differs", "fails"]

BisectionOutcome = Literal["found", "undecided", "same", "uncompared", "unbuilt", "bad good side"]

_LONGEST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Culprit:
    """A distribution, or Python, that changed a prediction, or made a model fail."""

    name: str
    good: str
    """The last version without the change; empty: it was not installed."""
    bad: str
    """The first version with it; empty: it is not installed."""
    before: Tried
    """The trial of the last set without the change."""
    after: Tried
    """The trial of the first set with it."""
    skipped: tuple[str, ...] = ()
    """Undecided versions between the two, each with its result."""
    known: str = ""
    """A sentence about known breaks of such a change, without its full stop."""

    @property
    def companions(self) -> tuple[str, ...]:
        """Other differences between the two sets, which can only move together with it."""
        one, other = self.before.pins, self.after.pins
        moved = changes_of(one.by_name, other.by_name)
        gone = one.by_name.keys() - other.by_name.keys()
        moved |= {name: f"without {one.by_name[name]}" for name in gone}
        if PYTHON in differing(one, other):
            moved[PYTHON] = f"Python {one.python} -> {other.python}"
        return tuple(moved[name] for name in sorted(moved) if name != self.name)

    @property
    def warnings(self) -> tuple[LibraryWarning, ...]:
        """Warnings of libraries that appear with the change, and not before."""
        old = {(each.category, each.message) for each in self.before.warnings}
        return tuple(e for e in self.after.warnings if (e.category, e.message) not in old)

    def __str__(self) -> str:
        """Return it as a few lines."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        verb = "changed the prediction" if self.after.outcome == "differs" else "made it fail"
        if self.good and self.bad:
            yield f"{self.name} {self.good} -> {self.bad} {verb}"
        else:
            there = f"{self.name} {self.bad}, which was not there," if self.bad else ""
            yield f"{there or f'that {self.name} {self.good} is not there any more'} {verb}"
        yield f"  {shorten(self.after.verdict.reason, _LONGEST, placeholder=' …')}"
        if self.known:
            yield f"  known: {self.known}"
        yield from (f"  not parted from it by any release: {each}" for each in self.companions)
        yield from (f"  warned: {shorten(str(each), _LONGEST)}" for each in self.warnings)
        yield from (f"  undecided: {each}" for each in self.skipped)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "name": self.name,
            "good": self.good or None,
            "bad": self.bad or None,
            "finding": self.after.outcome,
            "reason": self.after.verdict.reason,
            "known": self.known,
            "companions": list(self.companions),
            "warnings": [asdict(each) for each in self.warnings],
            "skipped": list(self.skipped),
            "before": asdict(self.before.pins),
            "after": asdict(self.after.pins),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Bisection:
    """The outcome of a bisection; true if it is known what changed the prediction."""

    folder: Path
    good: str
    """The name of the good side."""
    bad: str
    differing: int
    """The number of distributions that differ between the sides, Python among them."""
    outcome: BisectionOutcome
    reason: str
    """The result of the bad side; of the good one if that one fails."""
    tried: tuple[Tried, ...]
    """All trials, in their order."""
    relative: float
    """The relative tolerance for two floats, as a part of the larger one."""
    culprits: tuple[Culprit, ...] = ()
    """The culprits; each changes the prediction by itself."""
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Return whether a culprit was found."""
        return bool(self.culprits)

    def __str__(self) -> str:
        """Return a short report, a fact a line."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.folder}: {_OUTCOMES[self.outcome].format(good=self.good, bad=self.bad)}"
        if not self.culprits:
            yield f"  {shorten(self.reason, _LONGEST, placeholder=' …')}"
        yield from map(str, self.culprits)
        differ = f"{counted(self.differing, 'distribution')} differ{'s' * (self.differing == 1)}"
        yield f"{differ} between the two; {counted(len(self.tried), 'build')}"
        yield from (f"note: {note}" for note in self.notes)

    def __repr__(self) -> str:
        """Return its first line, short."""
        return brief(self)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "schema": 1,
            "folder": str(self.folder),
            "good": self.good,
            "bad": self.bad,
            "outcome": self.outcome,
            "reason": self.reason,
            "differing": self.differing,
            "culprits": [each.to_json() for each in self.culprits],
            "tolerance": self.relative,
            "builds": len(self.tried),
            "tried": [each.to_json() for each in self.tried],
            "notes": list(self.notes),
        }


_OUTCOMES: dict[BisectionOutcome, str] = {
    "found": "what is different between {good} and {bad}",
    "undecided": "with {bad} it is not as with {good}, and what of it is to blame was not found",
    "same": "the prediction is the same with {good} and with {bad}",
    "uncompared": "it predicts with {bad}, but nothing of that can be compared",
    "unbuilt": "there is no environment of {bad}",
    "bad good side": "it does not predict with {good}, so there is nothing to compare with",
}
