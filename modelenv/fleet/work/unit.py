"""What is done at once: models that share a pin set; and what a task is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ..results.outcome import ModelOutcome

MOST = 100
_FEWEST = 10
"""Models of a unit, where there are as many: what they share is paid for once a unit."""

Stopped = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class FleetUnit:
    """Models that share a pin set, and are gone through by one thread or one node."""

    pins: str
    models: tuple[Path, ...]


class FleetTask(Protocol):
    """What is done with each model: a frozen value, which may travel to another machine."""

    @property
    def name(self) -> str:
        """The word of its command."""

    @property
    def writes(self) -> bool:
        """Whether it changes folders: then a copy of a model is another model."""

    def said(self) -> Mapping[str, Any]:
        """Return all that an outcome depends on besides the model, as plain data."""

    def pins(self, folder: Path) -> str:
        """Return the key of what models share that are done at once; it raises nothing."""

    def run(self, unit: FleetUnit, stopped: Stopped) -> Iterator[ModelOutcome]:
        """Yield what comes of each model of a unit, as it is known, until it is `stopped`."""


def units_of(task: FleetTask, models: Iterable[Path], total: int, jobs: int) -> Iterator[FleetUnit]:
    """Yield the models in units, as soon as one is full; all of `jobs` have something to do."""
    size = max(_FEWEST, min(MOST, math.ceil(total / max(jobs, 1))))
    waiting: dict[str, list[Path]] = {}
    for model in models:
        pins = task.pins(model)
        group = waiting.setdefault(pins, [])
        group.append(model)
        if len(group) == size:
            yield FleetUnit(pins, tuple(waiting.pop(pins)))
    for pins, group in waiting.items():
        yield FleetUnit(pins, tuple(group))
