"""Columns of pandas that consist of further columns: intervals, sparse ones; and periods.

Travels into other interpreters: Python 3.8 syntax; numpy and pandas are imported late.
"""

from __future__ import annotations

import sys

from ..column_type import ColumnType
from ..errors import UnfaithfulError
from ..objects import tag, untag
from ..table import Column
from .packed import array_of, gaps_of, pack_array

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Take = Callable[[Any, Any], Column]
    Build = Callable[[Column, Any], Any]

# The names of frequencies since pandas 2.2, and their earlier ones.
_FREQUENCIES = {
    "YE": "A",
    "Y": "A",
    "h": "H",
    "min": "T",
    "s": "S",
    "ms": "L",
    "us": "U",
    "ns": "N",
}


def take_period(name: Any, series: Any) -> Column:
    """Return a column of periods by their ordinals."""
    type_ = ColumnType("period", dtype=str(series.dtype))
    return pack_array(name, type_, series.array.asi8, ~series.isna().to_numpy())


def build_period(column: Column) -> Any:
    """Return the array of periods, under this pandas' name of their frequency."""
    import pandas

    counts, gaps = array_of(column), gaps_of(column)
    if gaps is not None:
        counts[gaps] = -(2**63)
    return pandas.arrays.PeriodArray(counts, dtype=_frequency(column.type.dtype))


def _frequency(dtype: str) -> Any:
    """Return the dtype of periods by its name, which other pandas versions spell differently."""
    import pandas

    shown = dtype[len("period[") : -1]
    count = shown[: len(shown) - len(shown.lstrip("0123456789"))]
    unit, dash, anchor = shown[len(count) :].partition("-")
    other = {**_FREQUENCIES, **{old: new for new, old in _FREQUENCIES.items() if new != "YE"}}
    for each in (unit, other.get(unit, unit)):
        try:
            return pandas.PeriodDtype(count + each + dash + anchor)
        except (ValueError, KeyError):
            continue
    raise UnfaithfulError("this pandas has no frequency %s" % shown)


def take_interval(name: Any, series: Any, take: Take) -> Column:
    """Return a column of intervals by their left and right ends."""
    pandas = sys.modules["pandas"]
    array = series.array
    ends = [take(None, pandas.Series(end, dtype=end.dtype)) for end in (array.left, array.right)]
    if ends[0].type != ends[1].type:
        raise UnfaithfulError("column %r: its dtype is %s" % (name, series.dtype))
    type_ = ColumnType("interval", dtype="interval", of=ends[0].type, closed=array.closed)
    gaps = series.isna().to_numpy()
    valid = (~gaps).tobytes() if gaps.any() else None
    return Column(name, type_, [valid, *(buffer for end in ends for buffer in end.buffers)])


def build_interval(column: Column, build: Build) -> Any:
    """Return the array of intervals."""
    import pandas

    left, right = (pandas.Index(build(end, None)) for end in column.inner)
    return pandas.arrays.IntervalArray.from_arrays(left, right, closed=column.type.closed)


def take_sparse(name: Any, series: Any, take: Take) -> Column:
    """Return a sparse column by its stored values and their positions."""
    pandas = sys.modules["pandas"]
    array = series.array
    values = take(None, pandas.Series(array.sp_values))
    type_ = ColumnType(
        "sparse",
        dtype="Sparse",
        of=values.type,
        fill=tag(array.fill_value),
        length=len(array),
    )
    places = array.sp_index.to_int_index().indices.astype("<i8").tobytes()
    return Column(name, type_, [None, places, *values.buffers])


def build_sparse(column: Column, build: Build) -> Any:
    """Return the sparse array."""
    import numpy
    import pandas

    type_ = column.type
    values = build(column.inner[0], None).to_numpy()
    dtype = pandas.SparseDtype(values.dtype, untag(type_.fill))
    places = numpy.frombuffer(column.values, "<i8").astype("i4")
    make = getattr(pandas.arrays.SparseArray, "from_indices", None)
    if make is not None:  # it exists since pandas 3.1
        return make(values, places, type_.length, fill_value=dtype.fill_value)
    empty = pandas.arrays.SparseArray(numpy.zeros(0, values.dtype), dtype=dtype)
    index = type(empty.sp_index.to_int_index())(type_.length, places)
    return pandas.arrays.SparseArray(values, sparse_index=index, dtype=dtype)
