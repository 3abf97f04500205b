"""Columns of pandas that pyarrow holds: its simple types, with their zones, units and digits.

Travels into other interpreters: Python 3.8 syntax; pyarrow is imported late.
"""

from __future__ import annotations

import decimal
import re
import sys

from ..column_type import ColumnType
from ..errors import UnfaithfulError
from ..table import Column

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from typing import Any

_KINDS = {
    "bool": "bool",
    "halffloat": "float16",
    "float": "float32",
    "double": "float64",
    "string": "string",
    "large_string": "string",
    "binary": "bytes",
    "large_binary": "bytes",
    "date32[day]": "date",
}
_TIME = re.compile(r"(timestamp|duration)\[(\w+)(?:, tz=(.+))?\]$")
_DECIMAL = re.compile(r"(decimal\d*)\((\d+), (-?\d+)\)$")


def take_arrow(name: Any, series: Any) -> Column:
    """Return a column that pyarrow holds. Raises UnfaithfulError for lists and the like."""
    pyarrow = sys.modules["pyarrow"]
    array = pyarrow.array(series.array)
    if isinstance(array, pyarrow.ChunkedArray):
        array = array.combine_chunks()
    type_ = type_of(str(array.type))
    if type_ is None:
        raise UnfaithfulError("column %r: its dtype is %s" % (name, series.dtype))
    return Column.pack(name, type_, cells_of(array, type_))


def type_of(text: str) -> ColumnType | None:
    """Return the type that pyarrow calls so; None for one that is not known."""
    dtype = "ArrowDtype(%s)" % text
    time = _TIME.match(text)
    if time is not None:
        kind = "datetime" if time.group(1) == "timestamp" else "timedelta"
        unit, zone = time.group(2), time.group(3) or ""
        return ColumnType(kind, dtype=dtype, unit=unit, zone=zone)
    if _DECIMAL.match(text):
        return ColumnType("decimal", dtype=dtype)
    kind = _KINDS.get(text, text if re.match(r"u?int\d+$", text) else "")
    return ColumnType(kind, dtype=dtype, nullable=True) if kind else None


def cells_of(array: Any, type_: ColumnType) -> list[Any]:
    """Return the values of an array of pyarrow's as a column takes them."""
    cells: list[Any]
    if type_.unit or type_.kind == "date":
        # A duration and a timestamp are read as numbers, to the last nanosecond.
        cells = array.cast("int32" if type_.kind == "date" else "int64").to_pylist()
    else:
        cells = array.to_pylist()
    return cells


def build_arrow(column: Column) -> Any:
    """Return the array of pandas' that pyarrow holds; None where it is not installed."""
    try:
        import pyarrow  # noqa: F401
        from pandas.arrays import ArrowExtensionArray
    except ImportError:
        return None
    return ArrowExtensionArray(build_arrow_array(column))


def build_arrow_array(column: Column) -> Any:
    """Return the array of pyarrow's."""
    import pyarrow

    text = column.type.dtype[len("ArrowDtype(") : -1]
    cells: list[Any] = column.cells()
    plain = {"date": "int32", "datetime": "int64", "timedelta": "int64"}.get(column.type.kind)
    if plain:
        return pyarrow.array(cells, type=plain).cast(_arrow_type(text))
    if column.type.kind == "decimal":
        cells = [None if cell is None else decimal.Decimal(cell) for cell in cells]
    return pyarrow.array(cells, type=_arrow_type(text))


def _arrow_type(text: str) -> Any:
    import pyarrow

    time, digits = _TIME.match(text), _DECIMAL.match(text)
    if time is not None:
        if time.group(1) == "timestamp":
            return pyarrow.timestamp(time.group(2), tz=time.group(3))
        return pyarrow.duration(time.group(2))
    if digits is not None:
        name = digits.group(1) if digits.group(1) != "decimal" else "decimal128"
        return getattr(pyarrow, name)(int(digits.group(2)), int(digits.group(3)))
    return pyarrow.type_for_alias(text)
