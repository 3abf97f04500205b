"""Convert times in ISO 8601, and durations in pandas' form, to counts of a unit, and back.

Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import datetime
import re

from ..column_type import UNITS
from ..errors import UnfaithfulError
from ..objects import class_of

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from typing import Any

EPOCH = datetime.date(1970, 1, 1).toordinal()
_DAY = 86400
_NS = 10**9
_SMALLEST, _LARGEST = -(2**63) + 1, 2**63 - 1  # -2**63 stands for a missing time

_PYTHON = ("datetime.time", "datetime.datetime", "datetime.timedelta")

_DATETIME = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?"
    r"\s*(Z|[+-]\d\d(?::?\d\d(?::\d\d)?)?)?$"
)
_DURATION = re.compile(
    r"(?:(-?\d+) days?,? ?)?(?:([+-]?)(\d+):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?$"
)
_ISO_DURATION = re.compile(
    r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,9}))?S)?)?$"
)


def read_date(text: str) -> int:
    """Return the days from 1970-01-01 to an ISO date. Raises ValueError."""
    return datetime.date.fromisoformat(text).toordinal() - EPOCH


def write_date(days: int) -> str:
    """Return the ISO date of a day count. Raises UnfaithfulError outside the years 1 to 9999."""
    if not 1 <= days + EPOCH <= datetime.date.max.toordinal():
        raise UnfaithfulError("a date outside the years 1 to 9999")
    return datetime.date.fromordinal(days + EPOCH).isoformat()


def read_datetime(text: str, unit: str, zone: str) -> int:
    """Return an ISO 8601 time as a count of `unit` from 1970 in UTC.

    If the column has a `zone`, the text needs an offset; if it has none, the text must have none
    or be in UTC. Raises ValueError with the reason.
    """
    found = _DATETIME.match(text)
    if found is None:
        raise ValueError("is no time by ISO 8601, as 2026-01-31T09:30:00")
    date, hour, minute, second, fraction, offset = found.groups()
    if zone and not offset:
        raise ValueError("has no offset, as Z or +01:00, and the column has times in %s" % zone)
    shift = _offset(offset)
    if shift and not zone:
        raise ValueError("has an offset, and the column has times without a zone")
    seconds = read_date(date) * _DAY - shift
    seconds += int(hour or 0) * 3600 + int(minute or 0) * 60 + int(second or 0)
    if int(hour or 0) > 23 or int(minute or 0) > 59 or int(second or 0) > 59:
        raise ValueError("is no time of a day")
    return scale(seconds * _NS + int((fraction or "").ljust(9, "0")), "ns", unit)


def write_datetime(count: int, unit: str, zone: str) -> str:
    """Return an ISO 8601 time, in UTC if the column has a `zone`."""
    seconds, rest = divmod(count, UNITS[unit])
    days, second = divmod(seconds, _DAY)
    text = "%sT%02d:%02d:%02d" % (write_date(days), second // 3600, second // 60 % 60, second % 60)
    return text + _fraction(rest, unit) + ("Z" if zone else "")


def read_duration(text: str, unit: str) -> int:
    """Return a duration, ``1 days 02:30:00`` or ``P1DT2H30M``, in `unit`. Raises ValueError."""
    iso = _ISO_DURATION.match(text)
    found = _DURATION.match(text)
    if iso is not None and text[-1] not in "PT":
        sign, days, hour, minute, second, fraction = iso.groups()
        total = int(days or 0) * _DAY * _NS + _clock(hour, minute, second, fraction)
        return scale(-total if sign else total, "ns", unit)
    if found is None or not text:
        raise ValueError("is no duration, as 1 days 02:30:00 or P1DT2H30M")
    days, sign, hour, minute, second, fraction = found.groups()
    clock = _clock(hour, minute, second, fraction)
    total = int(days or 0) * _DAY * _NS + (-clock if sign == "-" else clock)
    return scale(total, "ns", unit)


def write_duration(count: int, unit: str) -> str:
    """Return a duration in the form that pandas writes."""
    seconds, rest = divmod(count, UNITS[unit])
    days, second = divmod(seconds, _DAY)
    sign = "+" if days < 0 else ""
    clock = "%02d:%02d:%02d" % (second // 3600, second // 60 % 60, second % 60)
    return "%d days %s%s%s" % (days, sign, clock, _fraction(rest, unit))


def of_class(cell: Any, name: str) -> Any:
    """Return a text as an object of a class in ``datetime``; such an object is returned as is.

    Raises ValueError for an invalid text, and for a class that has no text form.
    """
    if name not in _PYTHON or not isinstance(cell, str):
        found = cell.to_python() if hasattr(cell, "to_python") else cell
        if class_of(found) == name:
            return found
        way = "" if name in _PYTHON else ", and no row can tell one"
        raise ValueError("%.60r is none of the column's objects (%s)%s" % (cell, name, way))
    if name == "datetime.time":
        try:
            return datetime.time.fromisoformat(cell)
        except ValueError:
            raise ValueError("%.60r is no time of a day, as 09:30:00" % cell) from None
    if name == "datetime.timedelta":
        return datetime.timedelta(microseconds=read_duration(cell.strip(), "us"))
    found = _DATETIME.match(cell.strip())
    zone = "UTC" if found is not None and found.group(6) else ""
    since = datetime.timedelta(microseconds=read_datetime(cell.strip(), "us", zone))
    begin = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return (begin if zone else begin.replace(tzinfo=None)) + since


def scale(count: int, unit: str, to: str) -> int:
    """Return a count of one unit in another. Raises ValueError if that loses something."""
    scaled, rest = divmod(count * UNITS[to], UNITS[unit])
    if rest:
        raise ValueError("is finer than the column's unit, %s" % to)
    if not _SMALLEST <= scaled <= _LARGEST:
        raise ValueError("is out of the range of the column's unit, %s" % to)
    return scaled


def _offset(text: str | None) -> int:
    """Return the seconds of an offset from UTC."""
    if text in (None, "Z"):
        return 0
    digits = str(text)[1:].replace(":", "").ljust(6, "0")
    seconds = int(digits[:2]) * 3600 + int(digits[2:4]) * 60 + int(digits[4:])
    return -seconds if str(text)[0] == "-" else seconds


def _clock(hour: str | None, minute: str | None, second: str | None, fraction: str | None) -> int:
    whole = int(hour or 0) * 3600 + int(minute or 0) * 60 + int(second or 0)
    return whole * _NS + int((fraction or "").ljust(9, "0"))


def _fraction(rest: int, unit: str) -> str:
    digits = len(str(UNITS[unit])) - 1
    return ".%0*d" % (digits, rest) if rest else ""
