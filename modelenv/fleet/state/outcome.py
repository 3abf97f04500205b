"""What came of one model of a fleet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ...base.text import brief


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelOutcome:
    """What came of one model."""

    path: str
    """Its folder."""
    status: str
    """In a word: of `verify` that of its verdict; `error` where nothing could be found out."""
    good: bool
    cause: str = ""
    """Why it is not good, in words that are the same for models with the same trouble."""
    reason: str = ""
    """One sentence on this model."""
    pins: str = ""
    """The key of its pin set: models that pin the same have the same."""
    seconds: float = 0.0
    """What it took, where it took something of its own."""
    at: float = 0.0
    """When that was found out, in seconds since 1970."""
    earlier: bool = False
    """Whether an earlier run found it out."""
    result: Mapping[str, Any] = field(default_factory=dict)
    """All that is known, as the command for one model says it in JSON."""

    @property
    def is_final(self) -> bool:
        """Whether it says something of the model, and not of the day: that is tried again."""
        return self.status != "error"

    def __str__(self) -> str:
        """Return it in one line."""
        return f"{self.path}: {self.status}" + (f": {self.reason}" if self.reason else "")

    def __repr__(self) -> str:
        """Return its first line, short."""
        return brief(self)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)
