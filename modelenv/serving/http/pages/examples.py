"""A model's example and its prediction as the bodies of requests and answers."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ....base.files.bounded import UntrustedFileError, read_json
from ....table.column_type import FLOATS, INTEGERS, ColumnType
from ....table.crossing import received
from ....table.errors import UnfaithfulError
from ....table.incoming.cells import to_json
from ....table.incoming.document import described as one_example
from ....table.incoming.fit import frame_of
from ....table.incoming.rows import are_records, label
from ....table.objects import check_plain, untag
from ....table.table import Column, Table, columns_of
from ....table.values import is_table
from ...inside.plain import distinct
from ..inference.index_levels import are_columns, levels_of
from .categories import categories_of

if TYPE_CHECKING:
    from ....table.table import Buffer

_MOST_ROWS = 2
_UNNAMED = ""
_LARGEST = 2_000_000  # bytes of the largest file that is read for a page
_OF_KINDS: Mapping[str, Any] = {
    **dict.fromkeys(INTEGERS, 1),
    **dict.fromkeys(FLOATS, 0.5),
    "bool": True,
    "string": "text",
    "bytes": "AA==",
    "decimal": "0.5",
    "date": "2026-01-01",
    "datetime": "2026-01-01T00:00:00",
    "timedelta": "P1D",
}


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of cells with column names."""

    names: Sequence[str]
    rows: Sequence[Sequence[Any]]

    @property
    def records(self) -> list[dict[str, Any]]:
        """Return one object per row."""
        return [dict(zip(self.names, row, strict=True)) for row in self.rows]

    @property
    def columns(self) -> dict[str, list[Any]]:
        """Return one list per column."""
        cells = zip(*self.rows, strict=True) if self.rows else ([] for _ in self.names)
        return {name: list(each) for name, each in zip(self.names, cells, strict=True)}

    @property
    def csv(self) -> str:
        """Return the rows as CSV with a header line."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.names)
        writer.writerows(self.rows)
        return text.getvalue()


@dataclass(frozen=True, slots=True)
class Example:
    """The first rows of a value: a grid, or data in the value's own layout."""

    grid: Grid | None = None
    data: Any = None
    labels: Sequence[Sequence[Any]] = ()
    """The row labels that have no names, and so are in no column."""
    label_names: Sequence[str] = ()
    """The names of the label columns in CSV; empty if CSV has none, as for a series."""
    by_rows: bool = False
    """Whether the value is a list of rows rather than a frame."""

    @property
    def bodies(self) -> Mapping[str, Any]:
        """Example bodies by the key of the scoring protocol; empty if nothing is known."""
        grid = self.grid
        if grid is not None and self.labels:
            index = [each[0] if len(each) == 1 else list(each) for each in self.labels]
            names = {} if grid.names == [_UNNAMED] else {"columns": list(grid.names)}
            return {"dataframe_split": {**names, "index": index, "data": list(grid.rows)}}
        if grid is not None and len(set(grid.names)) == len(grid.names):
            return {
                "dataframe_split": {"columns": list(grid.names), "data": list(grid.rows)},
                "dataframe_records": grid.records,
                "instances": grid.records,
                "inputs": grid.records if self.by_rows else grid.columns,
            }
        if grid is not None:
            return {"dataframe_split": {"columns": list(grid.names), "data": list(grid.rows)}}
        if isinstance(self.data, list):
            return {"instances": self.data, "inputs": self.data}
        return {} if self.data is None else {"inputs": self.data}

    @property
    def csv(self) -> str | None:
        """Return a request in CSV, or None if CSV cannot express it."""
        grid = self.grid
        if grid is None or not self.labels:
            return None if grid is None else grid.csv
        if not self.label_names:
            return None
        rows = [[*some, *row] for some, row in zip(self.labels, grid.rows, strict=True)]
        return Grid([*self.label_names, *grid.names], rows).csv

    @property
    def prediction(self) -> Any:
        """Return the example in the form in which an answer has it."""
        grid = self.grid
        return self.data if grid is None else Grid(distinct(grid.names), grid.rows).records


def input_of(described: Mapping[str, Any]) -> Example:
    """Return the first rows of a described input, with the labels that requests need."""
    found = example_of(described)
    levels = levels_of(described)
    cells = found.data if found.grid is None else found.grid.rows
    if not levels or not isinstance(cells, list):
        return found
    grid = found.grid or Grid([_UNNAMED], _rows(cells))
    labels = [[_cell(type_) for _, type_ in levels]] * len(grid.rows)
    names = [_UNNAMED if name is None else label(name) for name, _ in levels]
    if not are_columns(described):
        is_frame = one_example(dict(described))["type"] == "dataframe"
        return Example(grid, labels=labels, label_names=names if is_frame else ())
    rows = [[*some, *row] for some, row in zip(labels, grid.rows, strict=True)]
    return Example(Grid([*names, *grid.names], rows))


