"""Write times and durations of any library as the texts that columns of tables have.

Travels into other interpreters: Python 3.8 syntax; a library is imported only for its own values.
"""

from __future__ import annotations

import datetime
import sys

from ...table.column_type import UNITS
from ...table.errors import UnfaithfulError
from ...table.incoming.times import write_date, write_datetime, write_duration

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_DAYS = ("Y", "M", "W", "D")
_CLOCK = ("h", "m")
_NOT_A_TIME = -(2**63)


def write_moment(value: datetime.datetime) -> str:
    """Return a time in ISO 8601: in UTC if it has a zone, with the nanoseconds of pandas.

    Raises UnfaithfulError outside the years 1 to 9999.
    """
    zoned = value.utcoffset() is not None
    if hasattr(value, "asm8"):  # a Timestamp of pandas, in UTC
        text = write_array(value.asm8)
    elif zoned:
        try:
            text = value.astimezone(datetime.timezone.utc).replace(tzinfo=None).isoformat()
        except OverflowError:
            raise UnfaithfulError("a time outside the years 1 to 9999") from None
    else:
        text = value.isoformat()
    return "%sZ" % text if zoned else str(text)


def write_timedelta(value: datetime.timedelta) -> str:
    """Return a duration as pandas writes it."""
    if hasattr(value, "asm8"):  # a Timedelta of pandas
        return str(write_array(value.asm8))
    seconds = value.days * 86400 + value.seconds
    return write_duration(seconds * 10**6 + value.microseconds, "us")


def write_clock(nanoseconds: int) -> str:
    """Return a time of day, given in nanoseconds since midnight, in ISO 8601."""
    seconds, rest = divmod(nanoseconds, 10**9)
    text = "%02d:%02d:%02d" % (seconds // 3600, seconds // 60 % 60, seconds % 60)
    return "%s.%09d" % (text, rest) if rest else text


def write_array(value: Any) -> Any:
    """Return an array or a scalar of numpy's times or durations as texts, in nested lists.

    Raises UnfaithfulError for durations without a fixed length, such as months.
    """
    numpy = sys.modules["numpy"]
    array = numpy.asanyarray(value)
    unit, step = numpy.datetime_data(array.dtype)
    kind = array.dtype.kind
    if kind == "M" and unit in _DAYS:
        return _told(array.astype("M8[D]"), write_date)
    if unit in _CLOCK or (kind == "m" and unit in ("W", "D")):
        unit, step = "s", 0
    if unit in UNITS:
        if step != 1:
            array = array.astype("%s8[%s]" % (kind, unit))
        if kind == "m":
            return _told(array, lambda count: write_duration(count, unit))
        return _told(array, lambda count: write_datetime(count, unit, ""))
    if kind == "M":  # finer than any column, or without a unit, where only NaT occurs
        return numpy.where(numpy.isnat(array), None, array.astype(str)).tolist()
    return _told(array, lambda _: _no_length(unit))


def _told(array: Any, write: Callable[[int], str]) -> Any:
    return _each(array.astype("i8").tolist(), write)


def _each(counts: Any, write: Callable[[int], str]) -> Any:
    if isinstance(counts, list):
        return [_each(each, write) for each in counts]
    return None if counts is None or counts == _NOT_A_TIME else write(counts)


def _no_length(unit: str) -> str:
    raise UnfaithfulError("a duration in numpy's unit %r has no form in JSON" % unit)
