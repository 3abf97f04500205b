"""Columns of pandas of any dtype; one that this pandas does not have becomes the nearest.

Travels into other interpreters: Python 3.8 syntax; numpy and pandas are imported late.
"""

from __future__ import annotations

import datetime
import decimal
import sys

from ..column_type import FLOATS, FORMATS, INTEGERS, UNITS, WIDE, ColumnType
from ..crossing.times import zone_name
from ..errors import UnfaithfulError
from ..objects import tag, untag
from ..table import Column
from .packed import array_of, gaps_of, pack_array
from .pandas_parts import (
    build_interval,
    build_period,
    build_sparse,
    take_interval,
    take_period,
    take_sparse,
)

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_EPOCH = datetime.date(1970, 1, 1).toordinal()


def take_column(name: Any, series: Any) -> Column:
    """Return the values of a series as a column. Raises UnfaithfulError with the place."""
    numpy = sys.modules["numpy"]
    dtype = series.dtype
    if isinstance(dtype, numpy.dtype):
        return _take_objects(name, series) if dtype.kind == "O" else _take_numbers(name, series)
    if type(dtype).__name__ == "ArrowDtype":
        from .arrow_columns import take_arrow

        return take_arrow(name, series)
    take = _TAKE.get(type(dtype).__name__)
    if take is None and not hasattr(dtype, "numpy_dtype"):
        raise UnfaithfulError("column %r: its dtype is %s" % (name, dtype))
    return (take or _take_masked)(name, series)


def build_column(column: Column, index: Any) -> Any:
    """Return a column as a series, of its own dtype if this pandas has that, else the nearest."""
    import pandas

    type_ = column.type
    if type_.dtype.startswith("ArrowDtype("):
        from .arrow_columns import build_arrow

        data = build_arrow(column)
        if data is not None:
            return pandas.Series(data, index=index)
    if type_.dtype == "object" or type_.kind in ("bytes", "decimal", "date", "object"):
        return pandas.Series(_build_objects(column), index=index, dtype=object)
    build = _BUILD.get(type_.kind, _build_numbers)
    return pandas.Series(build(column), index=index)


def _take_numbers(name: Any, series: Any) -> Column:
    type_ = ColumnType.of_dtype(str(series.dtype))
    known = type_.kind in FORMATS or type_.kind in WIDE
    if not known or (type_.unit and type_.unit not in UNITS):
        raise UnfaithfulError("column %r: its dtype is %s" % (name, series.dtype))
    valid = ~series.isna().to_numpy() if type_.unit else None
    return pack_array(name, type_, series.to_numpy(), valid)


def _take_masked(name: Any, series: Any) -> Column:
    """Return a column of one of pandas' masked dtypes: Int64, boolean, Float32, ...."""
    type_ = ColumnType.of_dtype(str(series.dtype))
    values = series.array.to_numpy(dtype=series.dtype.numpy_dtype, na_value=0)
    return pack_array(name, type_, values, ~series.isna().to_numpy())


def _build_numbers(column: Column) -> Any:
    """Return the array of a column of numbers or booleans, masked or not."""
    import pandas

    values, gaps = array_of(column), gaps_of(column)
    try:
        dtype = pandas.api.types.pandas_dtype(column.type.dtype)
    except TypeError:
        dtype = pandas.api.types.pandas_dtype(_nearest(column.type))
    if hasattr(dtype, "numpy_dtype"):
        mask = gaps if gaps is not None else values.astype("?") & False
        return dtype.construct_array_type()(values.astype(dtype.numpy_dtype), mask)
    values = values.astype(dtype)
    if gaps is not None:
        values[gaps] = float("nan")
    return values


def _nearest(type_: ColumnType) -> str:
    """Return pandas' name for a type that has another name in its library."""
    if not type_.nullable or type_.kind in FLOATS:
        return type_.kind
    name = {"bool": "boolean"}.get(type_.kind, type_.kind.replace("uint", "UInt"))
    return name.replace("int", "Int") if type_.kind in INTEGERS else name


def _take_zoned(name: Any, series: Any) -> Column:
    zone = zone_name(series.dtype.tz)
    type_ = ColumnType("datetime", dtype=str(series.dtype), unit=series.dtype.unit, zone=zone)
    values = series.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
    return pack_array(name, type_, values, ~series.isna().to_numpy())


def _build_times(column: Column) -> Any:
    import pandas

    type_, gaps = column.type, gaps_of(column)
    letter = "M" if type_.kind == "datetime" else "m"
    values = array_of(column).astype("%s8[%s]" % (letter, type_.unit))
    if gaps is not None:
        values[gaps] = "NaT"
    if not type_.zone:
        return values
    return pandas.DatetimeIndex(values).tz_localize("UTC").tz_convert(type_.zone)


def _take_category(name: Any, series: Any) -> Column:
    pandas = sys.modules["pandas"]
    dtype = series.dtype
    categories = dtype.categories
    try:
        column = take_column(None, pandas.Series(categories, dtype=categories.dtype))
    except UnfaithfulError as error:
        raise UnfaithfulError("column %r: its categories: %s" % (name, error)) from error
    type_ = ColumnType(
        "category",
        dtype="category",
        of=column.type,
        categories=list(map(tag, column.cells())),
        ordered=bool(dtype.ordered),
    )
    codes = series.cat.codes.to_numpy().astype("i4")
    return pack_array(name, type_, codes.clip(0), codes >= 0)


