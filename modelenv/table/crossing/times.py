"""Convert times of Python and pandas to JSON and back: dates with zones, periods, durations.

A zone is looked up by its name, so the name is checked first. Travels into other interpreters:
Python 3.8 syntax; pandas is imported late.
"""

from __future__ import annotations

import datetime
import re
import sys

from ..column_type import UNITS
from ..errors import UnfaithfulError

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from typing import Any

_ZONE = re.compile(
    r"(?!dateutil)(?:[A-Za-z][\w+-]*(?:/[\w+-]+)*|(?:UTC|GMT)?[+-]\d\d:\d\d(?::\d\d)?)$"
)
_FREQUENCY = re.compile(r"[\w-]{1,40}$")


def check_zone(name: object) -> str:
    """Return the name of a zone. Raises UnfaithfulError for other text, such as a path."""
    if type(name) is not str or not _ZONE.match(name):
        raise UnfaithfulError("no time zone: %.80r" % (name,))
    return name


def zone_name(zone: Any) -> str:
    """Return the name by which pandas finds a zone. Raises UnfaithfulError if there is none."""
    if type(zone) is datetime.timezone and _own_name(zone):
        raise UnfaithfulError("the time zone %.80s, which pandas cannot find by its name" % zone)
    return check_zone(getattr(zone, "key", None) or getattr(zone, "zone", None) or str(zone))


def tag_time(value: Any) -> dict[str, Any]:
    """Return the description of a pandas Timestamp or Timedelta."""
    zone = getattr(value, "tzinfo", None)
    told: dict[str, Any] = {
        "unit": getattr(value, "unit", "ns"),
        "zone": None if zone is None else zone_name(zone),
    }
    if zone is None and getattr(value, "fold", None):
        told["fold"] = 1
    try:
        # `value` counts nanoseconds for every unit.
        return {"value": int(value.value), **told}
    except OverflowError:
        return {"count": int(value.asm8.view("i8")), **told}


def make_timestamp(told: Any) -> Any:
    """Return the Timestamp of such a description. Raises UnfaithfulError."""
    zone = told["zone"] and check_zone(told["zone"])
    made = _counted("Timestamp", told)
    if zone:
        made = made.tz_localize("UTC").tz_convert(zone)
    elif told.get("fold"):
        made = made.replace(fold=1)
    return made


def make_timedelta(told: Any) -> Any:
    """Return the Timedelta of such a description. Raises UnfaithfulError."""
    return _counted("Timedelta", told)


def _counted(kind: str, told: Any) -> Any:
    """Return a Timestamp without a zone, or a Timedelta, in its unit if this pandas has units."""
    import numpy
    import pandas

    unit, count = told["unit"], told.get("count", told.get("value"))
    if unit not in UNITS or type(count) is not int or abs(count) > 2**63:
        raise UnfaithfulError("a %s of %.80r %.80r" % (kind, count, unit))
    make = getattr(pandas, kind)
    if "count" in told:
        numbers: dict[str, Any] = {"Timestamp": numpy.datetime64, "Timedelta": numpy.timedelta64}
        number = numbers[kind]
        return make(number(count, unit))
    made = make(count, unit="ns")
    return made.as_unit(unit) if hasattr(made, "as_unit") else made


def make_period(told: Any) -> Any:
    """Return the Period with an ordinal and a frequency. Raises UnfaithfulError."""
    import pandas

    ordinal, frequency = told
    if type(ordinal) is not int or not _FREQUENCY.match(str(frequency)):
        raise UnfaithfulError("a Period of %.80r %.80r" % (ordinal, frequency))
    return pandas.Period(ordinal=ordinal, freq=frequency)


def take_datetime(value: datetime.datetime | datetime.time) -> Any:
    """Return a datetime or time as text, or as a list with its text, fold and zone.

    A zone is given by its key, or by its offset in days, seconds and microseconds and its name.
    """
    zone: Any = value.tzinfo
    named = type(zone) is datetime.timezone and _own_name(zone)
    if (zone is None or (type(zone) is datetime.timezone and not named)) and not value.fold:
        return value.isoformat()
    return [value.replace(tzinfo=None, fold=0).isoformat(), value.fold, _told_zone(value, zone)]


def _told_zone(value: Any, zone: Any) -> Any:
    if zone is None:
        return None
    if type(zone) is datetime.timezone:
        offset = zone.utcoffset(None)
        return [offset.days, offset.seconds, offset.microseconds, *_own_name(zone)]
    zones = sys.modules.get("zoneinfo")
    if zones is None or type(zone) is not zones.ZoneInfo or not zone.key:
        raise UnfaithfulError("a %s in the zone %.80s" % (type(value).__name__, zone))
    return check_zone(zone.key)


def make_datetime(told: Any, kind: Any = datetime.datetime) -> Any:
    """Return the datetime or time that :func:`take_datetime` described. Raises UnfaithfulError."""
    if type(told) is str:
        return kind.fromisoformat(told)
    text, fold, zone = told
    return kind.fromisoformat(text).replace(fold=fold, tzinfo=_made_zone(zone))


def _made_zone(told: Any) -> Any:
    if told is None:
        return None
    if type(told) is list:
        return datetime.timezone(datetime.timedelta(*told[:3]), *told[3:])
    from zoneinfo import ZoneInfo

    return ZoneInfo(check_zone(told))


def _own_name(zone: Any) -> tuple[str, ...]:
    """Return the name that a fixed offset was created with, if there is one."""
    return tuple(zone.__getinitargs__()[1:])
