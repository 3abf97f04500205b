"""Errors raised while values are described, and for values that a column cannot hold.

Travels into other interpreters: Python 3.8 syntax.
"""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from typing import Any


class UnfaithfulError(Exception):
    """The requested form would lose part of a value."""


class RowsError(Exception):
    """Rows are not a valid input of the model.

    ``column`` is the column's name and ``row`` the index among the data rows, from 0, if the fault
    is in one; ``line`` is the line of a text file, from 1.
    """

    def __init__(
        self,
        reason: str,
        column: Any = None,
        row: int | None = None,
        line: int | None = None,
        *,
        by_file: str = "",
    ) -> None:
        super().__init__(reason, column, row, line)
        self.reason = reason
        self.by_file = by_file
        """A further way out, for callers who can supply another file; it ends the sentence."""
        self.column = column
        self.row = row
        self.line = line

    def __str__(self) -> str:
        """Return the place, then the fault."""
        place = [] if self.column is None else ["column %r" % (self.column,)]
        if self.row is not None:
            place.append("row %d" % self.row)
        where = ", ".join(place) + (" (line %d)" % self.line if self.line is not None else "")
        return "%s: %s" % (where, self.reason) if where else self.reason
