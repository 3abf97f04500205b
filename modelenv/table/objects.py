"""Python values that JSON has no form of, as JSON: what each is stands beside it.

Travels into other interpreters: Python 3.8 syntax; libraries are looked at only where they are
loaded, or where a value is theirs.
"""

from __future__ import annotations

import base64
import datetime
import decimal
import math
import re
import sys

from .column_type import size_of_element
from .crossing import classes
from .errors import UnfaithfulError

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_TAG = "$type"


def class_of(value: object) -> str:
    """Name the class of a value."""
    return "%s.%s" % (type(value).__module__, type(value).__qualname__)


def check_plain(value: Any) -> None:
    """Raise UnfaithfulError for what JSON has no form of."""
    if value is None or type(value) in (str, bool, int):
        return
    if type(value) is float:
        if not math.isfinite(value):
            raise UnfaithfulError("%r has no form in JSON" % value)
    elif type(value) is list:
        for item in value:
            check_plain(item)
    elif type(value) is dict:
        for key, item in value.items():
            if type(key) is not str:
                raise UnfaithfulError("a key that is not a string: %r" % (key,))
            check_plain(item)
    else:
        raise UnfaithfulError("a value of %s" % class_of(value))


def tag(value: Any) -> Any:
    """Return `value` as JSON that :func:`untag` makes it of again, or raise UnfaithfulError."""
    kind = type(value)
    if value is None or kind in (str, bool):
        return value
    if kind is list:
        return _list(value)
    if kind is dict and _TAG not in value and all(type(key) is str for key in value):
        return {key: tag(item) for key, item in value.items()}
    if kind in _NUMBERS and _NUMBERS[kind](value):
        return value
    take = _TAKE.get(kind)
    return _tag_of_library(value) if take is None else _tagged(kind.__name__, take(value))


def libraries_of(text: str) -> list[str]:
    """Return the libraries whose values the text of a tagged value holds, and whose classes."""
    found = {
        library for name, library in _LIBRARIES.items() if '{"%s": "%s"' % (_TAG, name) in text
    }
    return sorted(found | set(_CLASSES.findall(text)))


def _tag_of_library(value: Any) -> Any:
    kind = type(value)
    numpy = sys.modules.get("numpy")
    if numpy is not None and (isinstance(value, numpy.generic) or kind is numpy.ndarray):
        return _tag_numpy(value)
    pandas = sys.modules.get("pandas")
    if pandas is not None:
        for name in ("NA", "NaT"):
            if value is getattr(pandas, name):
                return _tagged(name, None)
        if kind in (pandas.Timestamp, pandas.Timedelta):
            return _tag_time(value)
        if kind is pandas.Period:
            return _tagged("Period", [int(value.ordinal), value.freqstr])
        if kind is pandas.Interval:
            return _tagged("Interval", [tag(value.left), tag(value.right), value.closed])
    return _tag_further(value)


def _tag_further(value: Any) -> Any:
    """Return a value of a module that is not loaded for its sake."""
    kind = type(value)
    taken = _FURTHER.get((kind.__module__, kind.__qualname__))
    if taken is not None:
        return _tagged(kind.__name__, taken(value))
    shape = classes.shape_of(value)
    if shape is not None:
        named = {name: tag(item) for name, item in shape.values.items()}
        return _tagged(shape.kind, [shape.name, named])
    raise UnfaithfulError("a value of %s" % class_of(value))


def untag(told: Any) -> Any:
    """Return the value that :func:`tag` told."""
    if type(told) is list:
        return [untag(item) for item in told]
    if type(told) is not dict:
        return told
    if _TAG not in told:
        return {key: untag(item) for key, item in told.items()}
    return _MAKE[told[_TAG]](told["value"])


def _tagged(kind: str, value: Any) -> dict[str, Any]:
    return {_TAG: kind, "value": value}


def _tag_numpy(value: Any) -> dict[str, Any]:
    if value.dtype.hasobject or value.dtype.kind == "V" or value.dtype.itemsize > 16:
        raise UnfaithfulError("a value of numpy's %s" % value.dtype)
    kind = "ndarray" if type(value).__name__ == "ndarray" else "generic"
    data = base64.b64encode(value.tobytes()).decode("ascii")
    return _tagged(kind, {"dtype": value.dtype.str, "shape": list(value.shape), "data": data})


def _make_array(told: Any) -> Any:
    import numpy

    size_of_element(told["dtype"])

    data = base64.b64decode(told["data"])
    return numpy.frombuffer(data, numpy.dtype(told["dtype"])).reshape(told["shape"]).copy()


def _tag_time(value: Any) -> dict[str, Any]:
    zone = getattr(value, "tzinfo", None)
    unit = getattr(value, "unit", "ns")
    name = None if zone is None else getattr(zone, "key", getattr(zone, "zone", None)) or str(zone)
    # `value` counts nanoseconds, whatever the unit.
    told = {"value": int(value.value), "unit": unit, "zone": name}
    return _tagged(type(value).__name__, told)


def _make_timestamp(told: Any) -> Any:
    import pandas

    made = pandas.Timestamp(told["value"], unit="ns", tz="UTC" if told["zone"] else None)
    made = made.tz_convert(told["zone"]) if told["zone"] else made
    return made.as_unit(told["unit"]) if hasattr(made, "as_unit") else made


def _make_timedelta(told: Any) -> Any:
    import pandas

    made = pandas.Timedelta(told["value"], unit="ns")
    return made.as_unit(told["unit"]) if hasattr(made, "as_unit") else made


