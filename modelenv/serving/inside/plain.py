"""Convert predictions to plain data for JSON, with one set of rules for all types.

Travels into other interpreters: Python 3.8 syntax; a library is imported only for its own values.
"""

from __future__ import annotations

import base64
import collections
import datetime
import decimal
import enum
import sys

from ...table import values
from ...table.column_type import FLOATS, ColumnType
from ...table.crossing.classes import shape_of
from ...table.errors import UnfaithfulError
from ...table.incoming.cells import to_json
from ...table.libraries import arrow_tables
from ...table.objects import class_of, untag
from ...table.table import Column
from . import moments

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

_DEEPEST = 50


class Cells:
    """A column as plain data; its type is None if no table column could hold it."""

    __slots__ = ("cells", "name", "type")

    def __init__(self, name: Any, cells: list[Any], type_: ColumnType | None = None) -> None:
        self.name = name
        self.cells = cells
        self.type = type_


def plain(value: Any) -> Any:
    """Return a prediction as data that `json` can write, possibly with nan and infinity.

    Raises UnfaithfulError for a value that has no JSON form.
    """
    return _plain(value, 0)


def columns_of(value: Any) -> list[Cells] | None:
    """Return the columns of a frame, or the single one of a series; None for other values."""
    frame = _frame(value, 0)
    return None if frame is None else frame[0]


def distinct(names: Sequence[str]) -> list[str]:
    """Return unique names: a repeated one gets its index appended.

    >>> distinct(["a", "b", "a", "a-2"])
    ['a', 'b', 'a-2-2', 'a-2']
    """
    taken = set(names)
    if len(taken) == len(names):
        return list(names)
    seen: set[str] = set()
    found = []
    for place, name in enumerate(names):
        own = name
        while own in seen or (own != name and own in taken):
            own = "%s-%d" % (own, place)
        seen.add(own)
        found.append(own)
    return found


def _plain(value: Any, depth: int) -> Any:
    kind = type(value)
    if value is None or kind in (str, bool, int, float):
        return value
    if depth > _DEEPEST:
        raise UnfaithfulError("it is nested deeper than JSON readers allow")
    if isinstance(value, (list, tuple, set, frozenset, range, collections.deque)):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, dict):
        keys = distinct(list(map(_key, value)))
        return {key: _plain(item, depth + 1) for key, item in zip(keys, value.values())}
    if isinstance(value, enum.Enum):
        return _plain(value.value, depth + 1)
    if _is_missing(value):
        return None
    written = next((write for one, write in _WRITTEN if isinstance(value, one)), None)
    return _of_library(value, depth) if written is None else written(value)


def _of_library(value: Any, depth: int) -> Any:
    """Return values of numpy, pandas and similar libraries as plain data."""
    frame = _frame(value, depth)
    if frame is not None:
        return _rows(*frame)
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, (numpy.ndarray, numpy.generic)):
        return _of_array(value, depth)
    # scipy's sparse matrices; indexes, and arrays of other libraries.
    inner = getattr(value, "toarray", None) or getattr(value, "tolist", None)
    if inner is not None:
        return _plain(inner(), depth + 1)
    return _of_class(value, depth)


def _of_class(value: Any, depth: int) -> Any:
    if isinstance(value, (str, int, float)):  # a subclass of these
        return _base(value)
    if (type(value).__module__, type(value).__name__) in _AS_TEXT:
        return str(value)
    shape = shape_of(value)
    if shape is None:
        raise UnfaithfulError("a value of %s has no form in JSON" % class_of(value))
    return _plain(shape.values, depth + 1)  # a dataclass


def _of_array(value: Any, depth: int) -> Any:
    kind = value.dtype.kind
    if kind in "biuU":
        return value.tolist()
    if kind in "mM":
        return moments.write_array(value)
    if value.dtype.names:
        fields = [_of_array(value[name], depth + 1) for name in value.dtype.names]
        return _transposed(fields, value.ndim)
    if kind == "c" or (kind == "f" and value.dtype.itemsize > 8):
        raise UnfaithfulError("a value of numpy.%s has no form in JSON" % value.dtype.name)
    return value.tolist() if kind == "f" else _plain(value.tolist(), depth + 1)


def _transposed(fields: list[Any], dimensions: int) -> Any:
    """Return, for each element, the list of its fields."""
    if not dimensions:
        return fields
    return [_transposed(list(each), dimensions - 1) for each in zip(*fields)]


def _rows(columns: list[Cells], one: bool, count: int) -> list[Any]:
    if one:
        return columns[0].cells
    if not columns:
        return [{} for _ in range(count)]
    names = distinct([_key(column.name) for column in columns])
    return [dict(zip(names, row)) for row in zip(*(column.cells for column in columns))]


