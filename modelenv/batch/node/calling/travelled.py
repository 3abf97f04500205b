"""A model as an engine's processes have it: asked for tables, it answers with tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ....base.errors import ModelenvError
from ....table.libraries import native
from ...travel.reduce import Reduced, reduced
from ..errors import BatchError
from ..job import NodeJob

_HAS_TRAVELLED = not __name__.startswith("modelenv.")


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelledModel:
    """A model that travels by value: it pickles to a Python without modelenv, and from there on.

    What it is asked for it has predicted by the one worker of its job in this process.
    """

    job: NodeJob

    def __call__(self, table: Any) -> Any:
        """Return the prediction for a table as a table of the same kind.

        Raises BatchError, NodeError or FilesError; on a node RuntimeError with its message.
        """
        from .process_model import model_of  # which only whoever predicts needs

        try:
            return model_of(self.job).predict(table)
        except ModelenvError as error:
            if not _HAS_TRAVELLED:
                raise
            said = _said(error, table, self.job.keep)
        # Of our classes the driver's Python knows none by the name that they have on a node.
        raise RuntimeError(said)

    @property
    def in_pandas(self) -> TravelledCall:
        """What Spark's ``mapInPandas`` takes: frames in, frames out."""
        return TravelledCall(self, "each")

    @property
    def in_arrow(self) -> TravelledCall:
        """What Spark's ``mapInArrow`` takes: record batches in, record batches out."""
        return TravelledCall(self, "each_for_spark")

    def on_ray(self) -> TravelledCall:
        """Return what Ray Data's ``map_batches`` takes, for each of its formats of batches."""
        return TravelledCall(self, "of_ray")

    def each(self, tables: Iterable[Any]) -> Iterator[Any]:
        """Yield the prediction for each of several tables."""
        for table in tables:
            yield self(table)

    def each_for_spark(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Yield the prediction for each of several record batches, with types that Spark has."""
        from .engine_types import for_spark

        for batch in batches:
            yield for_spark(self(batch))

    def of_ray(self, batch: Any) -> Any:
        """Return the prediction for a batch of Ray's, which may be a dictionary of arrays."""
        if not isinstance(batch, dict):
            return self(batch)
        import pandas

        columns = {name: list(each) if each.ndim > 1 else each for name, each in batch.items()}
        predicted = self(pandas.DataFrame(columns))
        return {str(name): predicted[name].to_numpy() for name in predicted.columns}

    def __reduce__(self) -> Reduced:
        return reduced(travelled, self.job.to_plain())

    def __copy__(self) -> TravelledModel:
        return self

    def __deepcopy__(self, memo: object) -> TravelledModel:
        return self

    def __dask_tokenize__(self) -> tuple[str, str]:
        """Return what tells it from others, for Dask to name tasks by."""
        return "modelenv.BatchModel", self.job.key


@dataclass(frozen=True, slots=True)
class TravelledCall:
    """One way to call a model, which travels as the model does.

    A bound method would not: cloudpickle takes one apart into the model and a function, which it
    pickles by the name of its module.
    """

    model: TravelledModel
    way: str

    def __call__(self, given: Any) -> Any:
        """Return what the model makes of what an engine gives."""
        return getattr(self.model, self.way)(given)

    def __reduce__(self) -> Reduced:
        return reduced(travelled_call, (self.model.job.to_plain(), self.way))


def _said(error: ModelenvError, table: Any, keep: Iterable[str]) -> str:
    """Return a message that names a row by its kept columns, too: an engine cuts as it likes."""
    if not isinstance(error, BatchError) or error.row is None:
        return str(error)
    row = native.sliced(table, error.row, error.row + 1)
    named = ", ".join(f"{name} {next(iter(row[name]))}" for name in keep)
    return f"{named}: {error}" if named else str(error)


def travelled(plain: Mapping[str, Any]) -> TravelledModel:
    """Return the model of a job as plain data."""
    return TravelledModel(job=NodeJob.from_plain(plain))


def travelled_call(state: tuple[Mapping[str, Any], str]) -> TravelledCall:
    """Return a way to call the model of a job as plain data."""
    plain, way = state
    return TravelledCall(travelled(plain), way)
