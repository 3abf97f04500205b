"""Units of work: models that share a pin set; and the interface of a task."""

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
    """Models that share a pin set, run by one thread or one node."""

    pins: str
    models: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class UnitSizes:
    """The number of models in a unit: the cost of what they share is paid once per unit."""

    fewest: int = 10
    most: int = 100


TOGETHER = UnitSizes(sys.maxsize, sys.maxsize)
"""All models that share their pins are one unit."""


class FleetTask(Protocol):
    """A task on each model: a frozen value, which may travel to another machine."""

    @property
    def name(self) -> str:
        """The name of its command."""

    @property
    def writes(self) -> bool:
        """Whether it changes folders: then each copy of a model is done separately."""

    @property
    def sizes(self) -> UnitSizes:
        """The sizes of units."""

    def said(self) -> Mapping[str, Any]:
        """Return all options on which an outcome depends, as plain data."""

    def pins(self, folder: Path) -> str:
        """Return the key shared by models of one unit; raises no error."""

    def run(self, unit: FleetUnit, stopped: Stopped) -> Iterator[ModelOutcome]:
        """Yield the outcome of each model of a unit as it is known, until it is `stopped`."""


def units_of(task: FleetTask, models: Iterable[Path], total: int, jobs: int) -> Iterator[FleetUnit]:
    """Yield the models in units, each as soon as it is full, enough for `jobs` of them."""
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
