"""Tables of any library as rows, with columns converted only when they are read.

Travels into other interpreters: Python 3.8 syntax; a library is imported only for its own values.
"""

from __future__ import annotations

import sys
from functools import partial

from ..column_type import ColumnType
from ..errors import UnfaithfulError
from ..incoming.rows import ColumnCells, Rows
from ..objects import tag
from ..table import Column, Labels
from .arrow_columns import pack_arrow, type_of
from .frames import take_index
from .packed import pack_array
from .pandas_columns import take_column
from .polars_frames import take_polars_column

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

_NUMBERS = "biufmM"


def library_of(value: Any) -> str:
    """Return the library of a table from which rows can be taken; empty for other values."""
    for name, classes in _TABLES.items():
        module = sys.modules.get(name)
        known = (getattr(module, each, None) for each in classes)
        if module is not None and type(value) in tuple(filter(None, known)):
            return name
    return ""


def rows_of(value: Any, like: dict[str, Any]) -> Rows | None:
    """Return a table as rows for an input like the described one; None for other values.

    None too if the value is of the example's own kind, with no columns to select or to name.
    """
    library = library_of(value)
    if not library or (library == "numpy" and like["type"] == "ndarray"):
        return None
    return _ROWS[library](value, _LIBRARIES.get(like["type"]) == library)


def count_of(value: Any) -> int | None:
    """Return the number of rows of a value, or None if it has no rows."""
    if library_of(value) == "numpy" or is_sparse(value):
        return int(value.shape[0]) if value.ndim else None
    if type(value) is dict:
        counts = set(map(count_of, value.values())) if _is_of_arrays(value) else set()
        return counts.pop() if len(counts) == 1 else None
    try:
        return len(value)
    except TypeError:
        return None


def index_of(value: Any) -> Labels | None:
    """Return the row labels of a pandas frame; None if they are row numbers or unsupported."""
    if library_of(value) != "pandas":
        return None
    try:
        return take_index(value.index)
    except UnfaithfulError:
        return None


def is_sliced(value: Any) -> bool:
    """Return whether `sliced` can take rows of a value."""
    known = type(value) is list or is_sparse(value) or _is_of_arrays(value)
    return known or bool(library_of(value))


def sliced(value: Any, start: int, stop: int) -> Any:
    """Return the rows of a value from `start` to `stop`."""
    library = library_of(value)
    if library == "pandas":
        return value.iloc[start:stop]
    if library in ("pyarrow", "polars"):
        return value.slice(start, stop - start)
    if _is_of_arrays(value):
        return {name: each[start:stop] for name, each in value.items()}
    if is_sparse(value):  # only some formats support slices of rows
        return value.tocsr()[start:stop].asformat(value.format)
    return value[start:stop]


def is_sparse(value: Any) -> bool:
    """Return whether a value is a matrix or an array of scipy.sparse."""
    return type(value).__module__.startswith("scipy.sparse") and hasattr(value, "tocsr")


def _is_of_arrays(value: Any) -> bool:
    """Return whether a value is a dictionary of numpy arrays, which have rows."""
    if type(value) is not dict or not value:
        return False
    return all(library_of(each) == "numpy" and each.ndim for each in value.values())


def columns_named(value: Any, names: Sequence[str]) -> list[Column]:
    """Return the columns of a table with these names. Raises UnfaithfulError."""
    rows = rows_of(value, {"type": ""}) if library_of(value) else None
    if rows is None or rows.names is None:
        raise UnfaithfulError("a batch of %s has no columns with names" % type(value).__name__)
    found = []
    for name in names:
        cells = rows.take(name)
        if not isinstance(cells, ColumnCells):
            there = ", ".join(map(repr, rows.names[:8]))
            raise UnfaithfulError("the batch has no column %r; there are %s" % (name, there))
        found.append(Column(name, cells.column.type, cells.column.buffers))
    return found


