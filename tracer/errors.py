"""What can go wrong in a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .records import Trace


class TracerError(Exception):
    """Stand above every error of this package."""


class CallFailedError(TracerError):
    """A function that was traced in a fresh interpreter did not return."""

    def __init__(self, name: str, reason: str, trace: Trace) -> None:
        super().__init__(name, reason, trace)
        self.name = name
        self.reason = reason
        self.trace = trace

    def __str__(self) -> str:
        return f"{self.name} did not return: {self.reason}"


class UnreadableTraceError(TracerError):
    """A file is not a trace, or a part of it cannot be read."""

    def __init__(self, source: str, line: int, reason: str) -> None:
        super().__init__(source, line, reason)
        self.source = source
        self.line = line
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: not a trace: {self.reason}"


class UnreadablePickleError(TracerError):
    """The bytes are not a pickle whose opcodes can be read."""

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(source, reason)
        self.source = source
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.source}: not a readable pickle: {self.reason}"
