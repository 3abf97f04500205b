"""Errors of wrong use, raised by the commands themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...base.errors import WrongUseError


def wrong_use(said: str) -> WrongUseError:
    """Return the error with a message; its class is imported only when it is needed."""
    from ...base.errors import WrongUseError

    return WrongUseError(said)