def _make_period(told: Any) -> Any:
    import pandas

    return pandas.Period(ordinal=told[0], freq=told[1])


def _make_interval(told: Any) -> Any:
    import pandas

    return pandas.Interval(untag(told[0]), untag(told[1]), closed=told[2])


def _take_datetime(value: datetime.datetime | datetime.time) -> Any:
    zone: Any = value.tzinfo
    if zone is None or type(zone) is datetime.timezone:
        return value.isoformat()
    zones = sys.modules.get("zoneinfo")
    if zones is None or type(zone) is not zones.ZoneInfo or not zone.key:
        raise UnfaithfulError("a %s in the zone %s" % (type(value).__name__, zone))
    return [value.replace(tzinfo=None).isoformat(), value.fold, zone.key]


def _make_datetime(told: Any, kind: Any = datetime.datetime) -> Any:
    if type(told) is str:
        return kind.fromisoformat(told)
    from zoneinfo import ZoneInfo

    return kind.fromisoformat(told[0]).replace(fold=told[1], tzinfo=ZoneInfo(told[2]))


def _make_uuid(told: Any) -> Any:
    import uuid

    return uuid.UUID(told)


def _make_fraction(told: Any) -> Any:
    import fractions

    return fractions.Fraction(*map(untag, told))


def _make_ordered(told: Any) -> Any:
    import collections

    return collections.OrderedDict(_make_pairs(told))


def _make_counter(told: Any) -> Any:
    import collections

    return collections.Counter(_make_pairs(told))


def _make_deque(told: Any) -> Any:
    import collections

    return collections.deque(_make_list(told[0]), told[1])


def _take_pairs(value: dict[Any, Any]) -> list[list[Any]]:
    return [[tag(key), tag(item)] for key, item in value.items()]


def _make_pairs(told: Any) -> dict[Any, Any]:
    return {untag(key): untag(item) for key, item in told}


def _make_list(told: Any) -> list[Any]:
    return list(map(untag, told))


def _make_shape(told: Any) -> Any:
    name, values = told
    return classes.make(name, {key: untag(item) for key, item in values.items()})


def _take_duration(value: datetime.timedelta) -> list[int]:
    return [value.days, value.seconds, value.microseconds]


def _of_pandas(name: str) -> Callable[[Any], Any]:
    def make(_: Any) -> Any:
        import pandas

        return getattr(pandas, name)

    return make


def _list(value: Any) -> list[Any]:
    return [tag(item) for item in value]


_NUMBERS: dict[type, Callable[[Any], bool]] = {
    float: math.isfinite,
    int: lambda value: -(2**64) < value < 2**64,
}

_LIBRARIES = {
    "ndarray": "numpy",
    "generic": "numpy",
    "NA": "pandas",
    "NaT": "pandas",
    "Timestamp": "pandas",
    "Timedelta": "pandas",
    "Period": "pandas",
    "Interval": "pandas",
}

# The modules whose classes a text names.
_CLASSES = re.compile(r'\{"\%s": "(?:dataclass|namedtuple)", "value": \["([\w.]+):' % _TAG)

_FURTHER: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("uuid", "UUID"): str,
    ("fractions", "Fraction"): lambda value: [tag(value.numerator), tag(value.denominator)],
    ("collections", "OrderedDict"): _take_pairs,
    ("collections", "Counter"): _take_pairs,
    ("collections", "deque"): lambda value: [_list(value), value.maxlen],
}

_TAKE: dict[type, Callable[[Any], Any]] = {
    int: hex,
    float: repr,
    dict: _take_pairs,
    tuple: _list,
    set: _list,
    frozenset: _list,
    bytes: lambda value: base64.b64encode(value).decode("ascii"),
    bytearray: lambda value: base64.b64encode(value).decode("ascii"),
    complex: lambda value: [tag(value.real), tag(value.imag)],
    decimal.Decimal: str,
    range: lambda value: list(map(tag, (value.start, value.stop, value.step))),
    datetime.datetime: _take_datetime,
    datetime.time: _take_datetime,
    datetime.date: datetime.date.isoformat,
    datetime.timedelta: _take_duration,
}

_MAKE: dict[str, Callable[[Any], Any]] = {
    "int": lambda told: int(told, 16),
    "float": float,
    "dict": _make_pairs,
    "OrderedDict": _make_ordered,
    "Counter": _make_counter,
    "deque": _make_deque,
    "tuple": lambda told: tuple(map(untag, told)),
    "set": lambda told: set(map(untag, told)),
    "frozenset": lambda told: frozenset(map(untag, told)),
    "bytes": base64.b64decode,
    "bytearray": lambda told: bytearray(base64.b64decode(told)),
    "complex": lambda told: complex(*map(untag, told)),
    "Decimal": decimal.Decimal,
    "UUID": _make_uuid,
    "Fraction": _make_fraction,
    "range": lambda told: range(*map(untag, told)),
    "datetime": _make_datetime,
    "time": lambda told: _make_datetime(told, datetime.time),
    "date": datetime.date.fromisoformat,
    "timedelta": lambda told: datetime.timedelta(*told),
    "ndarray": _make_array,
    "generic": lambda told: _make_array(told)[()],
    "NA": _of_pandas("NA"),
    "NaT": _of_pandas("NaT"),
    "Timestamp": _make_timestamp,
    "Timedelta": _make_timedelta,
    "Period": _make_period,
    "Interval": _make_interval,
    "dataclass": _make_shape,
    "namedtuple": _make_shape,
}
