"""Rows of CSV and of JSON lines, a batch at a time."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

from ....table.errors import RowsError
from ....table.incoming.document import parser
from .layout import Piece, SliceLayout
from .typed import typed_table


@dataclass(frozen=True, slots=True)
class TextRows:
    """Rows of a text file, converted to a table on demand."""

    names: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    lines: Sequence[int]
    """The line of each row, counted from 1."""
    text: bool
    """Whether all cells are texts."""
    layout: SliceLayout
    share: float
    """The part of the file that is read so far, from 0 to 1."""

    @property
    def num_rows(self) -> int:
        """The number of rows."""
        return len(self.rows)

    def slice(self, start: int, count: int | None = None) -> TextRows:
        """Return some of them, as pyarrow's tables do."""
        stop = None if count is None else start + count
        rows, lines = self.rows[start:stop], self.lines[start:stop]
        return TextRows(self.names, rows, lines, self.text, self.layout, self.share)

    def table(self) -> Any:
        """Return them as a pyarrow table. Raises RowsError, with column, row and line."""
        columns = list(zip(*self.rows, strict=True)) or [() for _ in self.names]
        try:
            return typed_table(self.names, columns, self.layout, text=self.text)
        except RowsError as error:
            if error.row is not None:
                error.line = self.lines[error.row]
            raise


@contextmanager
def opened(file: str) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Open a text file, decompressing it if necessary. Yield it, and the file on disk.

    Raises RowsError if the block reads truncated or damaged data.
    """
    with Path(file).open("rb") as raw:
        if not file.lower().endswith(".gz"):
            yield raw, raw
            return
        try:
            with gzip.GzipFile(fileobj=raw) as stream:
                yield stream, raw  # type: ignore[misc]
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise RowsError(f"it is cut off or damaged: {error}") from error


class _Share:
    """The part of a file that is read."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._size = max(raw.seek(0, io.SEEK_END), 1)
        raw.seek(0)

    def __float__(self) -> float:
        return min(self._raw.tell() / self._size, 1.0)


class _Bytes(io.RawIOBase):
    """A raw stream below a text reader, which keeps its source open and its position countable."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def csv_batches(piece: Piece, layout: SliceLayout) -> Iterator[TextRows]:
    """Yield the batches of a CSV file in UTF-8. Raises RowsError, with the row and the line."""
    with opened(piece.file) as (stream, raw):
        share = _Share(raw)
        text = io.TextIOWrapper(io.BufferedReader(_Bytes(stream), 1 << 16), "utf-8-sig", newline="")
        reader = csv.reader(text)
        names = _names(reader)
        read = _numbered(reader, len(names))
        taken = read if piece.rows is None else islice(read, piece.rows)
        while batch := list(islice(taken, layout.batch_rows)):
            lines = [line for line, _ in batch]
            rows = [row for _, row in batch]
            yield TextRows(tuple(names), rows, lines, True, layout, float(share))


def csv_names(file: str) -> list[str]:
    """Return the names in the first line of a CSV file. Raises RowsError."""
    with opened(file) as (stream, _):
        text = io.TextIOWrapper(io.BufferedReader(_Bytes(stream), 1 << 16), "utf-8-sig", newline="")
        return _names(csv.reader(text))


def _names(reader: Any) -> list[str]:
    try:
        names: list[str] | None = next(reader, None)
    except (csv.Error, UnicodeDecodeError) as error:
        raise RowsError(f"its first line cannot be read: {error}") from error
    if names is None:
        raise RowsError("it is empty: its first line names the columns")
    for place, name in enumerate(names):
        if name in names[:place]:
            raise RowsError("there are several columns of this name", name)
    return names


def _numbered(reader: Any, width: int) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not blank, with its line. Raises RowsError."""
    row = 0
    try:
        for cells in reader:
            if not cells:
                continue
            if len(cells) != width:
                said = f"it has {len(cells)} cells, and the first line names {width}"
                raise RowsError(said, None, row, reader.line_num)
            yield reader.line_num, cells
            row += 1
    except csv.Error as error:
        raise RowsError(str(error), None, row, reader.line_num) from error
    except UnicodeDecodeError as error:
        raise RowsError(f"it is no text in UTF-8: {error}", None, row) from error


def json_batches(piece: Piece, layout: SliceLayout) -> Iterator[TextRows]:
    """Yield the batches of a file with one JSON object per line. Raises RowsError."""
    with opened(piece.file) as (stream, raw):
        share = _Share(raw)
        read = json_records(stream, layout)
        taken = read if piece.rows is None else islice(read, piece.rows)
        names = list(layout.wanted or ())
        while batch := list(islice(taken, layout.batch_rows)):
            if layout.wanted is None:
                names = list(dict.fromkeys(name for _, each in batch for name in each))
            rows = [[each.get(name) for name in names] for _, each in batch]
            lines = [line for line, _ in batch]
            yield TextRows(tuple(names), rows, lines, False, layout, float(share))


def json_records(stream: IO[bytes], layout: SliceLayout) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each object of a stream of JSON lines, with its line. Raises RowsError."""
    read = parser({"types": list(layout.types.values())})
    row = 0
    for line, text in enumerate(stream, 1):
        if not text.strip():
            continue
        try:
            found = read(text)
        except ValueError as error:
            raise RowsError(f"it is no JSON: {error}", None, row, line) from error
        if not isinstance(found, dict):
            said = f"it is no JSON object: {json.dumps(found)[:80]}"
            raise RowsError(said, None, row, line)
        yield line, found
        row += 1
