"""The findings in a pickle: its names, and what could not be followed."""

from __future__ import annotations

from dataclasses import dataclass, field

from .globals import Global
from .opcodes import BeyondError

_MOST_NAMES = 20_000
_MOST_NOTES = 100


@dataclass(slots=True)
class Findings:
    """The names in a pickle, also in one that cannot be read to its end."""

    names: dict[Global, Global] = field(default_factory=dict)
    """The names, each once, in order of appearance."""
    unfollowed: list[str] = field(default_factory=list)
    """Names that only running the pickle can tell, in words."""
    omitted: list[str] = field(default_factory=list)
    """Parts that were not looked into, in words."""
    calls: int = 0
    """The number of calls that unpickling would make."""

    def add(self, module: str, name: str) -> Global:
        """Add a global and return it. Raises BeyondError if there are too many."""
        made = Global(module, name)
        if len(self.names) >= _MOST_NAMES:
            raise BeyondError(f"it names more than {_MOST_NAMES:,} globals")
        return self.names.setdefault(made, made)

    def has_effect(self) -> bool:
        """Return whether unpickling calls something, or imports a possible module.

        Much text begins with bytes that could be opcodes; text has no call in it, and the names
        read from it are no module names.
        """
        return self.calls > 0 or any(name.is_importable for name in self.names)

    def absorb(self, other: Findings) -> None:
        """Add the findings of another reading."""
        self.names |= other.names
        self.unfollowed += other.unfollowed
        self.omitted += other.omitted
        self.calls += other.calls

    def tell_unfollowed(self, what: str) -> None:
        """Note a name that only running the pickle can tell."""
        if len(self.unfollowed) < _MOST_NOTES:
            self.unfollowed.append(what)

    def tell_omitted(self, what: str) -> None:
        """Note a part that was not looked into."""
        if len(self.omitted) < _MOST_NOTES:
            self.omitted.append(what)
