"""What can be wrong with the file in which a fleet is kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...base.errors import ModelenvError, NamedOption, Spell, WrongUseError


@dataclass(eq=False)
class StateFileError(WrongUseError):
    """A file cannot be the state of a fleet; it stays as it is."""

    file: Path
    reason: str
    """What is wrong with it, as the rest of a sentence that begins with its name."""

    def __str__(self) -> str:
        return self.told(str)

    def told(self, spell: Spell) -> str:
        """Return the message."""
        option = spell(NamedOption("state")).removesuffix("=")
        return (
            f"{self.file} {self.reason}: it was left as it is; name another file with {option}, or"
            " put this one out of the way, and what it holds is done again"
        )


@dataclass(eq=False)
class FleetBusyError(ModelenvError):
    """Another run is at work on the same fleet."""

    file: Path
    holder: str
    """Who that is, in words."""

    def __str__(self) -> str:
        return self.told(str)

    def told(self, spell: Spell) -> str:
        """Return the message."""
        option = spell(NamedOption("state")).removesuffix("=")
        return (
            f"{self.holder or 'another run'} is at work on this fleet ({self.file}): wait for it,"
            f" or keep this one apart with {option}"
        )
