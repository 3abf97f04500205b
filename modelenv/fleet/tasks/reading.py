"""A task that reads each model separately: nothing is loaded, run, changed or shared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..state.outcome import ModelOutcome
from ..work.unit import FleetUnit, Stopped, UnitSizes
from .pinned import UNKNOWN
from .refused import or_refused


@dataclass(frozen=True, slots=True)
class ReadingTask:
    """A function that reads each model folder."""

    name: str
    """The name of its command."""
    read: Callable[[Path], ModelOutcome]
    """A module-level function, since a task may travel to another machine."""

    @property
    def writes(self) -> bool:
        """False: nothing is changed."""
        return False

    @property
    def sizes(self) -> UnitSizes:
        """Units have the default sizes."""
        return UnitSizes()

    def said(self) -> Mapping[str, Any]:
        """Return an empty mapping: there are no options."""
        return {}

    def pins(self, folder: Path) -> str:  # noqa: ARG002  # nothing is shared
        """Return the same key for all models."""
        return UNKNOWN

    def run(self, unit: FleetUnit, stopped: Stopped) -> Iterator[ModelOutcome]:
        """Yield the result of reading each folder."""
        for model in unit.models:
            if stopped():
                return
            yield or_refused(model, UNKNOWN, self.read)
