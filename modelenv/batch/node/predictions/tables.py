"""Columns as a table of pandas, pyarrow, polars or numpy."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Callable, Sequence
from typing import Any

from ....table.column_type import FLOATS, INTEGERS, ColumnType
from ....table.errors import UnfaithfulError
from ....table.libraries.blocks import build_columns
from ....table.libraries.frames import build_index
from ....table.libraries.packed import array_of, gaps_of
from ....table.objects import untag
from ....table.table import Column, Labels

_NUMBERS = (*INTEGERS, *FLOATS)
_SHORT = 2**31


def build_table(
    library: str, columns: Sequence[Column], rows: int, index: Labels | None = None
) -> Any:
    """Return columns as a table of a library: "pandas", "pyarrow", "polars" or "numpy".

    `index` holds the row labels for pandas, or None for a range. Raises UnfaithfulError for a
    column that the library cannot represent.
    """
    return _BUILD[library](columns, rows, index)


def _pandas(columns: Sequence[Column], rows: int, index: Labels | None) -> Any:
    import pandas

    frame = build_columns(list(map(for_pandas, columns)), build_index(index, rows))
    frame.columns = pandas.Index([column.name for column in columns])
    return frame


def for_pandas(column: Column) -> Column:
    """Return a column of another library's type with the nearest type of pandas'."""
    type_ = column.type
    if type_.kind == "time":
        cells = [None if cell is None else _clock(cell) for cell in column.cells()]
        return Column.pack(column.name, ColumnType("object", dtype="object"), cells)
    plain = pandas_type(type_, gaps=column.valid is not None)
    return Column(column.name, plain, column.buffers)


def pandas_type(type_: ColumnType, *, gaps: bool) -> ColumnType:
    """Return pandas' own type for one of any library; `gaps` says that values are missing."""
    kind, own = type_.kind, type_.dtype
    if own and own[0].islower() and kind != "time":  # it belongs to pandas or numpy
        return type_
    if kind in _NUMBERS or kind == "bool":
        nullable = {"bool": "boolean"}.get(kind, kind.replace("uint", "UInt").replace("int", "Int"))
        dtype = nullable if gaps and kind not in FLOATS else kind
        return ColumnType(kind, dtype=dtype, nullable=gaps or kind in FLOATS)
    if type_.unit:
        letter = "datetime64" if kind == "datetime" else "timedelta64"
        unit = ", ".join(filter(None, (type_.unit, type_.zone)))
        return ColumnType(kind, dtype=f"{letter}[{unit}]", unit=type_.unit, zone=type_.zone)
    if kind == "category" and type_.of is not None:
        return ColumnType(
            kind,
            dtype="category",
            of=pandas_type(type_.of, gaps=False),
            categories=type_.categories,
            ordered=type_.ordered,
        )
    dtype = "str" if kind == "string" else "object"
    return ColumnType(kind, dtype=dtype, nullable=True, missing="" if dtype == "str" else "none")


