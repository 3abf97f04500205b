"""Runs over files with a model that is a function here; what is counted is what it was given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from modelenv.batch.files.columns import ModelColumns
from modelenv.batch.files.local import run_here
from modelenv.batch.files.run_files import FilesPredicted, FilesRequest, run_files

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from modelenv.batch.files.slices.layout import Done, Piece, SliceLayout


class Refused(Exception):
    """What the function raises for a row that it refuses."""

    def __init__(self, reason: str, row: int | None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.row = row


def double(table: Any) -> Any:
    """Predict twice the first column."""
    return pa.table({"prediction": pc.multiply(table.column(0), 2)})


class Stopped(Exception):
    """What ends a run in the middle."""


class Model:
    """A function as a model: it counts its batches, and may end at one of them."""

    def __init__(
        self,
        predict: Callable[[Any], Any] = double,
        *,
        workers: int = 1,
        dies_at: int | None = None,
    ) -> None:
        self._predict = predict
        self._workers = workers
        self._dies_at = dies_at
        self.batches: list[Any] = []

    def run(self, layout: SliceLayout, pieces: Sequence[Piece]) -> Iterator[Done]:
        """Do pieces."""
        return run_here(layout, pieces, self._open, self._workers, (Refused,))

    @contextmanager
    def _open(self) -> Iterator[Callable[[Any], Any]]:
        yield self._asked

    def _asked(self, table: Any) -> Any:
        if self._dies_at == len(self.batches):
            raise Stopped
        self.batches.append(table)
        return self._predict(table)


def predicted(
    source: Path, output: Path, by: Model | None = None, /, **options: Any
) -> FilesPredicted:
    """Predict on files into a file."""
    run = (by or Model()).run
    return run_files(FilesRequest(input=source, output=output, **options), run)


ONE = ModelColumns({"x": ("float64", "float64")}, named=True)
"""What a model takes that takes one column, `x`."""
