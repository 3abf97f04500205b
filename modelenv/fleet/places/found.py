"""The result of a search for models."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...base.text import counted


@dataclass(frozen=True, slots=True)
class SkippedPlace:
    """A place that is no model, or contains one that is not available."""

    place: str
    reason: str
    """The reason, as the rest of a sentence that begins with the place's name."""
    grave: bool = False
    """Whether a model was expected: from a list, a named folder, or a run."""

    def __str__(self) -> str:
        """Return it as a sentence."""
        return f"{self.place}: {self.reason}"

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"place": self.place, "reason": self.reason, "grave": self.grave}


@dataclass(frozen=True, slots=True)
class FoundModels:
    """The models that words name, each once, in the order of their paths."""

    models: tuple[Path, ...]
    skipped: tuple[SkippedPlace, ...] = ()
    root: str = ""
    """The common folder of all named places, which identifies the fleet in later runs."""

    def __str__(self) -> str:
        """Return the number of models."""
        return counted(len(self.models), "model")
