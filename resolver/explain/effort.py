"""Limits on the attempts that may be spent on one explanation."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..errors import UndecidedError

if TYPE_CHECKING:
    from types import TracebackType


class Effort:
    """The number of candidates that several questions together may look at."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._spent = 0

    @property
    def is_spent(self) -> bool:
        """Whether no further candidate may be looked at."""
        return self._spent >= self._most

    def spend(self) -> None:
        """Count one candidate. Raises `UndecidedError` if that is one too many."""
        if self.is_spent:
            raise UndecidedError(self._spent)
        self._spent += 1


class TimeLimit:
    """The seconds that a search may take, counted in its ``with`` blocks from the first one on."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until: float | None = None
        self._runs = False
        self._spent = 0

    def __enter__(self) -> None:
        """Start the clock, unless it runs already."""
        if self._until is None:
            self._until = time.monotonic() + self._seconds
        self._runs = True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the clock: work on an answer is bounded by the answer."""
        self._runs = False

    def spend(self) -> None:
        """Count one candidate. Raises `UndecidedError` if the time is over."""
        self._spent += 1
        if self._runs and self._until is not None and time.monotonic() > self._until:
            raise UndecidedError(self._spent, self._seconds)