def _of_pandas(frame: Any, whole: bool) -> Rows:
    count = len(frame)
    if type(frame).__name__ == "Series":
        cells = ColumnCells(partial(take_column, frame.name, frame), count, whole=whole)
        return Rows([frame.name], [cells], count, nameless=True)
    labels = take_index(frame.index)
    levels = [] if labels is None else labels.levels
    names = ["" if level.name is None else level.name for level in levels]
    takes: list[Callable[[], Column]] = [partial(_itself, level) for level in levels]
    for place, name in enumerate(frame.columns):
        names.append(tag(name))
        takes.append(partial(_of_frame, frame, place))
    columns = [ColumnCells(take, count, whole=whole) for take in takes]
    return Rows(names, columns, count, nameless=True)


def _of_frame(frame: Any, place: int) -> Column:
    return take_column(frame.columns[place], frame.iloc[:, place])


def _itself(column: Column) -> Column:
    return column


def _of_arrow(table: Any, whole: bool) -> Rows:
    names = table.schema.names
    columns = [
        ColumnCells(partial(take_arrow_column, name, table.column(place)), len(table), whole=whole)
        for place, name in enumerate(names)
    ]
    return Rows(names, columns, table.num_rows, nameless=True)


def take_arrow_column(name: Any, array: Any) -> Column:
    """Return a pyarrow column, including categories. Raises UnfaithfulError."""
    pyarrow = sys.modules["pyarrow"]
    if pyarrow.types.is_dictionary(array.type):
        return _dictionary(name, array)
    type_ = type_of(str(array.type))
    if type_ is None:
        raise UnfaithfulError("column %r: its type is %s" % (name, array.type))
    return pack_arrow(name, type_, array)


def _dictionary(name: Any, array: Any) -> Column:
    whole = array.unify_dictionaries() if hasattr(array, "chunks") else array
    if hasattr(whole, "chunks"):
        whole = whole.combine_chunks()
    if hasattr(whole, "chunks"):  # a chunked array without chunks
        return take_arrow_column(name, whole.cast(whole.type.value_type))
    known = take_arrow_column(None, whole.dictionary)
    codes = whole.indices.cast("int32")
    categories = list(map(tag, known.cells()))
    type_ = ColumnType(
        "category",
        dtype="category",
        of=known.type,
        categories=categories,
        ordered=bool(whole.type.ordered),
    )
    packed = pack_arrow(name, ColumnType("int32", nullable=True), codes)
    return Column(name, type_, packed.buffers)


def _of_polars(frame: Any, whole: bool) -> Rows:
    if type(frame).__name__ == "Series":
        cells = ColumnCells(partial(take_polars_column, frame), len(frame), whole=whole)
        return Rows([frame.name], [cells], len(frame), nameless=True)
    columns = [
        ColumnCells(partial(take_polars_column, each), frame.height, whole=whole)
        for each in frame.get_columns()
    ]
    return Rows(frame.columns, columns, frame.height, nameless=True)


def _of_numpy(array: Any, _: bool) -> Rows | None:
    if array.ndim not in (1, 2) or array.dtype.kind not in _NUMBERS:
        return None
    columns = [array] if array.ndim == 1 else list(array.T)
    type_ = ColumnType.of_dtype(str(array.dtype))
    made = [ColumnCells(partial(_of_array, each, type_), len(array)) for each in columns]
    return Rows(None, made, len(array), nameless=True)


def _of_array(array: Any, type_: ColumnType) -> Column:
    import numpy

    valid = ~numpy.isnat(array) if array.dtype.kind in "mM" else None
    return pack_array(None, type_, array, valid)


_TABLES = {
    "pandas": ("DataFrame", "Series"),
    "pyarrow": ("Table", "RecordBatch"),
    "polars": ("DataFrame", "Series"),
    "numpy": ("ndarray",),
}
_LIBRARIES = {
    "dataframe": "pandas",
    "series": "pandas",
    "polars_dataframe": "polars",
    "polars_series": "polars",
    "arrow": "pyarrow",
}
_ROWS: dict[str, Callable[[Any, bool], Rows | None]] = {
    "pandas": _of_pandas,
    "pyarrow": _of_arrow,
    "polars": _of_polars,
    "numpy": _of_numpy,
}
