"""The result of one trial."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ...base.text import brief
from ...worker.job import Ended
from ...worker.verdict import Verdict
from .pins import TrialPins

TrialOutcome = Literal["same", "close", "runs", "differs", "fails", "unbuilt"]


@dataclass(frozen=True, slots=True)
class LibraryWarning:
    """A warning that a library gave while the model ran."""

    category: str
    """The class: ``sklearn.exceptions.InconsistentVersionWarning``."""
    message: str
    place: str
    """The file and line: ``sklearn/base.py:463``."""

    def __str__(self) -> str:
        """Return it as one line."""
        return f"{self.category.rpartition('.')[2]} ({self.place}): {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """The outcome of one trial: a set of pins, its result, and its warnings."""

    pins: TrialPins
    verdict: Verdict
    largest: float = 0.0
    """The largest difference of a prediction that is within the tolerance."""
    warnings: tuple[LibraryWarning, ...] = ()
    prediction: Mapping[str, Any] | None = None
    """The description of what it predicted, in a file that goes with the trials; None if it
    predicted nothing, or something that only it can read."""

    @property
    def outcome(self) -> TrialOutcome:
        """The result in a word.

        `same`: the prediction is equal; `close`: it is within the tolerance; `runs`: nothing, or
        not all, could be compared; `differs`; `fails`: the model, or a library, raised; `unbuilt`:
        there is no such environment.
        """
        if self.verdict.status == "fails":
            return "unbuilt" if self.verdict.stage == "build" else "fails"
        if self.verdict.status == "reproduces":
            return "close" if self.largest else "same"
        return self.verdict.status

    @property
    def good(self) -> bool:
        """Whether the model predicts with it, and nothing differs."""
        return self.verdict.good

    def __str__(self) -> str:
        """Return it as one line."""
        return f"Python {self.pins.python}, {len(self.pins.lines)} pins: {self.verdict.reason}"

    def __repr__(self) -> str:
        """Return its first line, short."""
        return brief(self)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "python": self.pins.python,
            "pins": list(self.pins.lines),
            "outcome": self.outcome,
            "reason": self.verdict.reason,
            "stage": self.verdict.stage,
            "largest_difference": self.largest,
            "warnings": [asdict(each) for each in self.warnings],
            "seconds": self.verdict.seconds,
        }


def warnings_of(ended: Ended) -> tuple[LibraryWarning, ...]:
    """Return the warnings that a run reported, in their order."""
    return tuple(
        LibraryWarning(each["category"], each["message"], each["place"])
        for each in ended.report.events
        if each["event"] == "warned"
    )
