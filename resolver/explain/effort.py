"""How much may be tried before a question is given up."""

from __future__ import annotations

from ..errors import UndecidedError


class Effort:
    """A number of candidates that several questions together may look at."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._spent = 0

    @property
    def is_spent(self) -> bool:
        """Whether nothing more is to be asked."""
        return self._spent >= self._most

    def spend(self) -> None:
        """Count one candidate. Raises `UndecidedError` where that is one too many."""
        if self.is_spent:
            raise UndecidedError(self._spent)
        self._spent += 1