def _clock(nanoseconds: int) -> datetime.time:
    seconds, rest = divmod(nanoseconds, 10**9)
    minutes, second = divmod(seconds, 60)
    return datetime.time(*divmod(minutes, 60), second, rest // 1000)


def _pyarrow(columns: Sequence[Column], _: int, __: Labels | None) -> Any:
    import pyarrow

    arrays = list(map(arrow_array, columns))
    return pyarrow.table(arrays, names=[str(column.name) for column in columns])


def arrow_type(type_: ColumnType) -> Any:
    """Return pyarrow's type for a column. Raises UnfaithfulError if it has none."""
    import pyarrow

    kind = type_.kind
    if kind in _NUMBERS:
        return pyarrow.type_for_alias(kind)
    if kind == "datetime":
        return pyarrow.timestamp(type_.unit, tz=type_.zone or None)
    if kind == "timedelta":
        return pyarrow.duration(type_.unit)
    if kind == "category" and type_.of is not None:
        return pyarrow.dictionary(pyarrow.int32(), arrow_type(type_.of), type_.ordered)
    plain = {"bool": "bool", "string": "string", "bytes": "binary", "date": "date32"}
    if kind == "time":
        return pyarrow.time64("ns")
    if kind not in plain:
        raise UnfaithfulError(f"a column of {type_.shown} has no type of Arrow's")
    return pyarrow.type_for_alias(plain[kind])


def arrow_array(column: Column) -> Any:
    """Return a column as a pyarrow array over its buffers. Raises UnfaithfulError."""
    import pyarrow

    type_, kind = column.type, column.type.kind
    if kind == "decimal":
        digits = [None if cell is None else decimal.Decimal(cell) for cell in column.cells()]
        return pyarrow.array(digits)
    if kind == "object":
        try:
            return pyarrow.array(column.cells())
        except pyarrow.ArrowException as error:
            raise _no_arrow(column, error) from error
    wanted = arrow_type(type_)
    if kind in ("string", "bytes"):
        return _texts(column, wanted)
    values = pyarrow.py_buffer(column.values)
    if kind == "bool":
        bits = _bits(column.values)
        count = len(column.values)
        return pyarrow.Array.from_buffers(wanted, count, [_gaps(column), bits])
    width = 4 if kind == "category" else wanted.bit_width // 8
    count = len(column.values) // width
    if kind == "category" and type_.of is not None:
        codes = pyarrow.Array.from_buffers(pyarrow.int32(), count, [_gaps(column), values])
        known = Column.pack(None, type_.of, list(map(untag, type_.categories)))
        return pyarrow.DictionaryArray.from_arrays(codes, arrow_array(known), ordered=type_.ordered)
    return pyarrow.Array.from_buffers(wanted, count, [_gaps(column), values])


def _texts(column: Column, wanted: Any) -> Any:
    import pyarrow

    _, ends, data = column.buffers
    large = pyarrow.large_string() if column.type.kind == "string" else pyarrow.large_binary()
    buffers = [_gaps(column), pyarrow.py_buffer(ends), pyarrow.py_buffer(data)]
    array = pyarrow.Array.from_buffers(large, len(ends or b"") // 8 - 1, buffers)
    try:
        array.validate(full=True)  # a lone surrogate is valid in Python alone
    except pyarrow.ArrowInvalid as error:
        raise _no_arrow(column, error) from error
    return array.cast(wanted) if len(data or b"") < _SHORT else array


def _no_arrow(column: Column, error: Exception) -> UnfaithfulError:
    return UnfaithfulError(f"column {column.name!r} is no column of Arrow's: {error}")


def _gaps(column: Column) -> Any:
    """Return Arrow's validity bitmap of a column; None if no value is missing."""
    return None if column.valid is None else _bits(column.valid)


def _bits(flags: bytes | memoryview) -> Any:
    import pyarrow

    plain = [None, pyarrow.py_buffer(flags)]
    return pyarrow.Array.from_buffers(pyarrow.uint8(), len(flags), plain).cast("bool").buffers()[1]


def _polars(columns: Sequence[Column], rows: int, _: Labels | None) -> Any:
    import polars

    from ....table.libraries.polars_frames import build_polars_column

    try:
        import pyarrow  # noqa: F401
    except ImportError:
        return polars.DataFrame([build_polars_column(_for_polars(each)) for each in columns])
    return polars.from_arrow(_pyarrow(columns, rows, None))


def _for_polars(column: Column) -> Column:
    """Return a column with the corresponding type of polars."""
    type_, kind = column.type, column.type.kind
    names = {"bool": "Boolean", "string": "String", "bytes": "Binary", "date": "Date"}
    names |= {"time": "Time", "datetime": "Datetime", "timedelta": "Duration", "category": "Enum"}
    name = names.get(kind, kind.capitalize().replace("Uint", "UInt"))
    if kind == "decimal":
        name = "Decimal(None, None)" if "(" not in type_.dtype else type_.dtype
    plain = ColumnType(
        kind,
        dtype=name,
        nullable=True,
        unit=type_.unit,
        zone=type_.zone,
        of=type_.of,
        categories=type_.categories,
    )
    return Column(column.name, plain, column.buffers)


def _numpy(columns: Sequence[Column], rows: int, _: Labels | None) -> Any:
    import numpy

    arrays = list(map(_array, columns))
    if not arrays:
        return numpy.empty((rows, 0))
    return arrays[0] if len(arrays) == 1 else numpy.column_stack(arrays)


def _array(column: Column) -> Any:
    import numpy

    type_, gaps = column.type, gaps_of(column)
    if type_.kind in _NUMBERS or type_.kind == "bool":
        values = array_of(column)
        if gaps is not None:
            values = values.astype(values.dtype if type_.kind in FLOATS else "f8")
            values[gaps] = numpy.nan
        return values
    if type_.unit:
        letter = "M" if type_.kind == "datetime" else "m"
        times = array_of(column).astype(f"{letter}8[{type_.unit}]")
        if gaps is not None:
            times[gaps] = "NaT"
        return times
    array = numpy.empty(len(column.cells()), dtype=object)
    array[:] = column.cells()
    return array


_BUILD: dict[str, Callable[[Sequence[Column], int, Labels | None], Any]] = {
    "pandas": _pandas,
    "pyarrow": _pyarrow,
    "polars": _polars,
    "numpy": _numpy,
}
