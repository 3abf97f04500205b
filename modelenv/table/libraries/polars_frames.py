"""Frames and series of polars as tables.

Travels into other interpreters: Python 3.8 syntax; polars is imported late.
"""

from __future__ import annotations

import decimal
import sys

from ..column_type import FORMATS, ColumnType
from ..errors import UnfaithfulError
from ..objects import untag
from ..table import Column, Table
from .arrow_columns import pack_arrow
from .packed import pack_array

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from typing import Any

_KINDS = {
    "Boolean": "bool",
    "String": "string",
    "Utf8": "string",
    "Categorical": "string",  # its categories are the texts that occur
    "Binary": "bytes",
    "Date": "date",
    "Datetime": "datetime",
    "Duration": "timedelta",
    "Decimal": "decimal",
    "Enum": "category",
    "Time": "time",
}
_NUMBERS = (
    *("Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64"),
    *("Float32", "Float64"),
)


def take_polars(frame: Any) -> Table:
    """Return a polars frame as a table. Raises UnfaithfulError with the column."""
    return Table(
        "polars_dataframe", list(map(take_polars_column, frame.get_columns())), frame.height
    )


def describe_loosely(value: Any) -> Table:
    """Return a frame or a series as a table of which only the description may be used.

    A column of an unsupported type is described as objects, under its own dtype.
    """
    if type(value).__name__ == "Series":
        return Table("polars_series", [_loosely(value)], len(value))
    return Table("polars_dataframe", list(map(_loosely, value.get_columns())), value.height)


def _loosely(series: Any) -> Column:
    try:
        return take_polars_column(series)
    except UnfaithfulError:
        return Column(series.name, ColumnType("object", dtype=str(series.dtype)), ())


def build_polars(table: Table) -> Any:
    """Return the polars frame of a table."""
    import polars

    return polars.DataFrame(list(map(build_polars_column, table.columns)))


def take_polars_series(series: Any) -> Table:
    """Return a polars series as a table of one column. Raises UnfaithfulError."""
    return Table("polars_series", [take_polars_column(series)], len(series))


def build_polars_series(table: Table) -> Any:
    """Return the polars series of a table with one column."""
    return build_polars_column(table.columns[0])


def take_polars_column(series: Any) -> Column:
    """Return a polars series as a column. Raises UnfaithfulError with its name."""
    type_ = _type_of(series)
    column = _all_at_once(series, type_)
    if column is not None:
        return column
    cells = series.to_list()
    if type_.kind == "category":
        places = {category: place for place, category in enumerate(type_.categories)}
        cells = [None if cell is None else places[cell] for cell in cells]
    elif type_.kind in ("date", "datetime", "timedelta", "time"):
        cells = series.to_physical().to_list()
    return Column.pack(series.name, type_, cells)


def _all_at_once(series: Any, type_: ColumnType) -> Column | None:
    """Return a column through numpy or pyarrow if one is loaded; None if neither can do it."""
    if type_.kind in FORMATS and type_.kind != "category" and "numpy" in sys.modules:
        valid = series.is_not_null().to_numpy() if series.null_count() else None
        plain = series.to_physical()
        plain = plain if valid is None else plain.fill_null(strategy="zero")
        return pack_array(series.name, type_, plain.to_numpy(), valid)
    if type_.kind in ("string", "bytes") and "pyarrow" in sys.modules:
        text = series.cast(sys.modules["polars"].String) if type_.kind == "string" else series
        return pack_arrow(series.name, type_, text.to_arrow())
    return None


def _type_of(series: Any) -> ColumnType:
    dtype = series.dtype
    name = str(dtype).partition("(")[0]
    kind = _KINDS.get(name, name.lower())
    if kind not in FORMATS and kind not in ("string", "bytes", "decimal"):
        raise UnfaithfulError("column %r: its dtype is %s" % (series.name, dtype))
    type_ = ColumnType(kind, dtype=name, nullable=True)
    if kind in ("datetime", "timedelta"):
        type_.unit, type_.zone = dtype.time_unit, getattr(dtype, "time_zone", None) or ""
    elif kind == "decimal":
        type_.dtype = "Decimal(%s, %s)" % (dtype.precision, dtype.scale)
    elif kind == "category":
        type_.of = ColumnType("string", dtype="String")
        type_.categories = dtype.categories.to_list()
    return type_


def build_polars_column(column: Column) -> Any:
    """Return the polars series of a column."""
    import polars

    type_, cells = column.type, column.cells()
    name, _, digits = type_.dtype.rstrip(")").partition("(")
    known = name in _KINDS or name in _NUMBERS
    dtype: Any = (known and getattr(polars, name, None)) or polars.String
    plain = {"date": polars.Int32, "datetime": polars.Int64, "timedelta": polars.Int64}
    plain["time"] = polars.Int64
    if type_.kind in plain:
        if type_.unit:
            dtype = dtype(type_.unit, type_.zone) if type_.zone else dtype(type_.unit)
        return polars.Series(column.name, cells, dtype=plain[type_.kind]).cast(dtype)
    if type_.kind == "category":
        categories = list(map(untag, type_.categories))
        cells = [None if cell is None else categories[cell] for cell in cells]
        dtype = dtype(categories)
    elif type_.kind == "decimal":
        dtype = dtype(*(None if each == "None" else int(each) for each in digits.split(", ")))
        cells = [None if cell is None else decimal.Decimal(cell) for cell in cells]
    return polars.Series(column.name, cells, dtype=dtype)
