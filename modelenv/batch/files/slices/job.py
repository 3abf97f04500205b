"""Read a slice, predict, and write its parts, in this process or in a task of an engine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ....table.errors import RowsError
from .answers import PartError, Predict, answer, said
from .binary import array_batches, arrow_batches, parquet_batches
from .layout import Done, Piece, SliceLayout
from .parts import PartsFolder
from .texts import TextRows, csv_batches, json_batches
from .typed import schema_to_text


class SliceError(Exception):
    """An error with its place: `file`, `start` and `rows` of the batch, and the `row` if known.

    Rows are counted from 0 in the file; `line` is that of a text file, from 1.
    """

    def __init__(
        self,
        said: str,
        file: str,
        start: int,
        rows: int | None = None,
        row: int | None = None,
        line: int | None = None,
    ) -> None:
        super().__init__(said, file, start, rows, row, line)
        self.said = said
        self.file = file
        self.start = start
        self.rows = rows
        self.row = row
        self.line = line

    def __str__(self) -> str:
        """Return the place and the message."""
        line = "" if self.line is None else f" (line {self.line})"
        if self.row is not None:
            return f"{self.file}, row {self.row}{line}: {self.said}"
        if self.rows is None:
            return f"{self.file}, from row {self.start} on: {self.said}"
        return f"{self.file}, rows {self.start} to {self.start + self.rows - 1}: {self.said}"


@dataclass(frozen=True, slots=True)
class SliceBatch:
    """A batch that was read and is to be predicted."""

    piece: Piece
    number: int
    start: int
    rows: int
    content: Any
    share: float | None = None


def run_piece(
    layout: SliceLayout, piece: Piece, predict: Predict, refusals: tuple[type[Exception], ...] = ()
) -> Iterator[Done]:
    """Run the rest of a piece; yield the result of each batch. Raises SliceError.

    `refusals` are the errors of `predict` for a row that the model refuses.
    """
    parts = PartsFolder.at(layout.parts)
    tally = PieceTally(parts)
    for each in batches_of(layout, piece, parts):
        tally.begin(piece)
        done = each if isinstance(each, Done) else predict_batch(layout, each, predict, refusals)
        tally.end(done)
        yield done
    tally.end_piece(piece)


class PieceTally:
    """Records a piece as finished once all of its batches are, in any order.

    Only used if the number of batches is not known beforehand.
    """

    def __init__(self, parts: PartsFolder) -> None:
        self._parts = parts
        self._turn = threading.Lock()
        self._rows: dict[int, list[int]] = {}
        self._open: dict[int, int] = {}
        self._read: set[int] = set()

    def begin(self, piece: Piece) -> None:
        """Record that a batch of a piece is started."""
        if piece.rows is None:
            with self._turn:
                self._open[piece.number] = self._open.get(piece.number, 0) + 1

    def end(self, done: Done) -> None:
        """Record that a batch is done."""
        with self._turn:
            if done.piece in self._open:
                self._open[done.piece] -= 1
                self._rows.setdefault(done.piece, []).append(done.rows)
                self._finish(done.piece)

    def end_piece(self, piece: Piece) -> None:
        """Record that all batches of a piece have been started."""
        if piece.rows is None:
            with self._turn:
                self._read.add(piece.number)
                self._open.setdefault(piece.number, 0)
                self._finish(piece.number)

    def _finish(self, piece: int) -> None:
        if piece in self._read and not self._open[piece] and self._parts.done(piece) is None:
            rows = self._rows.get(piece, [])
            self._parts.finish(piece, batches=len(rows), rows=sum(rows))


def batches_of(
    layout: SliceLayout, piece: Piece, parts: PartsFolder
) -> Iterator[SliceBatch | Done]:
    """Yield the batches of a piece to predict, and the results of those done before."""
    finished = parts.done(piece.number) if piece.rows is None else None
    if finished is not None:
        yield Done(piece.number, finished["rows"], again=True)
        return
    first = 0
    if piece.seeks:
        due = list(piece.batches(layout.batch_rows))
        while due and parts.part(piece.number, first).exists():
            number, start, rows = due.pop(0)
            yield Done(piece.number, rows, number, start, again=True)
            first += 1
        if not due:
            return
    start = piece.start + first * layout.batch_rows
    try:
        for number, content in enumerate(_read(piece, layout, first), first):
            rows = content.num_rows if hasattr(content, "num_rows") else len(content)
            share = content.share if isinstance(content, TextRows) else None
            if parts.part(piece.number, number).exists():
                yield Done(piece.number, rows, number, start, again=True, share=share)
            else:
                yield SliceBatch(piece, number, start, rows, content, share)
            start += rows
    except RowsError as error:
        raise SliceError(said(error), piece.file, start, None, error.row, error.line) from error


def _read(piece: Piece, layout: SliceLayout, first: int) -> Iterator[Any]:
    if piece.kind == "csv":
        return csv_batches(piece, layout)
    if piece.kind == "jsonl":
        return json_batches(piece, layout)
    read = {"parquet": parquet_batches, "arrow": arrow_batches, "npy": array_batches}
    return read[piece.kind](piece, layout, first)


def predict_batch(
    layout: SliceLayout,
    batch: SliceBatch,
    predict: Predict,
    refusals: tuple[type[Exception], ...] = (),
) -> Done:
    """Predict a batch and write its part. Raises SliceError."""
    piece, start = batch.piece, batch.start
    failures: tuple[type[Exception], ...] = (RowsError, *refusals)
    try:
        answered = answer(batch.content, predict, layout, refusals)
    except PartError as error:
        raise SliceError(str(error), piece.file, start, batch.rows) from error
    except failures as error:
        row, line = getattr(error, "row", None), getattr(error, "line", None)
        at = None if row is None else start + row
        raise SliceError(said(error), piece.file, start, batch.rows, at, line) from error
    refused = [
        {"file": piece.file, "row": start + row, "error": why} for row, why in answered.refused
    ]
    parts = PartsFolder.at(layout.parts)
    parts.write(piece.number, batch.number, answered.table, refused)
    return Done(
        piece.number,
        batch.rows,
        batch.number,
        start,
        refused=len(refused),
        schema=schema_to_text(answered.table.schema) if answered.table.num_columns else "",
        share=batch.share,
    )