def _frame(value: Any, depth: int) -> tuple[list[Cells], bool, int] | None:
    """Return a frame's columns, whether it is a series, and the number of rows."""
    try:
        table = values.take_table(value)
        if table is not None:
            columns = [_cells(column, depth) for column in table.columns]
            return columns, bool(table.one), table.rows
    except UnfaithfulError:
        pass  # it is no table as a whole, but each column may be one
    named = _columns(value)
    if named is None:
        return None
    columns = [Cells(name, *_alone(column, depth)) for name, column in named]
    return columns, any(column is value for _, column in named), len(value)


def _columns(value: Any) -> list[tuple[Any, Any]] | None:
    """Return a frame's columns with their names, or a series; None for other values."""
    library = type(value).__module__.partition(".")[0]
    pandas, pyarrow = sys.modules.get("pandas"), sys.modules.get("pyarrow")
    found: list[tuple[Any, Any]] | None = None
    if pandas is not None and isinstance(value, pandas.DataFrame):
        found = [(name, value.iloc[:, place]) for place, name in enumerate(value.columns)]
    elif pandas is not None and isinstance(value, pandas.Series):
        found = [(value.name, value)]
    elif library == "polars" and hasattr(value, "get_columns"):
        found = [(each.name, each) for each in value.get_columns()]
    elif library == "polars" and hasattr(value, "to_list"):
        found = [(value.name, value)]
    elif pyarrow is not None and isinstance(value, (pyarrow.Table, pyarrow.RecordBatch)):
        found = list(zip(value.schema.names, value.columns))
    elif pyarrow is not None and isinstance(value, (pyarrow.ChunkedArray, pyarrow.Array)):
        found = [(None, value)]
    return found


def _alone(column: Any, depth: int) -> tuple[list[Any], ColumnType | None]:
    """Return a column's cells and its type, whatever its library; None if no table holds it."""
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(column, pandas.Series):
        if isinstance(column.dtype, pandas.SparseDtype):
            column = column.sparse.to_dense()
        column = pandas.Series(column.array)  # the index is not part of the answer
    try:
        if hasattr(column, "to_pylist"):
            told, (*buffers,) = arrow_tables.take(column)
            one = Column(None, ColumnType.from_json(*told["types"][0]), buffers)
        else:
            one = values.take_table(column).columns[0]  # type: ignore[union-attr]
        return _told(one, one.type, depth), one.type
    except UnfaithfulError:
        return [_plain(each, depth + 1) for each in _objects(column)], None


def _objects(column: Any) -> Any:
    """Return the cells of a column as Python objects."""
    if hasattr(column, "to_pylist"):
        return column.to_pylist()
    return column.to_list() if not hasattr(column, "astype") else column.astype(object)


def _cells(column: Column, depth: int) -> Cells:
    return Cells(column.name, _told(column, column.type, depth), column.type)


def _told(column: Column, type_: ColumnType, depth: int) -> list[Any]:
    kind = type_.kind
    if kind in FLOATS:
        return column.cells()
    if kind == "object":
        return [_plain(each, depth + 1) for each in column.cells()]
    if kind == "category" and type_.of is not None and type_.of.kind in FLOATS:
        categories = list(map(untag, type_.categories))  # some may have no JSON form
        return [None if cell is None else categories[cell] for cell in column.cells()]
    if kind == "decimal":
        return [None if cell is None else _digits(cell) for cell in column.cells()]
    if kind == "time":
        return [None if cell is None else moments.write_clock(cell) for cell in column.cells()]
    return to_json(column)


def _is_missing(value: Any) -> bool:
    """Return whether a cell is one of pandas' missing values."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and any(
        value is getattr(pandas, name, pandas) for name in ("NA", "NaT")
    )


def _digits(text: str) -> str | None:
    """Return the text of a decimal number; None if it is infinite or no number."""
    return text if text.lstrip("+-")[:1].isdigit() else None


_WRITTEN: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (datetime.datetime, moments.write_moment),
    ((datetime.date, datetime.time), lambda value: value.isoformat()),
    (datetime.timedelta, moments.write_timedelta),
    (decimal.Decimal, lambda value: _digits(str(value))),
    ((bytes, bytearray), lambda value: base64.b64encode(value).decode("ascii")),
)
_AS_TEXT = frozenset(
    (
        *(("uuid", "UUID"), ("fractions", "Fraction")),
        *(("pandas", name) for name in ("Period", "Interval")),
        *(("pandas._libs.tslibs.period", "Period"), ("pandas._libs.interval", "Interval")),
    )
)


def _base(value: Any) -> Any:
    """Return the built-in value of an instance of a subclass, whatever the subclass overrides."""
    if isinstance(value, str):
        return str.__str__(value)
    return int.__int__(value) if isinstance(value, int) else float.__float__(value)


def _key(key: Any) -> str:
    if type(key) is str:
        return key
    return str(key.item() if hasattr(key, "item") else key)
