"""Errors of packing an environment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...base.errors import ModelenvError, NotMadeError


class NoPackError(NotMadeError):
    """An environment that cannot be packed as requested."""


@dataclass(eq=False)
class PackNotProvenError(ModelenvError):
    """A pack in which the model does not give its recorded prediction; it was not written."""

    file: Path
    """The file that was to be written."""
    reason: str
    """The prediction, or the reason why it failed."""
    detail: str = ""
    """The traceback, or the end of the printed output."""

    def __str__(self) -> str:
        """Return that nothing was written, and why."""
        said = f"\n{self.detail.rstrip()}" if self.detail else ""
        return f"{self.file} was not written: {self.reason}{said}"
