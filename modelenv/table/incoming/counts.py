"""Times and durations as counts of a unit, as in Parquet and Arrow files.

Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import datetime

from ..column_type import UNITS, ColumnType

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


class Count:
    """A time, counted from 1970 (in UTC if it has a zone), or a duration, in a unit."""

    __slots__ = ("count", "is_duration", "unit", "zone")

    def __init__(self, count: int, unit: str, *, zone: str = "", is_duration: bool = False) -> None:
        self.count = count
        self.unit = unit
        self.zone = zone
        """The time zone in which it is shown; empty if it has none."""
        self.is_duration = is_duration

    def __repr__(self) -> str:
        return "%d %s" % (self.count, self.unit)

    @property
    def shown(self) -> str:
        """Return the kind in words."""
        return "a duration" if self.is_duration else "a time"

    def to_python(self) -> datetime.datetime | datetime.timedelta:
        """Return the value as Python's type, in UTC if it has a zone.

        Raises ValueError for values finer than a microsecond, OverflowError outside the years 1 to
        9999.
        """
        micros, rest = divmod(self.count * UNITS["us"], UNITS[self.unit])
        if rest:
            raise ValueError("is finer than a microsecond, and Python's times are not")
        since = datetime.timedelta(microseconds=micros)
        if self.is_duration:
            return since
        return (_EPOCH if self.zone else _EPOCH.replace(tzinfo=None)) + since


def type_of_counts(cells: Sequence[Any]) -> ColumnType | None:
    """Return the type of a column of counts with gaps; None if the cells are no counts."""
    counts = [cell for cell in cells if cell is not None]
    if not counts or set(map(type, counts)) != {Count}:
        return None
    forms = {(each.is_duration, each.unit, each.zone) for each in counts}
    if len(forms) > 1:
        return None
    (is_duration, unit, zone) = forms.pop()
    if is_duration:
        return ColumnType.of_dtype("timedelta64[%s]" % unit)
    return ColumnType.of_dtype("datetime64[%s]" % ", ".join(filter(None, (unit, zone))))
