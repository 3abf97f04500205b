"""What is done at once: models that share a pin set; and what a task is."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ..state.outcome import ModelOutcome

Stopped = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class FleetUnit:
    """Models that share a pin set, and are gone through by one thread or one node."""

    pins: str
    models: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class UnitSizes:
    """How many models a unit has, where there are as many: what they share is paid once a unit."""

    fewest: int = 10
    most: int = 100


TOGETHER = UnitSizes(sys.maxsize, sys.maxsize)
"""All models that share their pins are one unit."""


class FleetTask(Protocol):
    """What is done with each model: a frozen value, which may travel to another machine."""

    @property
    def name(self) -> str:
        """The word of its command."""

    @property
    def writes(self) -> bool:
        """Whether it changes folders: then a copy of a model is another model."""

    @property
    def sizes(self) -> UnitSizes:
        """How many models a unit has."""

    def said(self) -> Mapping[str, Any]:
        """Return all that an outcome depends on besides the model, as plain data."""

    def pins(self, folder: Path) -> str:
        """Return the key of what models share that are done at once; it raises nothing."""

    def run(self, unit: FleetUnit, stopped: Stopped) -> Iterator[ModelOutcome]:
        """Yield what comes of each model of a unit, as it is known, until it is `stopped`."""


def units_of(task: FleetTask, models: Iterable[Path], total: int, jobs: int) -> Iterator[FleetUnit]:
    """Yield the models in units, as soon as one is full; all of `jobs` have something to do."""
    size = max(task.sizes.fewest, min(task.sizes.most, math.ceil(total / jobs)))
    waiting: dict[str, list[Path]] = {}
    for model in models:
        pins = task.pins(model)
        group = waiting.setdefault(pins, [])
        group.append(model)
        if len(group) == size:
            yield FleetUnit(pins, tuple(waiting.pop(pins)))
    for pins, group in waiting.items():
        yield FleetUnit(pins, tuple(group))
