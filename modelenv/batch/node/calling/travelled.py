"""A model in an engine's processes: it takes tables and returns tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...travel.reduce import Reduced, reduced
from ..errors import BatchError
from ..job import NodeJob


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelledModel:
    """A model that travels by value: it can be pickled for a Python without modelenv.

    Predictions are made by the one worker of its job in this process.
    """

    job: NodeJob

    def __call__(self, table: Any) -> Any:
        """Return the prediction for a table as a table of the same type.

        Raises BatchError, which also names a row by its kept columns, NodeError and FilesError:
        each has modelenv's own class when it arrives at a driver.
        """
        from .process_model import model_of  # only needed for predicting

        try:
            return model_of(self.job).predict(table)
        except BatchError as error:
            error.named = _named(error.row, table, self.job.keep)
            raise

    @property
    def in_pandas(self) -> TravelledCall:
        """The function for Spark's ``mapInPandas``: frames in, frames out."""
        return TravelledCall(self, "each")

    @property
    def in_arrow(self) -> TravelledCall:
        """The function for Spark's ``mapInArrow``: record batches in, record batches out."""
        return TravelledCall(self, "each_for_spark")

    def on_ray(self) -> TravelledCall:
        """Return the function for Ray Data's ``map_batches``, for each of its batch formats."""
        return TravelledCall(self, "of_ray")

    def each(self, tables: Iterable[Any]) -> Iterator[Any]:
        """Yield the prediction for each of several tables."""
        for table in tables:
            yield self(table)

    def each_for_spark(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Yield the prediction for each of several record batches, with Spark's types."""
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
        """Return the identity of the model, from which Dask names tasks."""
        return "modelenv.BatchModel", self.job.key


@dataclass(frozen=True, slots=True)
class TravelledCall:
    """One way to call a model, which travels as the model does.

    A bound method would not: cloudpickle splits one into the model and a function, which it pickles
    by the name of its module.
    """

    model: TravelledModel
    way: str

    def __call__(self, given: Any) -> Any:
        """Return the model's result for an engine's input."""
        return getattr(self.model, self.way)(given)

    def __reduce__(self) -> Reduced:
        return reduced(travelled_call, (self.model.job.to_plain(), self.way))


def _named(row: int | None, table: Any, keep: Iterable[str]) -> str:
    """Return a name for a row from the kept columns, as engines cut batches as they like."""
    if row is None or not keep:
        return ""
    from ....table.libraries import native

    found = native.sliced(table, row, row + 1)
    return ", ".join(f"{name} {next(iter(found[name]))}" for name in keep)


def travelled(plain: Mapping[str, Any]) -> TravelledModel:
    """Return the model of a job given as plain data."""
    return TravelledModel(job=NodeJob.from_plain(plain))


def travelled_call(state: tuple[Mapping[str, Any], str]) -> TravelledCall:
    """Return a way to call the model of a job given as plain data."""
    plain, way = state
    return TravelledCall(travelled(plain), way)
