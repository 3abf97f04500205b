"""Errors of a trace; `CallFailedError` is defined beside the call, in ``fresh.py``."""

from __future__ import annotations

from dataclasses import dataclass


class TracerError(Exception):
    """The root of this package's errors."""


@dataclass(eq=False)
class UnreadableTraceError(TracerError):
    """A file is no trace, or a part of it cannot be read."""

    source: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: not a trace: {self.reason}"


@dataclass(eq=False)
class UnreadablePickleError(TracerError):
    """The bytes are not a pickle whose opcodes can be read."""

    source: str
    reason: str

    def __str__(self) -> str:
        return f"{self.source}: not a readable pickle: {self.reason}"
