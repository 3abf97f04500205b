"""The prediction of a batch as the table of its part, with the kept columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ....table.errors import RowsError
from .layout import SliceLayout
from .texts import TextRows

Predict = Callable[[Any], Any]
"""Takes a pyarrow table, or a numpy array, and returns the table of its prediction.

Its errors may have a `row`, counted from 0 in the batch: the first that the model refuses.
"""


@dataclass(frozen=True, slots=True)
class Answered:
    """The result of a batch."""

    table: Any
    """The table, without columns if every row was refused."""
    refused: tuple[tuple[int, str], ...] = ()
    """The rows of the batch that were left out, and why."""


class PartError(Exception):
    """A prediction with other columns, or without exactly one row for each."""


def answer(
    batch: Any, predict: Predict, layout: SliceLayout, refusals: tuple[type[Exception], ...]
) -> Answered:
    """Return the part of a batch. Raises what `predict` raises, RowsError and PartError.

    If rows may be left out, those are left out for which one of `refusals` or RowsError is raised.
    """
    if not layout.skip:
        return Answered(_part(batch, predict, layout))
    failures: tuple[type[Exception], ...] = (RowsError, *refusals)
    tables: list[Any] = []
    refused: list[tuple[int, str]] = []
    waiting = [(0, batch)]  # a stack: the last one is next
    while waiting:
        start, some = waiting.pop()
        count = _rows_of(some)
        if not count:
            continue
        try:
            tables.append(_part(some, predict, layout))
        except failures as error:
            if getattr(error, "last", False):  # there is no process left to ask
                raise
            row = getattr(error, "row", None)
            if row is None or not 0 <= row < count:
                row = 0 if count == 1 else None
            if row is None:  # the row is unknown
                half = count // 2
                waiting += [(start + half, _some(some, half)), (start, _some(some, 0, half))]
                continue
            refused.append((start + row, said(error)))
            waiting.append((start + row + 1, _some(some, row + 1)))
            waiting.append((start, _some(some, 0, row)))
    return Answered(_joined(tables), tuple(sorted(refused)))


def _part(batch: Any, predict: Predict, layout: SliceLayout) -> Any:
    import pyarrow

    read = batch.table() if isinstance(batch, TextRows) else batch
    given = read
    if layout.given is not None:
        given = read.select([name for name in layout.given if name in read.column_names])
    found = predict(given)
    if isinstance(found, pyarrow.RecordBatch):
        found = pyarrow.Table.from_batches([found])
    rows = _rows_of(read)
    if found.num_rows != rows:
        raise PartError(f"the model answered {rows} rows with {found.num_rows}")
    names = [*layout.keep, *found.schema.names]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise PartError(f"two columns would be called {twice!r}")
    kept = [read.column(name) for name in layout.keep]
    table = pyarrow.Table.from_arrays([*kept, *found.columns], names=names)
    return table.cast(pyarrow.schema([each.remove_metadata() for each in table.schema]))


def _joined(tables: list[Any]) -> Any:
    import pyarrow

    if not tables:
        return pyarrow.table({})
    try:
        return pyarrow.concat_tables(tables)
    except pyarrow.ArrowInvalid as error:
        raise PartError(f"its prediction has other columns for some rows: {error}") from error


def _rows_of(batch: Any) -> int:
    rows = getattr(batch, "num_rows", None)
    return len(batch) if rows is None else int(rows)


def _some(batch: Any, start: int, count: int | None = None) -> Any:
    if hasattr(batch, "num_rows"):
        return batch.slice(start) if count is None else batch.slice(start, count)
    return batch[start:] if count is None else batch[start : start + count]


def said(error: BaseException) -> str:
    """Return why a row was refused: the model's message without the row's place in the batch."""
    if isinstance(error.__cause__, RowsError):
        error = error.__cause__
    reason = str(getattr(error, "reason", None) or error)
    column = getattr(error, "column", None)
    return reason if column is None else f"column {column!r}: {reason}"
