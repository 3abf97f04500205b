"""The plan of a run: the rows of its pieces, and its identity."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from ...base.errors import WrongUseError
from ...table.errors import RowsError
from .columns import ChosenColumns, ModelColumns, choose
from .slices.layout import Piece, SliceLayout
from .slices.texts import csv_batches, json_batches, opened
from .sources import InputFile

_MOST_ROWS = 1 << 16
_BYTES = 1 << 25  # of a batch as it is read, by default
_BATCHES = 4  # batches of a piece, if a file can be cut: a million rows are several
_SAMPLE = 1 << 20


@dataclass(frozen=True, slots=True)
class Plan:
    """The pieces of a run with their layout."""

    sources: tuple[InputFile, ...]
    pieces: tuple[Piece, ...]
    layout: SliceLayout
    columns: ChosenColumns

    @property
    def rows(self) -> int | None:
        """The number of rows; None if they are not counted before they are read."""
        known = [piece.rows for piece in self.pieces]
        return None if None in known else sum(filter(None, known))

    def told(self) -> dict[str, Any]:
        """Return the values that must be equal for another run to continue with its parts."""
        layout = self.layout.told()
        del layout["parts"]  # their folder may be moved
        pieces = [list(piece.told().values()) for piece in self.pieces]
        return {
            "inputs": [each.told() for each in self.sources],
            "layout": layout,
            "pieces": pieces,
        }


def make_plan(
    sources: tuple[InputFile, ...],
    takes: ModelColumns,
    parts: Path,
    *,
    keep: Sequence[str] = (),
    batch_rows: int | None = None,
    limit: int | None = None,
    skip: bool = False,
) -> Plan:
    """Cut files into pieces. Raises WrongUseError for files that cannot be read together."""
    columns = choose(sources, keep, takes)
    layout = SliceLayout(
        str(parts.absolute()),
        batch_rows or _rows_of_a_batch(sources[0]),
        columns.keep,
        columns.wanted,
        columns.given,
        skip,
        dict(takes.types),
        takes.every,
        columns.schema,
    )
    pieces: list[Piece] = []
    left = limit
    for source in sources:
        if left == 0:
            break
        for piece in _pieces(source, layout, left):
            pieces.append(replace(piece, number=len(pieces)))
            if left is not None:
                left -= piece.rows or 0
    return Plan(sources, tuple(pieces), layout, columns)


def _pieces(source: InputFile, layout: SliceLayout, left: int | None) -> Iterator[Piece]:
    """Yield the non-empty pieces of a file, with at most `left` rows in total."""
    for piece in _whole_pieces(source, layout, left):
        rows = piece.rows if left is None or piece.rows is None else min(piece.rows, left)
        if rows != 0:
            yield replace(piece, rows=rows)
        if left is not None:
            left -= rows or 0
            if not left:
                return


def _whole_pieces(source: InputFile, layout: SliceLayout, left: int | None) -> Iterator[Piece]:
    most = layout.batch_rows * _BATCHES
    whole = Piece(0, source.path, source.kind)
    if source.kind == "parquet":
        yield from _of_groups(whole, most)
    elif source.kind == "arrow":
        rows, batches = _arrow_rows(source)
        yield replace(whole, rows=rows, groups=tuple(range(batches)))
    elif source.kind == "npy":
        rows = _array_of(source).shape[0]
        for start in range(0, rows, most):
            yield replace(whole, start=start, rows=min(most, rows - start))
    elif left is None:
        yield whole
    else:  # the files after this one begin where it ends
        yield replace(whole, rows=_counted(whole, layout, left))


def _of_groups(whole: Piece, most: int) -> Iterator[Piece]:
    """Yield the pieces of a Parquet file: whole row groups, with about `most` rows in total."""
    from pyarrow import parquet

    file = parquet.read_metadata(whole.file)
    start, rows, groups = 0, 0, []
    for number in range(file.num_row_groups):
        rows += file.row_group(number).num_rows
        groups.append(number)
        if rows >= most:
            yield replace(whole, start=start, rows=rows, groups=tuple(groups))
            start, rows, groups = start + rows, 0, []
    yield replace(whole, start=start, rows=rows, groups=tuple(groups))


def _arrow_rows(source: InputFile) -> tuple[int | None, int]:
    """Return the number of rows and batches of an Arrow file; None and 0 for a stream."""
    import pyarrow
    from pyarrow import ipc

    with pyarrow.memory_map(source.path) as file:
        if file.read(6) != b"ARROW1":
            return None, 0
        with ipc.open_file(file) as reader:
            return int(reader.count_rows()), reader.num_record_batches


def _array_of(source: InputFile) -> Any:
    import numpy

    try:
        array = numpy.load(source.path, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError) as error:
        raise WrongUseError(f"{source.path} cannot be read: {error}") from error
    if not array.ndim:
        raise WrongUseError(f"{source.path} holds one value and no rows")
    return array


def _counted(whole: Piece, layout: SliceLayout, most: int) -> int:
    """Return the number of rows of a text file, at most `most`."""
    read = csv_batches if whole.kind == "csv" else json_batches
    rows = 0
    try:
        for batch in read(replace(whole, rows=most), layout):
            rows += batch.num_rows
    except RowsError as error:
        raise WrongUseError(f"{whole.file}: {error}") from error
    return rows


def _rows_of_a_batch(source: InputFile) -> int:
    """Return the number of rows in a batch of such a file, from the size of a row."""
    size = max(_bytes_of_a_row(source), 1)
    return max(1, min(_MOST_ROWS, _BYTES // size))


def _bytes_of_a_row(source: InputFile) -> int:
    if source.kind == "parquet":
        from pyarrow import parquet

        file = parquet.read_metadata(source.path)
        groups = range(file.num_row_groups)
        size = sum(file.row_group(number).total_byte_size for number in groups)
        return int(size // max(file.num_rows, 1))
    if source.kind == "arrow":
        rows, _ = _arrow_rows(source)
        return source.size // max(rows or 0, 1) if rows else _BYTES // _MOST_ROWS
    if source.kind == "npy":
        array = _array_of(source)
        return int(array.nbytes // max(array.shape[0], 1))
    try:
        with opened(source.path) as (stream, _):
            text = stream.read(_SAMPLE)
    except RowsError as error:
        raise WrongUseError(f"{source.path}: {error}") from error
    return len(text) // max(text.count(b"\n"), 1)


def changed(sources: Sequence[InputFile]) -> str | None:
    """Return a file that was written to since the plan was made; None if there is none."""
    found = next(islice((each.path for each in sources if each.is_changed), 1), None)
    return None if found is None else os.path.relpath(found)


def difference(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Return a short text on what differs between two runs."""
    for name in now:
        if name in ("layout", "pieces") or before.get(name) == now[name]:
            continue
        return f"the {name} {'are' if name.endswith('s') else 'is'} another"
    one, other = before.get("layout") or {}, now["layout"]
    names = [name for name in other if one.get(name) != other[name]]
    return f"{names[0]} is another" if names else "the rows are cut otherwise"
