"""The outcome of one model of a fleet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ...base.text import brief


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelOutcome:
    """The outcome of one model."""

    path: str
    """Its folder."""
    status: str
    """One word: for `verify` the status of its verdict; `error` if there is no result."""
    good: bool
    cause: str = ""
    """The reason why it is not good, in words that are equal for models with the same fault."""
    reason: str = ""
    """One sentence on this model."""
    pins: str = ""
    """The key of its pin set, equal for models with equal pins."""
    seconds: float = 0.0
    """The time that it took in seconds, if it was measured separately."""
    at: float = 0.0
    """When the outcome was found, in seconds since 1970."""
    earlier: bool = False
    """Whether an earlier run found it."""
    result: Mapping[str, Any] = field(default_factory=dict)
    """The full result, in the JSON of the command for one model."""

    @property
    def is_final(self) -> bool:
        """Whether it is a property of the model; a temporary error is tried again."""
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
