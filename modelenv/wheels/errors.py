"""Errors of making an environment from wheels."""

from __future__ import annotations

from ..base.errors import NotMadeError


class NoWheelsError(NotMadeError):
    """A model's environment cannot be made of wheels as it was asked for."""
