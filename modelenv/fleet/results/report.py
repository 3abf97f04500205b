"""The report on a fleet: the number of models by status, and the causes that they share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ...base.text import brief, counted, few
from ..places.found import SkippedPlace
from ..state.outcome import ModelOutcome
from ..state.state_file import read_outcomes

_PLURAL = {
    "reproduces": "reproduce",
    "runs": "run",
    "differs": "differ",
    "fails": "fail",
    "error": "could not be looked at",
}
_EXAMPLES = 5
_MOST_SKIPPED = 10
_MOST_CAUSES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetCause:
    """A cause that several failed models share."""

    status: str
    cause: str
    count: int
    examples: tuple[str, ...]
    """The first of them, by their folders."""

    def __str__(self) -> str:
        """Return it as a line: ``fails: missing module cv2: 12 models``."""
        named = f"{self.status}: {self.cause}" if self.cause else self.status
        return f"{named}: {counted(self.count, 'model')}"

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        about = {"status": self.status, "cause": self.cause, "count": self.count}
        return {**about, "examples": list(self.examples)}


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetReport:
    """The results of a fleet; those of single models are read from its state file."""

    command: str
    """The operation: `verify`, `inspect`, `lock`, `migrate`."""
    state: Path
    """The file from which a later run continues."""
    counts: dict[str, int]
    """The number of models by status."""
    causes: tuple[FleetCause, ...]
    """The causes of failures, the most frequent first."""
    pin_sets: int
    """The number of different pin sets, of those that could be read."""
    earlier: int
    """The number of models that an earlier run had done."""
    skipped: tuple[SkippedPlace, ...] = ()
    notes: tuple[str, ...] = ()
    began: float = 0.0
    """When this run began, in seconds since 1970."""
    listed: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """The models, each with the key of its outcome."""

    @property
    def total(self) -> int:
        """The number of models."""
        return len(self.listed)

    @property
    def good(self) -> bool:
        """Whether every model is good, and every place that should be a model is one."""
        return not self.causes and not any(each.grave for each in self.skipped)

    def __bool__(self) -> bool:
        """Return whether all is good: ``assert modelenv.verify_fleet("models")``."""
        return self.good

    def outcomes(self) -> Iterator[ModelOutcome]:
        """Yield the outcome of each model, in the order of their folders, read one at a time."""
        found = read_outcomes(self.state, (key for _, key in self.listed))
        for (path, _), outcome in zip(self.listed, found, strict=True):
            if outcome is not None:
                yield replace(outcome, path=path, earlier=outcome.at < self.began)

    def __str__(self) -> str:
        """Return a summary: the number of models by status, and the causes."""
        return "\n".join([self._head, *self._iter_causes(), *self._iter_rest()])

    def __repr__(self) -> str:
        """Return its first line, short."""
        return brief(self)

    @property
    def _head(self) -> str:
        kinds = ", ".join(counted_status(*each) for each in self.counts.items())
        sets = f" with {counted(self.pin_sets, 'pin set')}" if self.pin_sets else ""
        earlier = f" ({self.earlier} known from earlier runs)" if self.earlier else ""
        return f"{counted(self.total, 'model')}{sets}: {kinds or 'no model has a result'}{earlier}"

    def _iter_causes(self) -> Iterator[str]:
        for each in self.causes[:_MOST_CAUSES]:
            yield f"  {each}"
            more = each.count - len(each.examples)
            yield f"    {', '.join(each.examples)}" + (f" and {more} more" if more else "")
        if len(self.causes) > _MOST_CAUSES:
            rest = self.causes[_MOST_CAUSES:]
            models = counted(sum(each.count for each in rest), "model")
            yield f"  {counted(len(rest), 'further cause')}: {models}"

    def _iter_rest(self) -> Iterator[str]:
        yield from (f"not a model: {each}" for each in self.skipped[:_MOST_SKIPPED])
        if len(self.skipped) > _MOST_SKIPPED:
            yield f"not a model: {len(self.skipped) - _MOST_SKIPPED} more (--json names them)"
        yield from (f"note: {note}" for note in self.notes)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data, without the models themselves, which `outcomes` yields."""
        return {
            "schema": 1,
            "command": self.command,
            "state": str(self.state),
            "good": self.good,
            "total": self.total,
            "counts": dict(self.counts),
            "causes": [each.to_json() for each in self.causes],
            "pin_sets": self.pin_sets,
            "earlier": self.earlier,
            "skipped": [each.to_json() for each in self.skipped],
            "notes": list(self.notes),
        }


class FleetTally:
    """Counts of outcomes, which keep only the examples that the report names."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.earlier = 0
        self.bad = 0
        self._pins: set[str] = set()
        self._causes: Counter[tuple[str, str]] = Counter()
        self._examples: dict[tuple[str, str], list[str]] = {}

    def add(self, outcome: ModelOutcome) -> None:
        """Count the outcome of one model."""
        self.counts[outcome.status] += 1
        self.earlier += outcome.earlier
        if outcome.pins:
            self._pins.add(outcome.pins)
        if outcome.good:
            return
        self.bad += 1
        key = (outcome.status, outcome.cause)
        self._causes[key] += 1
        examples = self._examples.setdefault(key, [])
        if len(examples) < _EXAMPLES:
            examples.append(outcome.path)

    @property
    def by_frequency(self) -> dict[str, int]:
        """The number of models by status, the most frequent first, in whatever order they came."""
        return dict(sorted(self.counts.items(), key=_frequent_first))

    @property
    def pin_sets(self) -> int:
        """The number of different pin sets."""
        return len(self._pins)

    def causes(self) -> tuple[FleetCause, ...]:
        """Return the causes of failures, the most frequent first."""
        return tuple(
            FleetCause(
                status=status,
                cause=cause,
                count=count,
                examples=tuple(sorted(self._examples[status, cause])),
            )
            for (status, cause), count in sorted(self._causes.items(), key=_frequent_first)
        )

    @property
    def words(self) -> str:
        """A short text on the counts so far."""
        return few([counted_status(*each) for each in self.by_frequency.items()])


def _frequent_first(counted: tuple[Any, int]) -> tuple[int, Any]:
    """Return the key by which counted things are sorted: by their number, then by themselves."""
    thing, count = counted
    return -count, thing


def counted_status(status: str, count: int) -> str:
    """Return the number of models with a status, as text.

    >>> counted_status("differs", 1), counted_status("differs", 20), counted_status("whole", 3)
    ('1 differs', '20 differ', '3 whole')
    """
    return f"{count} {status if count == 1 else _PLURAL.get(status, status)}"
