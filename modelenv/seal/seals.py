"""The seal of a run, and what it left open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..base.errors import ModelenvError, NamedOption, Spell

Kind = Literal["namespaces", "landlock", "watch", "off"]
Wanted = Literal["auto", "namespaces", "landlock", "watch", "off"]
KINDS: tuple[Kind, ...] = ("namespaces", "landlock", "watch", "off")
"""The kinds of seals, the strongest first."""

WORDS = {
    "namespaces": "sealed by namespaces",
    "landlock": "sealed by Landlock",
    "watch": "watched, not sealed",
    "off": "not sealed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """The seal that separates a run from the machine."""

    kind: Kind
    left_open: tuple[str, ...] = ()
    """The accesses that it does not prevent, a phrase each."""
    reason: str = ""
    """The reason why no stronger seal was taken, if it was not asked for by name."""
    own_processes: bool = False
    """Whether a run has a process namespace of its own, and sees no other processes."""
    allow_hosts: tuple[str, ...] = ()
    """The hosts that the user allowed."""
    allow_paths: tuple[str, ...] = ()
    """The paths that the user allowed."""

    def __str__(self) -> str:
        """Return the seal in words.

        >>> str(Seal(kind="landlock"))
        'sealed by Landlock'
        """
        return WORDS[self.kind]

    @property
    def seals(self) -> bool:
        """Whether the run is kept from what is outside, rather than only watched."""
        return self.kind in ("namespaces", "landlock")


OFF = Seal(kind="off")


class SealUnavailableError(ModelenvError):
    """The seal that was requested by name is unavailable on this machine."""

    exit_code = 2

    def __init__(self, kind: Kind, reason: str) -> None:
        super().__init__(kind, reason)
        self.kind = kind
        self.reason = reason

    def __str__(self) -> str:
        return self.told(str)

    def told(self, spell: Spell) -> str:
        """Return the message."""
        asked, best = (spell(NamedOption("seal", kind)) for kind in (self.kind, "auto"))
        return f"{asked} cannot be had here: {self.reason}. {best} takes what can."


class SealFailedError(ModelenvError):
    """A seal could not be made for a run, although this machine allows seals of its kind."""

    exit_code = 3

    def __init__(self, seal: Seal, number: int, text: str, what: str) -> None:
        super().__init__(seal, number, text, what)
        self.seal = seal
        self.number = number
        """The kernel's number (errno)."""
        self.text = text
        self.what = what

    def __str__(self) -> str:
        return self.told(str)

    def told(self, spell: Spell) -> str:
        """Return the message."""
        watch = spell(NamedOption("seal", "watch"))
        return (
            f"the run could not be {self.seal}: {self.what}: {self.text}. {watch} runs it without."
        )
