"""Incoming rows in any layout, as named columns of cells.

The JSON layouts are those of MLflow's scoring protocol, and that of an ``input_example.json``.
Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence

from ..errors import RowsError
from ..objects import untag
from ..table import Column
from .counts import Count
from .times import write_date

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from ..table import Table

KEYS = ("dataframe_split", "dataframe_records", "instances", "inputs")
"""The keys of the scoring protocol; a request has exactly one of them."""
_OF_SPLIT = frozenset(("columns", "data", "index"))
# A limit, since a few bytes may expand: each record gets a cell for each key of any record.
_MOST_CELLS = 4_000_000


def label(name: Any) -> str:
    """Return the name of a column in rows, which is always a text."""
    if type(name) is str:
        return name
    name = untag(name)
    return str(tuple(name)) if isinstance(name, (tuple, list)) else str(name)


class Rows:
    """Columns of cells by name, and the index, if the layout has a separate place for it."""

    def __init__(
        self,
        names: Sequence[Any] | None,
        columns: Sequence[Sequence[Any]],
        count: int,
        *,
        index: Sequence[Any] | None = None,
        text: bool = False,
        nameless: bool = False,
        lines: Sequence[int] | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        self.names = None if names is None else list(map(label, names))
        """The names; None if the columns are in the order of the example's."""
        self._places: dict[str, list[int]] = {}
        for place, name in enumerate(self.names or ()):
            self._places.setdefault(name, []).append(place)
        self.columns = list(columns)
        self.count = count
        self.index = index
        self.text = text
        """Whether the cells are from a text file."""
        self.nameless = text or nameless
        """Whether an index without a name is in a column named ""."""
        self.lines = lines
        """The line of each row in its file."""
        self.notes = notes
        """Remarks on the rows."""

    def check_names(self, names: Iterable[str]) -> None:
        """Raise RowsError if more columns have one of these names than `names` contains it."""
        if len(self._places) == len(self.names or ()):
            return
        for name, due in Counter(names).items():
            have = len(self._places.get(name, ()))
            if have > due:
                raise RowsError("there are %d columns of this name" % have, name)

    def without(self, names: Iterable[str]) -> Rows:
        """Return the rows without the columns of these names."""
        left = frozenset(names)
        if self.names is None or left.isdisjoint(self.names):
            return self
        kept = [place for place, name in enumerate(self.names) if name not in left]
        named, columns = [self.names[each] for each in kept], [self.columns[each] for each in kept]
        return Rows(named, columns, self.count, index=self.index, nameless=self.nameless)

    def take(self, name: Any, occurrence: int = 0) -> Sequence[Any] | None:
        """Return the cells of a column, or None if there is no column of that name."""
        places = self._places.get(label(name), ())
        return self.columns[places[occurrence]] if occurrence < len(places) else None


class ColumnCells(Sequence):  # type: ignore[type-arg]  # Python 3.8 takes no arguments
    """The cells of a typed column, converted only when they are read."""

    __slots__ = ("_cells", "_column", "_count", "_take", "whole")

    def __init__(self, take: Callable[[], Column], count: int, *, whole: bool = False) -> None:
        """`take` returns the column; `whole` allows to pass it on to a column of the same dtype."""
        self._take = take
        self._count = count
        self._column: Column | None = None
        self._cells: list[Any] | None = None
        self.whole = whole

    @property
    def column(self) -> Column:
        """The column. Raises UnfaithfulError if its type is not supported."""
        if self._column is None:
            self._column = self._take()
        return self._column

    @property
    def _all(self) -> list[Any]:
        if self._cells is None:
            self._cells = _of_column(self.column)
        return self._cells

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, place: Any) -> Any:
        return self._all[place]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._all)


def read_split(data: Any) -> Rows:
    """Read ``{"columns": [...], "data": [[...], ...], "index": [...]}``. Raises RowsError."""
    if not isinstance(data, dict) or not isinstance(data.get("data"), list):
        raise RowsError("dataframe_split is an object with data and, mostly, columns")
    _check_keys(data)
    rows, names, index = data["data"], data.get("columns"), data.get("index")
    if names is not None and not isinstance(names, list):
        raise RowsError("columns is a list of names")
    if index is not None and (not isinstance(index, list) or len(index) != len(rows)):
        raise RowsError("index is a list of one label for each of %d rows" % len(rows))
    return _of_lists(rows, names, index)


def _check_keys(data: dict[str, Any]) -> None:
    other = [name for name in data if name not in _OF_SPLIT]
    if other:
        raise RowsError("dataframe_split has columns, data and index, not %r" % other[0])


def read_records(data: Any) -> Rows:
    """Read ``[{"a": 1, "b": 2}, ...]``. Raises RowsError."""
    if not are_records(data):
        raise RowsError("dataframe_records is a list of objects, one a row")
    names = list(dict.fromkeys(name for row in data for name in row))
    if len(names) * len(data) > _MOST_CELLS + 16 * sum(map(len, data)):
        many = (len(data), len(names))
        raise RowsError("its %d records have %d keys, and most of them lack most keys" % many)
    columns = [[row.get(name) for row in data] for name in names]
    return Rows(names if data else None, columns, len(data), notes=_lacking(data, names))


