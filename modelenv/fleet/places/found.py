"""What a search for models came to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...base.text import counted


@dataclass(frozen=True, slots=True)
class SkippedPlace:
    """A place that is no model, or holds one that is not at hand."""

    place: str
    reason: str
    """Why, as the rest of a sentence that begins with its name."""
    grave: bool = False
    """Whether a model was meant: one of a list, a folder that was named, a run's."""

    def __str__(self) -> str:
        """Return it as a sentence."""
        return f"{self.place}: {self.reason}"

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"place": self.place, "reason": self.reason, "grave": self.grave}


@dataclass(frozen=True, slots=True)
class FoundModels:
    """The models that some words lead to, each once, in the order of their paths."""

    models: tuple[Path, ...]
    skipped: tuple[SkippedPlace, ...] = ()
    root: str = ""
    """The folder in which all that was named stands: by it a fleet is known in later runs."""

    def __str__(self) -> str:
        """Say how many there are."""
        return counted(len(self.models), "model")
