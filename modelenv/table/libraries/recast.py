"""Convert a column to another type, all of its values at once.

Conversions that are impossible or lossy as a whole are left to the conversion of single cells,
which names the wrong one. Travels into other interpreters: Python 3.8 syntax; numpy is used only
if it is loaded.
"""

from __future__ import annotations

import sys

from ..column_type import FLOATS, FORMATS, INTEGERS
from ..objects import untag
from ..table import Column

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from typing import Any

    from ..column_type import ColumnType

_SAME = frozenset((*INTEGERS, *FLOATS, "bool", "date", "string", "bytes"))
"""The kinds whose values mean the same under every name of the type."""
_TIMES = ("datetime", "timedelta")
_EXACT = 2.0**53  # up to here floats hold every whole number


def recast(name: Any, column: Column, type_: ColumnType) -> Column | None:
    """Return a column's values as a column of another type; None if that is not possible here."""
    if column.valid is not None and not type_.nullable:
        return None
    kind, wanted = column.type.kind, type_.kind
    if kind == wanted and (kind in _SAME or (kind in _TIMES and _are_same(column.type, type_))):
        return Column(name, type_, column.buffers)
    if wanted == "category":
        return _categories(name, column, type_)
    numpy = sys.modules.get("numpy")
    numbers = kind in INTEGERS or kind in FLOATS
    if numpy is None or not numbers or not (wanted in INTEGERS or wanted in FLOATS):
        return None
    values = numpy.frombuffer(column.values, numpy.dtype(FORMATS[kind]).newbyteorder("<"))
    if column.valid is not None:  # values in gaps are meaningless
        values = numpy.where(numpy.frombuffer(column.valid, "u1") != 0, values, 0)
    dtype = numpy.dtype(FORMATS[wanted]).newbyteorder("<")
    made = _as_floats(values, dtype) if wanted in FLOATS else _as_integers(values, dtype, type_)
    return None if made is None else Column(name, type_, [column.valid, memoryview(made).cast("B")])


def _are_same(one: ColumnType, other: ColumnType) -> bool:
    """Return whether counts of times mean the same in both types."""
    return one.unit == other.unit and bool(one.zone) == bool(other.zone)


def _as_floats(values: Any, dtype: Any) -> Any:
    """Return numbers as floats; None if a finite one would become infinite."""
    import numpy

    with numpy.errstate(over="ignore"):
        made = values.astype(dtype)
    narrower = values.dtype.kind != "f" or dtype.itemsize < values.dtype.itemsize
    if narrower and not numpy.array_equal(numpy.isinf(made), numpy.isinf(values)):
        return None
    return made


def _as_integers(values: Any, dtype: Any, type_: ColumnType) -> Any:
    """Return numbers as integers; None if one is not an integer or is out of range."""
    import numpy

    if not values.size:
        return values.astype(dtype)
    smallest, largest = type_.limits
    if values.dtype.kind == "f":
        values = values.astype("f8")
        inside = numpy.isfinite(values).all() and (numpy.abs(values) < _EXACT).all()
        if not inside or (numpy.floor(values) != values).any():
            return None
    if not smallest <= int(values.min()) <= int(values.max()) <= largest:
        return None
    return values.astype(dtype)


def _categories(name: Any, column: Column, type_: ColumnType) -> Column | None:
    """Return texts, or other categories, as indexes into the categories of a type."""
    of, own = type_.of, column.type.of
    if of is None or of.kind != "string":
        return None
    places = {untag(each): place for place, each in enumerate(type_.categories)}
    cells = column.cells()
    try:
        if column.type.kind == "string":
            found = [None if cell is None else places[cell] for cell in cells]
        elif column.type.kind == "category" and own is not None and own.kind == "string":
            known = [places.get(untag(each), -1) for each in column.type.categories]
            found = [None if cell is None else known[cell] for cell in cells]
        else:
            return None
    except (KeyError, TypeError, IndexError):
        return None
    return None if -1 in found else Column.pack(name, type_, found)
