"""A prediction as the columns of a table of the requested library."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ....table.column_type import FLOATS, INTEGERS, ColumnType
from ....table.errors import RowsError, UnfaithfulError
from ....table.incoming.cells import convert
from ....table.incoming.fit import infer
from ....table.incoming.rows import label, read_rows
from ....table.objects import untag
from ....table.table import Column, Table
from ....table.values import is_table

if TYPE_CHECKING:
    from ....table.table import Buffer

ONE = "prediction"
"""The name of a single prediction column; several are numbered after it."""
_NUMBERS = (*INTEGERS, *FLOATS, "bool")
_OF_OBJECTS: Mapping[type, str] = {str: "string", bytes: "bytes", bool: "bool"}


def columns_of(told: Mapping[str, Any], buffers: Sequence[Buffer]) -> tuple[list[Column], int]:
    """Return the named columns of a described prediction, and the number of rows.

    A frame has its own names; a one-dimensional array, a series or a list is ``prediction``, a
    two-dimensional array ``prediction_0`` and so on. Raises UnfaithfulError for other values.
    """
    kind = told["type"]
    if is_table(told):
        table = Table.of(dict(told), iter(buffers))
        return _named(table.columns, one=table.one), table.rows
    if kind == "arrow" and told["columns"]:
        return _of_arrow(told, buffers), told["rows"]
    if kind == "ndarray":
        return _of_array(told, buffers)
    if kind == "dict" and all(item["type"] == "ndarray" for item in told["items"].values()):
        return _of_arrays(told["items"], list(buffers))
    if says_no_types(told):
        items = untag(json.loads(bytes(buffers[0] or b"null")))
        return _of_list(items) if items else (_of_none(told, [ONE]), 0)
    raise UnfaithfulError(f"a prediction of the type {_shown(told)} is no table of columns")


def says_no_types(told: Mapping[str, Any]) -> bool:
    """Return whether a described prediction has Python values: a list, or an array of them."""
    if told["type"] == "ndarray":
        return bool(told["dtype"] == "|O")
    return told["type"] == "object" and told.get("class") == "builtins.list"


def types_of(told: Mapping[str, Any], buffers: Sequence[Buffer]) -> dict[str, ColumnType]:
    """Return the names and the types of the columns of such predictions."""
    return {str(column.name): column.type for column in columns_of(told, buffers)[0]}


def _shown(told: Mapping[str, Any]) -> str:
    shape = f" of {len(told['shape'])} dimensions" if "shape" in told else ""
    return f"{told.get('class', told['type'])}{shape}"


def _named(columns: Sequence[Column], *, one: bool) -> list[Column]:
    """Return columns with texts for names; a series, and unnamed columns, get ours."""
    names = [ONE] if one else [label(column.name) for column in columns]
    return [
        Column(name, column.type, column.buffers)
        for name, column in zip(names, columns, strict=True)
    ]


def _numbered(count: int) -> list[str]:
    return [f"{ONE}_{place}" for place in range(count)]


def _of_arrow(told: Mapping[str, Any], buffers: Sequence[Buffer]) -> list[Column]:
    rest = iter(buffers)
    types = [ColumnType.from_json(*each) for each in told["types"]]
    return [
        Column(name, type_, [next(rest) for _ in range(type_.buffers)])
        for name, type_ in zip(told["columns"], types, strict=True)
    ]


def _of_none(told: Mapping[str, Any], names: Sequence[str]) -> list[Column]:
    """Return the columns of a prediction without cells: those of the others, if known."""
    if "columns" not in told:
        return [Column.pack(name, ColumnType("float64", dtype="float64"), []) for name in names]
    types = zip(told["columns"], told["types"], strict=True)
    return [Column.pack(name, ColumnType.from_json(*each), []) for name, each in types]


def _of_arrays(
    items: Mapping[str, Mapping[str, Any]], buffers: list[Buffer]
) -> tuple[list[Column], int]:
    """Return arrays by name, each of one column or several."""
    found: list[Column] = []
    counts = set()
    for name, told in items.items():
        size = 3 if told["dtype"] == "|O" else 1
        columns, rows = _of_array(told, buffers[:size])
        del buffers[:size]
        counts.add(rows)
        for column in columns:
            named = name + str(column.name).removeprefix(ONE)
            found.append(Column(named, column.type, column.buffers))
    if len(counts) > 1:
        raise UnfaithfulError("a prediction of arrays of different lengths is no table of columns")
    return found, counts.pop() if counts else 0


def _of_array(told: Mapping[str, Any], buffers: Sequence[Buffer]) -> tuple[list[Column], int]:
    shape, dtype = told["shape"], told["dtype"]
    if len(shape) not in (1, 2) or told.get("fields") is not None:
        raise UnfaithfulError(f"a prediction of the type {_shown(told)} is no table of columns")
    rows = shape[0]
    names = [ONE] if len(shape) == 1 else _numbered(shape[1])
    type_ = ColumnType.of_dtype(dtype)
    if type_.kind in _NUMBERS or (type_.unit and "generic" not in dtype):
        data = memoryview(buffers[0] or b"").cast("B")
        pieces = _split(data, len(names), rows, by_column=told.get("order") == "F")
        return [_of_numbers(*each, type_) for each in zip(names, pieces, strict=True)], rows
    from ....table.values import build

    if not rows and dtype == "|O":
        return _of_none(told, names), 0
    if not rows:
        kind = type_.kind if type_.kind in _OF_OBJECTS.values() else "object"
        return [Column.pack(name, _as_objects(kind), []) for name in names], 0
    cells = build(dict(told), iter(buffers)).reshape(rows, len(names)).T.tolist()
    return [_of_cells(*each) for each in zip(names, cells, strict=True)], rows


def _of_cells(name: str, cells: Sequence[Any]) -> Column:
    """Return a column of Python values, of the narrowest type that fits all of them."""
    type_ = infer(cells)
    if type_.kind == "object":
        classes = set(map(type, cells)) - {type(None)}
        kind = _OF_OBJECTS.get(classes.pop()) if len(classes) == 1 else None
        if kind is not None:
            return Column.pack(name, _as_objects(kind), cells)
    return convert(name, cells, type_)


def _as_objects(kind: str) -> ColumnType:
    return ColumnType(kind, dtype="object", nullable=True, missing="none")


def _split(data: memoryview, count: int, rows: int, *, by_column: bool) -> list[memoryview]:
    """Return the bytes of each column of an array."""
    if count == 1 or by_column:
        size = len(data) // count if count else 0
        return [data[place * size : (place + 1) * size] for place in range(count)]
    width = len(data) // (rows * count) if rows and count else 1
    letter: Any = {1: "B", 2: "H", 4: "I", 8: "Q"}[width]
    cells = data.cast(letter)
    return [memoryview(cells[place::count].tobytes()) for place in range(count)]


def _of_numbers(name: str, data: memoryview, type_: ColumnType) -> Column:
    """Return a column of numpy's numbers; NaT is a missing value."""
    if type_.unit:
        counts = data.cast("B").cast("q")
        gaps = -(2**63) in counts.tolist()
        valid = bytes(count != -(2**63) for count in counts) if gaps else None
        letter = "datetime64" if type_.kind == "datetime" else "timedelta64"
        plain = ColumnType(type_.kind, dtype=f"{letter}[{type_.unit}]", unit=type_.unit)
        return Column(name, plain, [valid, data])
    return Column(name, ColumnType(type_.kind, dtype=type_.kind), [None, data])


def _of_list(items: Any) -> tuple[list[Column], int]:
    """Return a list of cells, of lists of cells, or of dictionaries, as columns."""
    try:
        rows = read_rows(items)
        names = rows.names or _numbered(len(rows.columns))
        columns = [
            _of_cells(label(name), cells) for name, cells in zip(names, rows.columns, strict=True)
        ]
    except RowsError as error:
        reason = f"a prediction that is a list is no table of columns: {error}"
        raise UnfaithfulError(reason) from error
    one = rows.names is None and not isinstance(items[0], list)
    return _named(columns, one=one), rows.count
