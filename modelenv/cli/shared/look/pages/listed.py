"""The requirements of a folder, as a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .....base.siblings import envfiles


@dataclass(frozen=True, slots=True)
class ListedPins:
    """Requirements with why each is there, and lines that name none."""

    entries: tuple[envfiles.Entry, ...]
    unnamed: tuple[str, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """The requirements alone."""
        return (*(entry.requirement for entry in self.entries), *self.unnamed)

    def __str__(self) -> str:
        """Return a line for each."""
        width = max((len(entry.requirement) for entry in self.entries), default=0)
        lines = (f"{entry.requirement:<{width}}  {entry.comment}" for entry in self.entries)
        return "\n".join((*map(str.rstrip, lines), *self.unnamed))
