"""Fit rows to a table like the model's example: its columns, their order and types.

Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

from ..column_type import INTEGERS, ColumnType
from ..errors import RowsError
from ..objects import untag
from ..table import Column, ColumnNames, Labels, Table, columns_of, labels_of
from . import times
from .cells import convert
from .counts import type_of_counts
from .rows import Rows, label
from .texts import MISSING

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ..table import Buffer

    Description = dict[str, Any]
    Parts = tuple[Description, list[Buffer], list[str]]

OBJECTS = ColumnType("object", dtype="object")
_EXACT = 2**53  # up to here floats hold every whole number


class Fitting:
    """The form of a described example, read once and used for many rows."""

    __slots__ = (
        "_column_names",
        "_columns",
        "_labels",
        "_like",
        "_names",
        "_objects",
        "_optional",
        "_shown",
    )

    def __init__(self, like: Description) -> None:
        self._like = like
        self._columns = columns_of(like)
        self._names = [untag(name) for name, _ in self._columns]
        self._shown = [label(name) for name, _ in self._columns]
        self._labels = labels_of(like)
        texts = all(type(name) is str for name in self._names)
        self._column_names = ColumnNames(self._names) if texts and self._names else None
        self._objects = like.get("objects") or [None] * len(self._columns)
        self._optional = frozenset(like.get("optional", ()))

    def fit(self, rows: Rows) -> tuple[Table, list[str]]:
        """Return the rows as a table like the example, and remarks on them.

        Columns that the example does not have are left out and named in a remark. Raises RowsError
        with the column, row and line if a value cannot be of the example's type.
        """
        try:
            index, taken = _index(rows, self._like)
            columns, used = self._fit_columns(rows)
        except RowsError as error:
            if rows.lines is not None and error.row is not None:
                error.line = rows.lines[error.row]
            raise
        table = Table(
            self._like["type"],
            columns,
            rows.count,
            index=index,
            labels=self._labels,
            column_names=self._column_names,
        )
        known = used | taken
        extra = [name for name in dict.fromkeys(rows.names or ()) if name not in known]
        notes = [*rows.notes, *_of_index(rows, self._like)]
        absent = self._optional - set(rows.names or self._shown)
        if absent:
            named = ", ".join(repr(name) for name in self._shown if name in absent)
            notes.append("missing in every row, as it has no such column: %s" % named)
        if extra:
            named = ", ".join(map(repr, extra[:8])) + (", …" if len(extra) > 8 else "")
            notes.append("left out, as the model's example has no such column: %s" % named)
        return table, notes

    def _fit_columns(self, rows: Rows) -> tuple[list[Column], set[str]]:
        """Return the example's columns, and the names that they have in the rows."""
        cells: list[Sequence[Any] | None]
        alone = len(self._columns) == 1 and self._like["type"].endswith("series")
        if rows.names is None or alone:
            cells = list(_in_order(rows, self._names))
        else:
            rows.check_names(self._shown)
            seen: dict[str, int] = {}
            cells = []
            for shown in self._shown:
                occurrence = seen.get(shown, 0)
                seen[shown] = occurrence + 1
                cells.append(rows.take(shown, occurrence))
        for place, (name, shown) in enumerate(zip(self._names, self._shown)):
            if cells[place] is None and shown in self._optional:
                cells[place] = [None] * rows.count
            elif cells[place] is None:
                have = ", ".join(map(repr, (rows.names or [])[:8]))
                raise RowsError("is missing; there are %s" % (have or "none"), name)
        columns = []
        told = zip(self._names, self._shown, self._columns, cells, self._objects)
        for name, shown, (_, type_), given, class_ in told:
            found = given or []
            if class_ is not None and not getattr(found, "whole", False):
                found = _objects(name, found, class_, text=rows.text)
            taken = _with_gaps(type_, found) if shown in self._optional else type_
            text = rows.text and None not in found[:1]  # an optional column may be absent
            columns.append(convert(name, found, taken, text=text))
        return columns, set(self._shown) if rows.names is not None else set()


def _objects(name: Any, cells: Sequence[Any], class_: str, *, text: bool) -> list[Any]:
    """Return the cells of a column whose objects all have one class. Raises RowsError."""
    found = []
    for row, cell in enumerate(cells):
        try:
            gap = cell is None or (text and cell in MISSING)
            found.append(None if gap else times.of_class(cell, class_))
        except (ValueError, OverflowError) as error:
            raise RowsError(str(error), name, row) from None
    return found


def _with_gaps(type_: ColumnType, cells: Sequence[Any]) -> ColumnType:
    """Return the type that pandas would give an optional column with these cells."""
    there = all(cell is not None and cell not in MISSING for cell in cells)
    if type_.nullable or there or type_.dtype not in ("bool", *INTEGERS):
        return type_
    if type_.kind == "bool":
        return ColumnType("bool", dtype="object", nullable=True, missing="none")
    return ColumnType(type_.kind, dtype="float64", nullable=True)


def fit(rows: Rows, like: Description) -> tuple[Table, list[str]]:
    """Return the rows as a table like the described example: see `Fitting`. Raises RowsError."""
    return Fitting(like).fit(rows)


