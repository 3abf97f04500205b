"""Why an environment cannot be made of wheels."""

from __future__ import annotations

from dataclasses import dataclass

from ..base.errors import WrongUseError


@dataclass(eq=False)
class NoWheelsError(WrongUseError):
    """A model's environment cannot be made of wheels as it was asked for."""

    what: str
    """The model folder, option or file."""
    reason: str
    way_out: str = ""

    def __str__(self) -> str:
        """Say what, why and the way out."""
        way = f": {self.way_out}" if self.way_out else ""
        return f"{self.what}: {self.reason}{way}"