def example_of(described: Mapping[str, Any]) -> Example:
    """Return the first rows of a described value: its own, or made-up ones of its types."""
    like = one_example(dict(described))
    frame = frame_of(like)
    if frame is not None:
        return _made_up(frame)
    file = like.get("file")
    try:
        if isinstance(file, str):
            return _read(like, Path(file))
    except (OSError, UntrustedFileError, UnfaithfulError, ValueError, LookupError, TypeError):
        pass  # the file may have been removed or changed when the folder was passed on
    return _made_up(like)


def _read(like: Mapping[str, Any], file: Path) -> Example:
    if like.get("encoding") == "buffers":
        told, buffers = received.read_buffers(file, largest=_LARGEST)
        return _example(told, _told(told, iter(buffers)))
    if file.suffix != ".json":
        return _made_up(like)
    return _example(like, read_json(file, largest=_LARGEST))


def _example(like: Mapping[str, Any], data: Any) -> Example:
    """Return an example from data in the layout of an ``input_example.json``."""
    if is_table(like):
        if isinstance(data, dict):
            return Example(Grid(list(map(label, data["columns"])), data["data"][:_MOST_ROWS]))
        cells = data[:_MOST_ROWS]
        name = like.get("name")
        return Example(data=cells) if name is None else Example(Grid([label(name)], _rows(cells)))
    if like["type"] in ("ndarray", "scalar"):
        return Example(data=data[:_MOST_ROWS] if isinstance(data, list) else data)
    if "records" in like and data and are_records(data):
        rows = [list(row.values()) for row in data[:_MOST_ROWS]]
        return Example(Grid(list(data[0]), rows), by_rows=True)
    return Example(data=data)


def _rows(cells: Sequence[Any]) -> list[list[Any]]:
    return [[cell] for cell in cells]


def _told(told: Mapping[str, Any], buffers: Iterator[Buffer]) -> Any:
    """Return a value in buffers as JSON data. Raises UnfaithfulError."""
    kind = told["type"]
    if is_table(told):
        table = Table.of(dict(told), buffers)
        columns = [to_json(column)[:_MOST_ROWS] for column in table.columns]
        if table.one:
            return columns[0]
        rows = [list(row) for row in zip(*columns, strict=True)]
        return {"columns": [column.name for column in table.columns], "data": rows}
    if kind in ("ndarray", "scalar"):
        type_ = ColumnType.of_dtype(told["dtype"])
        if type_.kind not in (*FLOATS, *INTEGERS, "bool") or told.get("order") == "F":
            raise UnfaithfulError("its elements are not shown")
        return _nested(to_json(Column(None, type_, [None, next(buffers)])), told.get("shape", ()))
    if kind == "dict":
        return {name: _told(item, buffers) for name, item in told["items"].items()}
    if kind in ("list", "tuple"):
        return [_told(item, buffers) for item in told["items"]]
    if kind != "object":
        raise UnfaithfulError("it is not shown")
    data = untag(json.loads(bytes(next(buffers) or b"null")))
    check_plain(data)
    return data


def _nested(cells: list[Any], shape: Sequence[int]) -> Any:
    if not shape:
        return cells[0]
    for place in range(len(shape) - 1, 0, -1):
        size, count = shape[place], math.prod(shape[:place])
        cells = [cells[at * size : (at + 1) * size] for at in range(count)]
    return cells


def _made_up(like: Mapping[str, Any]) -> Example:
    """Return an example with made-up cells for a value of which only the types are known."""
    if is_table(like):
        columns = columns_of(dict(like))
        row = [_cell(type_) for _, type_ in columns]
        named = [name for name, _ in columns]
        return (
            Example(data=row) if named == [None] else Example(Grid(list(map(label, named)), [row]))
        )
    if like["type"] in ("ndarray", "scalar") and "dtype" in like:
        sizes = tuple(like.get("shape", ()))
        shape = (1, *sizes[1:]) if sizes else ()
        cell = _cell(ColumnType.of_dtype(like["dtype"]))
        return Example(data=_nested([cell] * math.prod(shape), shape))
    if isinstance(like.get("records"), dict):
        named = list(like["records"])
        row = [_cell(ColumnType(told["kind"])) for told in like["records"].values()]
        return Example(Grid(named, [row]), by_rows=True)
    return Example()


def _cell(type_: ColumnType) -> Any:
    if type_.kind == "category":
        return next(iter(categories_of(type_)), None)
    if type_.kind == "datetime" and type_.zone:
        return "2026-01-01T00:00:00Z"
    return _OF_KINDS.get(type_.kind)
