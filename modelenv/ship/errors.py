"""Why an image cannot be made."""

from __future__ import annotations

from dataclasses import dataclass

from ..base.errors import ModelenvError, WrongUseError


@dataclass(eq=False)
class NoImageError(WrongUseError):
    """A model that cannot be put into an image as it was asked for."""

    what: str
    """The model folder, option or file."""
    reason: str
    way_out: str = ""

    def __str__(self) -> str:
        """Say what, why and the way out."""
        way = f": {self.way_out}" if self.way_out else ""
        return f"{self.what}: {self.reason}{way}"


@dataclass(eq=False)
class ImageBuildError(ModelenvError):
    """A builder that failed, with the last that it printed."""

    command: str
    status: int
    printed: str

    def __str__(self) -> str:
        """Say which command failed, and what it printed last."""
        return f"{self.command} ended with status {self.status}:\n{self.printed}"
