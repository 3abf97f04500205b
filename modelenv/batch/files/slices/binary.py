"""Rows of Parquet, Arrow and ``.npy`` files, a batch at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from ....table.errors import RowsError
from .layout import Piece, SliceLayout

_BUFFER = 1 << 20  # bytes of each column that are read ahead


def parquet_batches(piece: Piece, layout: SliceLayout, first: int) -> Iterator[Any]:
    """Yield the batches of a piece of Parquet from batch `first` on, as tables."""
    from pyarrow import parquet

    with (
        _readable(),
        parquet.ParquetFile(piece.file, buffer_size=_BUFFER, pre_buffer=False) as file,
    ):
        due, ahead = first * layout.batch_rows, piece.before
        groups = list(piece.groups)
        while groups:  # whole row groups that were done before are not read again
            rows = file.metadata.row_group(groups[0]).num_rows - ahead
            if rows > due:
                break
            due, ahead = due - rows, 0
            del groups[0]
        columns = _columns(layout, file.schema_arrow.names)
        size = min(layout.batch_rows, 1 << 16)
        if columns == []:  # a table without columns has no rows
            columns = None
        read = file.iter_batches(size, row_groups=groups, columns=columns) if groups else iter(())
        rest = (piece.rows or 0) - first * layout.batch_rows
        yield from cut(read, layout.batch_rows, skipped=ahead + due, rows=rest)


def arrow_batches(piece: Piece, layout: SliceLayout, first: int) -> Iterator[Any]:
    """Yield the batches of an Arrow file or stream from batch `first` on, as tables."""
    import pyarrow
    from pyarrow import ipc

    with _readable(), ExitStack() as stack:
        source = stack.enter_context(pyarrow.memory_map(piece.file))
        if source.read(6) == b"ARROW1":
            reader = stack.enter_context(ipc.open_file(source))
            read: Iterator[Any] = map(reader.get_batch, piece.groups)
        else:
            source.seek(0)
            reader = stack.enter_context(ipc.open_stream(source))
            read = iter(reader)
        columns = _columns(layout, reader.schema.names)
        if columns:
            read = (each.select(columns) for each in read)
        skipped = piece.before + first * layout.batch_rows
        rest = None if piece.rows is None else piece.rows - first * layout.batch_rows
        yield from cut(read, layout.batch_rows, skipped=skipped, rows=rest)


def array_batches(piece: Piece, layout: SliceLayout, first: int) -> Iterator[Any]:
    """Yield the batches of a ``.npy`` file from batch `first` on, as arrays."""
    import numpy

    array = numpy.load(piece.file, mmap_mode="r", allow_pickle=False)
    for number, start, rows in piece.batches(layout.batch_rows):
        if number >= first:
            yield numpy.array(array[start : start + rows])


@contextmanager
def _readable() -> Iterator[None]:
    """Convert pyarrow's errors about an unreadable file to RowsError."""
    import pyarrow

    try:
        yield
    except (pyarrow.ArrowException, OSError) as error:
        raise RowsError(f"it is cut off or damaged: {error}") from error


def _columns(layout: SliceLayout, names: Sequence[str]) -> list[str] | None:
    """Return the columns to read, in the order of the layout; None for all, in the file's order."""
    if layout.wanted is None:
        return None
    there = set(names)
    return [name for name in layout.wanted if name in there]


def cut(read: Iterator[Any], batch_rows: int, *, skipped: int, rows: int | None) -> Iterator[Any]:
    """Yield tables of `batch_rows` rows each, except the last, from those that are read.

    The first `skipped` rows are dropped, and at most `rows` rows are yielded.
    """
    import pyarrow

    waiting: list[Any] = []
    have = 0
    make: Callable[[list[Any]], Any] = pyarrow.Table.from_batches
    for each in read:
        gone = min(skipped, each.num_rows)
        skipped -= gone
        batch = each.slice(gone)
        if rows is not None:
            batch = batch.slice(0, rows)
            rows -= batch.num_rows
        while have + batch.num_rows >= batch_rows:
            taken = batch.slice(0, batch_rows - have)
            yield make([*waiting, taken])
            batch = batch.slice(taken.num_rows)
            waiting, have = [], 0
        if batch.num_rows:
            waiting.append(batch)
            have += batch.num_rows
        if rows == 0:
            break
    if waiting:
        yield make(waiting)
