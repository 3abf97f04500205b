"""The variables that a call allows to be sent to hosts; `known_hosts` checks lines against them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Permit:
    """The variables that the user allows one call to send, and the hosts for them."""

    lines: tuple[str, ...] = field(default=(), repr=False)
    """The user's own lines: the hosts that they name are known."""
    variables: tuple[str, ...] = ()
    """Allowed pairs of a variable and a host, as ``TOKEN=https://host``."""


NONE = Permit()
"""The permit that allows nothing."""
