"""Convert Python values that JSON has no form for to JSON, tagged with their types, and back.

Travels into other interpreters: Python 3.8 syntax; a library is used only if it is loaded or a
value is of that library.
"""

from __future__ import annotations

import base64
import datetime
import decimal
import math
import re
import sys

from .column_type import size_of_element
from .crossing import classes, times
from .errors import UnfaithfulError

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_TAG = "$type"
_LONGEST_TERM = 2**16
# Hashes of floats repeat for powers of two, up to 35 times.
_MOST_ALIKE = 100


def class_of(value: object) -> str:
    """Return the name of a value's class."""
    return "%s.%s" % (type(value).__module__, type(value).__qualname__)


def check_plain(value: Any) -> None:
    """Raise UnfaithfulError for a value that JSON has no form for."""
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
    """Return `value` as JSON from which :func:`untag` makes it. Raises UnfaithfulError."""
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
    """Return the libraries of the values and classes in the text of a tagged value."""
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
            return _tagged(kind.__name__, times.tag_time(value))
        if kind is pandas.Period:
            return _tagged("Period", [int(value.ordinal), value.freqstr])
        if kind is pandas.Interval:
            return _tagged("Interval", [tag(value.left), tag(value.right), value.closed])
    return _tag_further(value)


def _tag_further(value: Any) -> Any:
    """Return the tagged form of a value of a library, which is loaded already."""
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
    """Return the value that :func:`tag` converted."""
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


def _make_interval(told: Any) -> Any:
    import pandas

    return pandas.Interval(untag(told[0]), untag(told[1]), closed=told[2])


def _make_uuid(told: Any) -> Any:
    import uuid

    return uuid.UUID(told)


def _take_fraction(value: Any) -> list[Any]:
    return [tag(_term(value.numerator)), tag(_term(value.denominator))]


def _make_fraction(told: Any) -> Any:
    import fractions

    numerator, denominator = map(untag, told)
    return fractions.Fraction(_term(numerator), _term(denominator))


def _term(value: Any) -> int:
    """Return an integer from which a fraction is made quickly: fractions get reduced."""
    if type(value) is not int or value.bit_length() > _LONGEST_TERM:
        raise UnfaithfulError("a fraction of more than %d bits" % _LONGEST_TERM)
    return value


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
    keys = _distinct([key for key, _ in told])
    return {key: untag(item) for key, (_, item) in zip(keys, told)}


def _distinct(told: Any) -> list[Any]:
    """Return the elements of a set, or keys. Raises UnfaithfulError if too many have one hash.

    Python would compare each of those with all others.
    """
    made = _make_list(told)
    hashes = sorted(map(hash, made))
    if any(one == other for one, other in zip(hashes, hashes[_MOST_ALIKE:])):
        raise UnfaithfulError("more than %d keys have one hash" % _MOST_ALIKE)
    return made


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

# Finds the modules whose classes a text names.
_CLASSES = re.compile(r'\{"\%s": "(?:dataclass|namedtuple)", "value": \["([\w.]+):' % _TAG)

_FURTHER: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("uuid", "UUID"): str,
    ("fractions", "Fraction"): _take_fraction,
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
    datetime.datetime: times.take_datetime,
    datetime.time: times.take_datetime,
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
    "set": lambda told: set(_distinct(told)),
    "frozenset": lambda told: frozenset(_distinct(told)),
    "bytes": base64.b64decode,
    "bytearray": lambda told: bytearray(base64.b64decode(told)),
    "complex": lambda told: complex(*map(untag, told)),
    "Decimal": decimal.Decimal,
    "UUID": _make_uuid,
    "Fraction": _make_fraction,
    "range": lambda told: range(*map(untag, told)),
    "datetime": times.make_datetime,
    "time": lambda told: times.make_datetime(told, datetime.time),
    "date": datetime.date.fromisoformat,
    "timedelta": lambda told: datetime.timedelta(*told),
    "ndarray": _make_array,
    "generic": lambda told: _make_array(told)[()],
    "NA": _of_pandas("NA"),
    "NaT": _of_pandas("NaT"),
    "Timestamp": times.make_timestamp,
    "Timedelta": times.make_timedelta,
    "Period": times.make_period,
    "Interval": _make_interval,
    "dataclass": _make_shape,
    "namedtuple": _make_shape,
}
