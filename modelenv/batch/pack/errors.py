"""Why an environment is not packed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...base.errors import ModelenvError, NotMadeError


class NoPackError(NotMadeError):
    """An environment that cannot be packed as it was asked for."""


@dataclass(eq=False)
class PackNotProvenError(ModelenvError):
    """A pack in which the model does not give its recorded prediction; it was not written."""

    file: Path
    """How it was to be called."""
    reason: str
    """What it predicted, or why it fails."""
    detail: str = ""
    """The traceback, or the end of what was printed."""

    def __str__(self) -> str:
        """Say that nothing was written, and why."""
        said = f"\n{self.detail.rstrip()}" if self.detail else ""
        return f"{self.file} was not written: {self.reason}{said}"