def _lacking(data: list[dict[str, Any]], names: list[str]) -> list[str]:
    """Return a remark on records that lack keys which others have."""
    row = next((place for place, each in enumerate(data) if len(each) < len(names)), None)
    if row is None:
        return []
    name = next(name for name in names if name not in data[row])
    return ["taken as missing, as row %d has no %r, and others have" % (row, name)]


def read_columns(data: Any) -> Rows:
    """Read ``{"a": [1, 3], "b": [2, 4]}``; a bare cell counts as a list. Raises RowsError."""
    columns = {name: cells if isinstance(cells, list) else [cells] for name, cells in data.items()}
    counts = {len(cells) for cells in columns.values()}
    if len(counts) > 1:
        told = ", ".join("%s has %d" % (name, len(cells)) for name, cells in columns.items())
        raise RowsError("the columns have different numbers of rows: %s" % told)
    return Rows(list(columns), list(columns.values()), counts.pop() if counts else 0)


def read_rows(data: Any) -> Rows:
    """Read rows in any layout: records, lists, or columns. Raises RowsError."""
    if isinstance(data, dict):
        return read_split(data) if _is_split(data) else read_columns(data)
    if not isinstance(data, list):
        raise RowsError("it is no table: give a list of rows, or an object of columns")
    if data and are_records(data):
        return read_records(data)
    return _of_lists(data, None, None)


def _is_split(data: dict[str, Any]) -> bool:
    """Return whether the keys are those of dataframe_split; a column may be called data, too."""
    if "data" not in data or not _OF_SPLIT.issuperset(data):
        return False
    cells = data["data"]
    return "columns" in data or not isinstance(cells, list) or any(map(_is_row, cells)) or not cells


def _is_row(cell: Any) -> bool:
    return isinstance(cell, list)


def are_records(data: Any) -> bool:
    """Return whether the data is a list of objects."""
    return isinstance(data, list) and all(isinstance(row, dict) for row in data)


def read_csv(lines: Iterable[str]) -> Rows:
    """Read text with a header line. Raises RowsError with the line."""
    reader = csv.reader(lines)
    names: list[str] | None = None
    rows: list[list[str]] = []
    places: list[int] = []
    try:
        for row in reader:
            if names is None:
                names = row
            elif row:
                if len(row) != len(names):
                    raise RowsError(
                        "it has %d cells, and the first line names %d" % (len(row), len(names)),
                        None,
                        len(rows),
                        reader.line_num,
                    )
                rows.append(row)
                places.append(reader.line_num)
    except csv.Error as error:
        raise RowsError(str(error), None, len(rows), reader.line_num) from error
    except UnicodeDecodeError as error:
        raise RowsError("it is no text in UTF-8: %s" % error) from error
    if names is None:
        raise RowsError("it is empty: its first line names the columns")
    columns = list(map(list, zip(*rows))) if rows else [[] for _ in names]
    return Rows(names, columns, len(rows), text=True, lines=places)


def of_table(table: Table) -> Rows:
    """Return a table as rows, to be converted to other types."""
    index = [] if table.index is None else table.index.levels
    names = [*("" if each.name is None else each.name for each in index)]
    names += [column.name for column in table.columns]
    columns = [_cells_of(column, table.rows) for column in (*index, *table.columns)]
    return Rows(names, columns, table.rows, nameless=True)


def _cells_of(column: Column, count: int) -> ColumnCells:
    return ColumnCells(lambda: column, count)


def _of_column(column: Column) -> list[Any]:
    type_, cells = column.type, column.cells()
    if type_.kind == "category":
        assert type_.of is not None
        of = Column.pack(None, type_.of, list(map(untag, type_.categories)))
        categories = _of_column(of)
        return [None if cell is None else categories[cell] for cell in cells]
    if type_.unit:
        lasts = type_.kind == "timedelta"
        return [
            None if cell is None else Count(cell, type_.unit, zone=type_.zone, is_duration=lasts)
            for cell in cells
        ]
    if type_.kind == "date":
        return [None if cell is None else write_date(cell) for cell in cells]
    return cells


def _of_lists(rows: list[Any], names: Any, index: Any) -> Rows:
    """Read rows that are lists of equal length; if all are bare cells, they are one column."""
    if not any(isinstance(row, list) for row in rows) and not (names and len(names) != 1):
        return Rows(names, [rows] if rows or names else [], len(rows), index=index)
    width = len(names) if names is not None else len(rows[0]) if isinstance(rows[0], list) else 1
    for place, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != width:
            have = "%d cells" % len(row) if isinstance(row, list) else "no list of cells"
            raise RowsError("it has %s, where %d are expected" % (have, width), None, place)
    columns: list[Sequence[Any]] = list(zip(*rows)) if rows else [() for _ in range(width)]
    return Rows(names, columns, len(rows), index=index)
