"""A prediction as the body of an answer in MLflow's scoring protocol.

Travels into other interpreters: Python 3.8 syntax; a library is imported only for its own values.
"""

from __future__ import annotations

import base64
import datetime
import decimal
import json
import math
import sys

from ...table import values
from ...table.column_type import FLOATS
from ...table.crossing.classes import shape_of
from ...table.errors import UnfaithfulError
from ...table.incoming.cells import to_json
from ...table.incoming.times import write_duration
from ...table.objects import class_of

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ...table.table import Column, Table

_DEEPEST = 50


def predictions(value: Any) -> bytes:
    """Return ``{"predictions": ...}``: lists for arrays and series, objects for rows of frames.

    What JSON has no number for is null: nan, and infinity. Raises UnfaithfulError for a value of
    which no JSON can be made.
    """
    data = plain(value)
    try:
        text = json.dumps({"predictions": data}, allow_nan=False)
    except ValueError:
        text = json.dumps({"predictions": _finite(data)}, allow_nan=False)
    return text.encode("ascii")


def plain(value: Any) -> Any:
    """Return a prediction as what `json` writes, nan and infinity among it."""
    return _plain(value, 0)


def cells_of(column: Column) -> list[Any]:
    """Return the cells of a column as `plain` does."""
    kind = column.type.kind
    if kind in FLOATS:
        return column.cells()
    return list(map(plain, column.cells())) if kind == "object" else to_json(column)


def _of_table(table: Table) -> Any:
    columns = list(map(cells_of, table.columns))
    if table.one:
        return columns[0]
    names = [
        column.name if type(column.name) is str else str(column.name) for column in table.columns
    ]
    if not names:
        return [{} for _ in range(table.rows)]
    return [dict(zip(names, row)) for row in zip(*columns)]


def _plain(value: Any, depth: int) -> Any:
    kind = type(value)
    if value is None or kind in (str, bool, int, float):
        return value
    if depth > _DEEPEST:
        raise UnfaithfulError("it is nested deeper than JSON is read")
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {_key(key): _plain(item, depth + 1) for key, item in value.items()}
    if _is_missing(value):
        return None
    written = next((write for one, write in _WRITTEN if isinstance(value, one)), None)
    return _of_library(value, depth) if written is None else written(value)


def _of_library(value: Any, depth: int) -> Any:
    """Return what numpy, pandas and those who follow them hold as plain data."""
    table = values.take_table(value)
    if table is not None:
        return _of_table(table)
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, (numpy.ndarray, numpy.generic)):
        if value.dtype.kind == "M":  # texts of ISO 8601, as those of frames
            value = numpy.where(numpy.isnat(value), None, value.astype(str))
        elif value.dtype.kind == "m":
            value = numpy.where(numpy.isnat(value), None, value.astype("m8[us]").astype(object))
        return _plain(value.tolist(), depth + 1)
    if hasattr(value, "toarray"):  # a sparse matrix of scipy
        return _plain(value.toarray(), depth + 1)
    if hasattr(value, "tolist"):  # indexes, and arrays of other libraries
        return _plain(value.tolist(), depth + 1)
    if isinstance(value, (str, int, float)):  # classes of one's own that are one of these
        return _base(value)
    shape = shape_of(value)
    if shape is not None:  # a dataclass
        return _plain(shape.values, depth + 1)
    raise UnfaithfulError("of a value of %s no JSON can be made" % class_of(value))


def _is_missing(value: Any) -> bool:
    """Return whether it is what pandas has where nothing is."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and any(
        value is getattr(pandas, name, pandas) for name in ("NA", "NaT")
    )


def _duration(value: datetime.timedelta) -> str:
    seconds = value.days * 86400 + value.seconds
    return write_duration(seconds * 10**6 + value.microseconds, "us")


_WRITTEN: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    ((datetime.date, datetime.time), lambda value: value.isoformat()),
    (datetime.timedelta, _duration),
    (decimal.Decimal, float),
    ((bytes, bytearray), lambda value: base64.b64encode(value).decode("ascii")),
)


def _base(value: Any) -> Any:
    """Return what it is, whatever its class says to that."""
    if isinstance(value, str):
        return str.__str__(value)
    return int.__int__(value) if isinstance(value, int) else float.__float__(value)


def _key(key: Any) -> str:
    if type(key) is str:
        return key
    return str(key.item() if hasattr(key, "item") else key)


def _finite(value: Any) -> Any:
    """Return plain data with null for each number that JSON does not have."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list):
        return [_finite(item) for item in value]
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return value
