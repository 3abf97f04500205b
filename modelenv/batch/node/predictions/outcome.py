"""The result type of a prediction: unchanged, or a table, with columns of its batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from ....base.errors import WrongUseError
from ....table.crossing import received
from ....table.errors import UnfaithfulError
from ....table.libraries import native
from .columns import columns_of
from .tables import build_table

if TYPE_CHECKING:
    from ....table.table import Buffer

Returns = Literal["prediction", "pandas", "arrow", "polars", "numpy", "like"]
RETURNS = get_args(Returns)
_LIBRARIES = {"arrow": "pyarrow"}


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """The requested result of a prediction."""

    returns: str = "prediction"
    """"prediction", as the model gave it, or a table of a library, or ``like`` its batch."""
    keep: tuple[str, ...] = ()
    """Columns of the batch that come before it in a table."""

    def __post_init__(self) -> None:
        """Raise WrongUseError if columns are kept and the result is not a table."""
        if self.keep and self.returns == "prediction":
            raise WrongUseError(
                "columns are kept in a table: say what it is to be, returns='like' for instance"
            )

    def of(self, told: dict[str, Any], buffers: Sequence[Buffer], batch: Any) -> Any:
        """Return the result for a described prediction on a batch.

        Raises UnfaithfulError for a prediction that is no such table, and WrongUseError for a
        library that is not installed.
        """
        try:
            if self.returns == "prediction":
                return received.build(told, list(buffers))
            return self._table(told, buffers, batch)
        except ImportError as error:
            raise WrongUseError(
                f"the prediction is of a library that is not installed here: {error}; choose"
                " another with returns='arrow', 'pandas', 'polars' or 'numpy'"
            ) from error

    def _table(self, told: dict[str, Any], buffers: Sequence[Buffer], batch: Any) -> Any:
        columns, rows = columns_of(told, buffers)
        library = _LIBRARIES.get(self.returns, self.returns)
        if library == "like":
            library = native.library_of(batch)
            if not library:
                raise UnfaithfulError(
                    f"a batch of {type(batch).__name__} is no table that a prediction can be like"
                )
        alike = rows == native.count_of(batch)
        if self.keep:
            if not alike:
                raise UnfaithfulError(
                    f"the prediction has {rows} rows, and its batch {native.count_of(batch)}:"
                    " no columns can be kept beside it"
                )
            columns = [*native.columns_named(batch, self.keep), *columns]
        _check_names([str(column.name) for column in columns])
        index = native.index_of(batch) if alike and library == "pandas" else None
        made = build_table(library, columns, rows, index)
        if library == "pyarrow" and type(batch).__name__ == "RecordBatch":
            return _one_batch(made)
        return made


def _check_names(names: Sequence[str]) -> None:
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UnfaithfulError(
            f"two columns of the table would be called {twice!r}: rename the one that is kept"
        )


def _one_batch(table: Any) -> Any:
    import pyarrow

    batches = table.combine_chunks().to_batches()
    return batches[0] if batches else pyarrow.RecordBatch.from_pylist([], schema=table.schema)