def _build_category(column: Column) -> Any:
    import pandas

    type_, codes, gaps = column.type, array_of(column), gaps_of(column)
    if gaps is not None:
        codes[gaps] = -1
    assert type_.of is not None
    packed = Column.pack(None, type_.of, list(map(untag, type_.categories)))
    series = build_column(packed, None)
    categories = pandas.Index(series, dtype=series.dtype)
    return pandas.Categorical.from_codes(codes, categories=categories, ordered=type_.ordered)


def _take_texts(name: Any, series: Any) -> Column:
    """Return a column of texts; the dtype's name tells what stores them, if that matters."""
    dtype = series.dtype
    text = "str" if str(dtype) == "str" else "string"
    if dtype != sys.modules["pandas"].api.types.pandas_dtype(text):
        text = "%s[%s]" % (text, dtype.storage)
    type_ = ColumnType("string", dtype=text)
    gaps = series.isna().to_numpy()
    cells = series.to_numpy(dtype=object, na_value=None).tolist()
    return Column.pack(name, type_, [None if gap else cell for cell, gap in zip(cells, gaps)])


def _build_texts(column: Column) -> Any:
    import pandas

    name, _, storage = column.type.dtype.rstrip("]").partition("[")
    cells = column.cells()
    if name == "str" and pandas.__version__.partition(".")[0] in ("1", "2"):
        # There, texts are objects and nan stands for a missing one.
        return _filled([float("nan") if cell is None else cell for cell in cells])
    how = {"na_value": float("nan")} if name == "str" else {}
    try:
        dtype = pandas.StringDtype(storage or None, **how)
    except (ImportError, ValueError):  # pyarrow is not installed
        dtype = pandas.StringDtype("python", **how)
    return pandas.array(_filled(cells), dtype=dtype)


# The objects that stand for a missing value.
_MARKERS: dict[str, Callable[[], Any]] = {
    "": lambda: None,
    "none": lambda: None,
    "nan": lambda: float("nan"),
    "NA": lambda: sys.modules["pandas"].NA,
    "NaT": lambda: sys.modules["pandas"].NaT,
}
_PLAIN: dict[type, str] = {
    str: "string",
    bytes: "bytes",
    bool: "bool",
    int: "int64",
    datetime.date: "date",
    decimal.Decimal: "decimal",
}


def _take_objects(name: Any, series: Any) -> Column:
    """Return a column of objects: typed if all present cells are texts, numbers or dates."""
    cells = series.to_numpy().tolist()
    missing, there = _split_missing(cells)
    kinds = set(map(type, there))
    kind = _PLAIN.get(kinds.pop(), "object") if len(kinds) == 1 else "object"
    if kind == "int64" and not -(2**63) <= min(there) <= max(there) < 2**63:
        kind = "object"
    type_ = ColumnType(kind, dtype="object", nullable=True, missing=missing)
    gap = _MARKERS[missing]() if missing else None
    try:
        return Column.pack(name, type_, [_plain(cell, kind, gap) for cell in cells])
    except UnfaithfulError:
        _tell_place(name, cells)
        raise


def _split_missing(cells: list[Any]) -> tuple[str, list[Any]]:
    """Return the marker of missing values and the other cells; with several markers, all cells."""
    pandas = sys.modules["pandas"]
    found = set()
    there = []
    for cell in cells:
        if cell is None:
            found.add("none")
        elif type(cell) is float and cell != cell:  # noqa: PLR0124  # nan
            found.add("nan")
        elif cell is pandas.NA or cell is pandas.NaT:
            found.add("NA" if cell is pandas.NA else "NaT")
        else:
            there.append(cell)
    return (found.pop(), there) if len(found) == 1 else ("none", cells if found else there)


def _plain(cell: Any, kind: str, gap: Any) -> Any:
    if cell is gap or (gap != gap and cell != cell):  # noqa: PLR0124  # nan
        return None
    return cell.toordinal() - _EPOCH if kind == "date" else cell


def _tell_place(name: Any, cells: list[Any]) -> None:
    """Raise an UnfaithfulError that names the first unsupported cell."""
    for row, cell in enumerate(cells):
        try:
            tag(cell)
        except UnfaithfulError as error:
            raise UnfaithfulError("column %r, row %d: %s" % (name, row, error)) from error


def _build_objects(column: Column) -> Any:
    type_ = column.type
    marker = _MARKERS[type_.missing]()
    cells = column.cells()
    make = _MAKE.get(type_.kind)
    if make is not None:
        cells = [None if cell is None else make(cell) for cell in cells]
    return _filled([marker if cell is None else cell for cell in cells])


_MAKE: dict[str, Callable[[Any], Any]] = {
    "date": lambda days: datetime.date.fromordinal(days + _EPOCH),
    "decimal": decimal.Decimal,
}


def _filled(cells: list[Any]) -> Any:
    import numpy

    array = numpy.empty(len(cells), dtype=object)
    array[:] = cells
    return array


_TAKE: dict[str, Callable[[Any, Any], Column]] = {
    "DatetimeTZDtype": _take_zoned,
    "CategoricalDtype": _take_category,
    "StringDtype": _take_texts,
    "PeriodDtype": take_period,
    "IntervalDtype": lambda name, series: take_interval(name, series, take_column),
    "SparseDtype": lambda name, series: take_sparse(name, series, take_column),
}

_BUILD: dict[str, Callable[[Column], Any]] = {
    "string": _build_texts,
    "category": _build_category,
    "datetime": _build_times,
    "timedelta": _build_times,
    "period": build_period,
    "interval": lambda column: build_interval(column, build_column),
    "sparse": lambda column: build_sparse(column, build_column),
}
