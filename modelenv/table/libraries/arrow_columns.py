"""Columns of pandas that pyarrow holds: its simple types, with zones, units and digits.

Travels into other interpreters: Python 3.8 syntax; pyarrow is imported late.
"""

from __future__ import annotations

import decimal
import re
import struct
import sys

from ..column_type import FLOATS, FORMATS, INTEGERS, ColumnType
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
# The kinds whose values have the same layout in Arrow's memory as in a column, or nearly.
_IN_MEMORY = frozenset((*INTEGERS, *FLOATS, *_KINDS.values(), "datetime", "timedelta"))
_TIME = re.compile(r"(timestamp|duration)\[(\w+)(?:, tz=(.+))?\]$")
_DECIMAL = re.compile(r"(decimal\d*)\((\d+), (-?\d+)\)$")


def take_arrow(name: Any, series: Any) -> Column:
    """Return a column that pyarrow holds. Raises UnfaithfulError for lists and other nestings."""
    pyarrow = sys.modules["pyarrow"]
    array = pyarrow.array(series.array)
    if isinstance(array, pyarrow.ChunkedArray):
        array = array.combine_chunks()
    type_ = type_of(str(array.type))
    if type_ is None:
        raise UnfaithfulError("column %r: its dtype is %s" % (name, series.dtype))
    return pack_arrow(name, type_, array)


def pack_arrow(name: Any, type_: ColumnType, array: Any) -> Column:
    """Return a pyarrow array, chunked or not, as a column that shares its memory if possible."""
    if hasattr(array, "chunks"):
        array = array.chunk(0) if array.num_chunks == 1 else array.combine_chunks()
    if hasattr(array, "chunks"):  # some versions return a chunked array even without chunks
        return Column.pack(name, type_, [])
    kind = type_.kind
    if sys.byteorder != "little" or kind not in _IN_MEMORY:
        return Column.pack(name, type_, cells_of(array, type_))
    valid = _bytes_of(array.is_valid()) if array.null_count else None
    if kind == "bool":
        return Column(name, type_, [valid, _bytes_of(array)])
    if kind in ("string", "bytes"):
        return Column(name, type_, [valid, *_texts_of(array)])
    return Column(name, type_, [valid, _slice(array, 1, struct.calcsize(FORMATS[kind]))])


def _bytes_of(array: Any) -> memoryview:
    """Return truth values as one byte each; missing ones are false."""
    whole = array.fill_null(False) if array.null_count else array
    return _slice(whole.cast("uint8"), 1, 1)


def _slice(array: Any, place: int, size: int) -> memoryview:
    """Return the part of an array's buffer that belongs to this array."""
    buffer = array.buffers()[place]
    start, end = array.offset * size, (array.offset + len(array)) * size
    return memoryview(b"") if buffer is None else memoryview(buffer).cast("B")[start:end]


def _texts_of(array: Any) -> list[memoryview]:
    """Return the offsets of texts, and the bytes of all of them."""
    pyarrow = sys.modules["pyarrow"]
    is_text = pyarrow.types.is_string(array.type) or pyarrow.types.is_large_string(array.type)
    large = array.cast(pyarrow.large_string() if is_text else pyarrow.large_binary())
    if not len(large):
        return [memoryview(bytes(8)), memoryview(b"")]
    buffers = large.buffers()
    ends = memoryview(buffers[1]).cast("B")
    ends = ends[8 * large.offset : 8 * (large.offset + len(large) + 1)]
    first, last = ends[:8].cast("q")[0], ends[-8:].cast("q")[0]
    if first:
        shifted = pyarrow.Array.from_buffers(
            pyarrow.int64(), len(large) + 1, [None, pyarrow.py_buffer(ends)]
        )
        from pyarrow import compute

        less = compute.subtract(shifted, first)
        ends = _slice(less, 1, 8)
    texts = memoryview(b"") if buffers[2] is None else memoryview(buffers[2]).cast("B")
    return [ends, texts[first:last]]


def type_of(text: str) -> ColumnType | None:
    """Return the column type for pyarrow's name of a type, or None if it is not supported."""
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
    """Return the values of a pyarrow array as cells of a column."""
    cells: list[Any]
    if type_.unit or type_.kind == "date":
        # A duration and a timestamp are read as integers, to keep nanoseconds.
        cells = array.cast("int32" if type_.kind == "date" else "int64").to_pylist()
    else:
        cells = array.to_pylist()
    return cells


def build_arrow(column: Column) -> Any:
    """Return the pandas array backed by pyarrow; None if pyarrow is not installed."""
    try:
        import pyarrow  # noqa: F401
        from pandas.arrays import ArrowExtensionArray
    except ImportError:
        return None
    return ArrowExtensionArray(build_arrow_array(column))


def build_arrow_array(column: Column) -> Any:
    """Return the pyarrow array of a column."""
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
