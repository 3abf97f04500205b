"""A task that reads each model by itself: nothing is loaded, run, changed or shared."""

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
    """What is read of each model folder."""

    name: str
    """The word of its command."""
    read: Callable[[Path], ModelOutcome]
    """A function of a module, since a task may travel to another machine."""

    @property
    def writes(self) -> bool:
        """Nothing is changed."""
        return False

    @property
    def sizes(self) -> UnitSizes:
        """Nothing is shared."""
        return UnitSizes()

    def said(self) -> Mapping[str, Any]:
        """Return nothing: there is nothing to ask for."""
        return {}

    def pins(self, folder: Path) -> str:  # noqa: ARG002  # nothing is shared
        """Return the same for all."""
        return UNKNOWN

    def run(self, unit: FleetUnit, stopped: Stopped) -> Iterator[ModelOutcome]:
        """Yield what is read of each folder."""
        for model in unit.models:
            if stopped():
                return
            yield or_refused(model, UNKNOWN, self.read)
