"""Read files of rows with any installed library that can, and write CSV."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .column_type import FLOATS, INTEGERS, ColumnType
from .errors import RowsError, UnfaithfulError
from .incoming.cells import to_json
from .incoming.counts import Count
from .incoming.rows import Rows, label, of_table, read_csv
from .objects import tag
from .table import Column, Table
from .values import is_table, take_table

if TYPE_CHECKING:
    import pyarrow

    from .table import Buffer

# The name that pandas gives an index without a name in such a file.
_NAMELESS = re.compile(r"__index_level_\d+__$")


def read_text(file: Path) -> Rows:
    """Read CSV in UTF-8 with a header line. Raises RowsError with the line."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return read_csv(lines)


def write_csv(told: dict[str, Any], buffers: Iterable[Buffer]) -> str:
    """Return a described table, or an array of one or two dimensions, as CSV with a header.

    A missing value is an empty cell; infinity is ``inf``. Raises UnfaithfulError for other values,
    and for cells that have no text form.
    """
    columns = _columns_of(told, iter(buffers))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["" if name is None else label(tag(name)) for name, _ in columns])
    writer.writerows(zip(*(cells for _, cells in columns), strict=True))
    return text.getvalue()


def _columns_of(told: dict[str, Any], buffers: Iterator[Buffer]) -> list[tuple[Any, list[Any]]]:
    if is_table(told):
        table = Table.of(told, buffers)
        index = [] if table.index is None else table.index.levels
        return [(each.name, _texts(each)) for each in (*index, *table.columns)]
    if told["type"] != "ndarray" or len(told["shape"]) not in (1, 2):
        raise UnfaithfulError("CSV holds frames, series, and arrays of one or two dimensions")
    type_ = ColumnType.of_dtype(told["dtype"])
    if type_.kind not in (*FLOATS, *INTEGERS, "bool"):
        raise UnfaithfulError(f"CSV of an array holds numbers, and its dtype is {told['dtype']}")
    cells = _texts(Column(None, type_, [None, next(buffers, None) or b""]))
    height, width = (*told["shape"], 1)[:2]
    by_column = told.get("order") == "F"
    return [
        (place, cells[place * height : (place + 1) * height] if by_column else cells[place::width])
        for place in range(width)
    ]


def _texts(column: Column) -> list[Any]:
    """Return a column's cells as CSV texts. Raises UnfaithfulError."""
    if column.type.kind in FLOATS:
        return ["" if cell is None or cell != cell else repr(cell) for cell in column.cells()]  # noqa: PLR0124  # nan
    cells = to_json(column)
    return [json.dumps(cell) if isinstance(cell, (list, dict)) else cell for cell in cells]


def read_binary(file: Path, kind: str) -> Rows | None:
    """Read a file of Parquet or of Arrow: an IPC file or stream, or Feather.

    Return None if no installed library can read it. Raises RowsError for a damaged file.
    """
    for read in _READERS[kind]:
        with suppress(ImportError):
            try:
                return read(file)
            except ImportError:
                raise
            except Exception as error:  # each library has its own errors
                raise RowsError(f"{file.name} cannot be read: {error}") from error
    return None


def _parquet_by_pyarrow(file: Path) -> Rows:
    from pyarrow import parquet

    return rows_of_arrow(parquet.read_table(file))


def _arrow_by_pyarrow(file: Path) -> Rows:
    import pyarrow
    from pyarrow import feather, ipc

    with file.open("rb") as opened:
        begin = opened.read(6)
    if begin == b"ARROW1" or begin.startswith(b"FEA1"):
        return rows_of_arrow(feather.read_table(file))
    with pyarrow.OSFile(str(file)) as source:
        return rows_of_arrow(ipc.open_stream(source).read_all())


def _parquet_by_polars(file: Path) -> Rows:
    import polars

    return _of_frame(polars.read_parquet(file))


def _arrow_by_polars(file: Path) -> Rows:
    import polars

    with file.open("rb") as opened:
        stream = opened.read(6) != b"ARROW1"
    return _of_frame(polars.read_ipc_stream(file) if stream else polars.read_ipc(file))


def _parquet_by_fastparquet(file: Path) -> Rows:
    import pandas

    return _of_frame(pandas.read_parquet(file, engine="fastparquet"))


def _of_frame(frame: Any) -> Rows:
    table = take_table(frame)
    assert table is not None
    return of_table(table)


def rows_of_arrow(table: pyarrow.Table) -> Rows:
    """Return a pyarrow table as rows; an unnamed pandas index becomes the first column, ""."""
    names = table.column_names
    first = sorted(range(len(names)), key=lambda place: not _NAMELESS.match(names[place]))
    columns = [_cells(table.column(place)) for place in first]
    shown = ["" if _NAMELESS.match(names[place]) else names[place] for place in first]
    return Rows(shown, columns, table.num_rows, nameless=True)


def _cells(column: pyarrow.ChunkedArray) -> Sequence[Any]:
    import pyarrow

    kind = column.type
    if pyarrow.types.is_dictionary(kind):
        return _cells(column.cast(kind.value_type))
    if pyarrow.types.is_timestamp(kind) or pyarrow.types.is_duration(kind):
        told = {
            "zone": getattr(kind, "tz", None) or "",
            "is_duration": pyarrow.types.is_duration(kind),
        }
        counts: Iterable[int | None] = column.cast("int64").to_pylist()
        return [None if each is None else Count(each, kind.unit, **told) for each in counts]
    cells: Sequence[Any] = column.to_pylist()
    return cells


_READERS: dict[str, tuple[Callable[[Path], Rows], ...]] = {
    "parquet": (_parquet_by_pyarrow, _parquet_by_polars, _parquet_by_fastparquet),
    "arrow": (_arrow_by_pyarrow, _arrow_by_polars),
}
