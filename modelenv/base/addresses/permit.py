"""What the user says in a call of where variables may go; `known_hosts` holds lines against it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Permit:
    """What the user says in one call of where variables may go."""

    lines: tuple[str, ...] = field(default=(), repr=False)
    """Lines of the user's own: the hosts that they name are known."""
    variables: tuple[str, ...] = ()
    """As ``TOKEN=https://host``: a variable and a host that it may go to."""


NONE = Permit()
"""What nothing is said of."""
