"""Errors raised while an environment is made from wheels."""

from __future__ import annotations

from ..base.errors import NotMadeError


class NoWheelsError(NotMadeError):
    """The environment cannot be made from wheels as requested."""
