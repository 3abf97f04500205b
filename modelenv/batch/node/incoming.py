"""A batch as the model's input, by the model's example; cells are converted only if necessary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...table import values
from ...table.incoming import document
from ...table.incoming.fit import Fitting
from ...table.incoming.rows import label
from ...table.libraries import native
from ...table.table import Table
from ...worker import values as faithful
from .predictions.tables import for_pandas

if TYPE_CHECKING:
    from ...table.table import Buffer

    Parts = tuple[Mapping[str, Any], Sequence[Buffer]]


class BatchInput:
    """A model's input, from the description of its example."""

    def __init__(self, like: Mapping[str, Any], beside: Sequence[str] = ()) -> None:
        """Read inputs like `like`; `beside` are columns of batches to drop without a note."""
        self._like = document.described(dict(like))
        self._fitting = Fitting(self._like) if values.is_table(self._like) else None
        self._untold = document.untold(self._like)
        self._beside = frozenset(beside) - names_of(self._like)
        self.notes: list[str] = []
        """The notes on the batches so far, each once."""

    def read(self, batch: Any) -> Parts:
        """Return the description and the buffers of the model's input from a batch.

        Columns that it does not take are dropped. Raises RowsError for rows that are not valid
        inputs, with the column and the row, and UnfaithfulError for a value that only a pickle
        could hold.
        """
        library = native.library_of(batch)
        if self._untold and library == "pyarrow":
            return self._frame(batch)
        rows = None if self._untold else native.rows_of(batch, self._like)
        if rows is None:
            return values.take(batch) if library == "numpy" else faithful.to_buffers(batch)
        rows = rows.without(self._beside)
        if self._fitting is None:
            told, buffers, notes = document.read_table(rows, self._like)
            self._note(notes)
            return told, buffers
        table, notes = self._fitting.fit(rows)
        self._note(notes)
        if table.index is None or table.index.range is not None:
            table.index = native.index_of(batch) or table.index
        return table.describe(), table.buffers()

    def _frame(self, batch: Any) -> Parts:
        """Return a pyarrow table as a pandas frame, if the type of the input is unknown."""
        columns = list(map(for_pandas, native.columns_named(batch, batch.schema.names)))
        self._note([document.GUESSED])
        table = Table("dataframe", columns, batch.num_rows)
        return table.describe(), table.buffers()

    def _note(self, notes: Sequence[str]) -> None:
        self.notes += [note for note in notes if note not in self.notes]


def names_of(like: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of the columns and of the index of a described table."""
    names = [*like["columns"]] if "columns" in like else [like.get("name")]
    names += like.get("records", ())
    names += [level["name"] for level in like.get("index", {}).get("levels", ())]
    return frozenset(map(label, names))
