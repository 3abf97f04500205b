"""Wrong use of a command, said by the command itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...base.errors import WrongUseError


def wrong_use(said: str) -> WrongUseError:
    """Return the error that says it; its class is loaded where something is wrong alone."""
    from ...base.errors import WrongUseError

    return WrongUseError(said)
