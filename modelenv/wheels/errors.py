"""What goes wrong where an environment is made of wheels."""

from __future__ import annotations

from ..base.errors import NotMadeError


class NoWheelsError(NotMadeError):
    """A model's environment cannot be made of wheels as it was asked for."""