def frame_of(like: Description) -> Description | None:
    """Return the frame that corresponds to a described pyarrow table; None for other values."""
    if like["type"] != "arrow" or like["form"] not in ("Table", "RecordBatch"):
        return None
    types = [ColumnType.from_json(*each) for each in like["types"]]
    for type_, nullable in zip(types, like["nullable"]):
        type_.nullable = bool(nullable)
    return {
        "type": "dataframe",
        "columns": like["columns"],
        "dtypes": [type_.dtype for type_ in types],
        "types": [type_.to_json() for type_ in types],
    }


def fit_arrow(rows: Rows, like: Description, frame: Description) -> Parts:
    """Return the rows as a pyarrow table like the described one. Raises RowsError."""
    table, notes = fit(rows, frame)
    kept = ("type", "form", "metadata", "nullable", "columns", "types")
    told = {**{name: like[name] for name in kept}, "rows": table.rows}
    return told, table.buffers(), notes


def fit_loosely(rows: Rows, types: dict[str, str], names: Sequence[str]) -> Table:
    """Return the rows as a frame whose columns have the dtypes in `types`, others as they come.

    Columns without a name get `names`, those of a signature. Raises RowsError.
    """
    found = rows.names if rows.names is not None else list(names)
    if len(found) != len(rows.columns) and rows.count:
        raise RowsError("it has %d columns, the model %d" % (len(rows.columns), len(found)))
    columns = []
    for name, cells in zip(found, rows.columns or [[] for _ in found]):
        type_ = ColumnType.of_dtype(types[name]) if name in types else infer(cells)
        columns.append(convert(name, cells, type_, text=rows.text))
    return Table("dataframe", columns, rows.count)


def infer(cells: Sequence[Any]) -> ColumnType:
    """Return the type of JSON cells for which no type is given."""
    kinds = set(map(type, cells))
    if kinds == {bool}:
        return ColumnType("bool", dtype="bool")
    if kinds == {int} and -(2**63) <= min(cells) <= max(cells) < 2**63:
        return ColumnType("int64", dtype="int64")
    if kinds == {int} and 0 <= min(cells) <= max(cells) < 2**64:
        return ColumnType("uint64", dtype="uint64")
    if kinds & {int, float} and kinds <= {int, float, type(None)} and _are_floats(cells):
        return ColumnType("float64", dtype="float64")
    return type_of_counts(cells) or OBJECTS


def _are_floats(cells: Sequence[Any]) -> bool:
    """Return whether cells can be floats: floats round whole numbers above 2**53."""
    return all(-_EXACT <= cell <= _EXACT for cell in cells if type(cell) is int)


def _in_order(rows: Rows, names: Sequence[Any]) -> Sequence[Sequence[Any]]:
    if not rows.count and not rows.columns:
        return [[] for _ in names]
    if len(rows.columns) != len(names):
        raise RowsError(
            "it has %d columns, and the model's example %d" % (len(rows.columns), len(names))
        )
    return rows.columns


def _index(rows: Rows, like: Description) -> tuple[Labels | None, set[str]]:
    """Return the labels of the rows, and the names of the columns that hold them.

    Labels are in columns of their levels' names, as ``DataFrame.to_csv`` writes them; a level
    without a name is in the first column, which then has an empty name.
    """
    told = like.get("index")
    unnamed = {""} if rows.nameless and rows.names and rows.names[0] == "" else set()
    if told is None:
        return None, unnamed
    if "range" in told:
        name = untag(told["name"])
        cells = rows.take("" if name is None else name) if name is not None or unnamed else None
        if cells is None:
            return Labels(range_=(0, rows.count, 1), name=untag(told["name"])), unnamed
        column = convert(untag(told["name"]), cells, ColumnType.of_dtype("int64"), text=rows.text)
        return Labels(levels=[column]), {"" if name is None else label(name)}
    levels, taken = [], set()
    for place, level in enumerate(told["levels"]):
        type_ = ColumnType.from_json(level["type"], level["dtype"])
        found = _level(rows, told["levels"], place)
        if found is None and len(told["levels"]) == 1 and type_.kind in INTEGERS:
            return Labels(range_=(0, rows.count, 1), name=untag(level["name"])), set()
        if found is None:
            raise RowsError(
                "the index%s of the model's example is missing: give it as a column of that name,"
                " the first in CSV where it has none, or as index of dataframe_split"
                % ("" if level["name"] is None else " %r" % (untag(level["name"]),))
            )
        levels.append(convert(untag(level["name"]), found, type_, text=rows.text))
        taken.add("" if level["name"] is None else label(level["name"]))
    return Labels(levels=levels, freq=told.get("freq")), taken


def _of_index(rows: Rows, like: Description) -> list[str]:
    """Return a remark on labels, if the example has none but row numbers."""
    counted = "index" not in like or "range" in like["index"]
    if not counted or rows.index is None or list(rows.index) == list(range(rows.count)):
        return []
    return ["left out, as the model's example counts its rows: index"]


def _level(rows: Rows, levels: Sequence[Description], place: int) -> Sequence[Any] | None:
    """Return the labels of one level, from the index or from a column."""
    if rows.index is not None:
        if len(levels) == 1:
            return rows.index
        if not all(isinstance(each, list) and len(each) == len(levels) for each in rows.index):
            raise RowsError("index is a list of lists of %d labels" % len(levels))
        return [each[place] for each in rows.index]
    name = levels[place]["name"]
    if rows.names is None or (name is None and not rows.nameless):
        return None
    before = sum(1 for level in levels[:place] if level["name"] == name)
    return rows.take("" if name is None else name, before)
