"""Predict with a saved model on one batch after the other, in an environment of its own."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from ..base import arguments
from ..base.doors import door
from ..base.errors import ModelenvError, WrongUseError
from ..base.indexes import AS_CONFIGURED, Indexes
from ..environments.spec import Manager
from ..folder.model_folder import ModelFolder
from ..run.incoming import like_of, told_by
from ..run.isolated import RunOptions, check_unchanged, checked, environment_for
from ..run.signature import Signature
from ..seal.choose import Paths, SealRequest
from ..seal.seals import Wanted
from ..table.errors import RowsError
from ..table.libraries import native
from ..worker.processes.params import Params
from .in_order import in_order
from .making.schema import prediction_of
from .node.errors import BatchError
from .node.predictions.outcome import RETURNS, BatchOutcome, Returns
from .node.predictor import BatchPredictor
from .node.worker import BatchJob, BatchLimits, BatchWorker, head_of

_END = object()
_ERRORS = ("raise", "skip")
_SEVERAL = "an iterable of batches, [table] where there is one"
_OF_BATCHES = 3  # dimensions of an array of several tables
_CALLER = 6  # stack levels from the warning through the generators to the caller


@door
def predict_batches(
    folder: str | os.PathLike[str],
    batches: Iterable[Any],
    *,
    params: Mapping[str, Any] | None = None,
    returns: Returns = "prediction",
    keep: Sequence[str] = (),
    workers: int = 1,
    batch_timeout: float = 600.0,
    on_error: Literal["raise", "skip"] = "raise",
    env_manager: Manager = "auto",
    environment: str | os.PathLike[str] | None = None,
    python: str | os.PathLike[str] | None = None,
    memory: int | None = None,
    allow_changed: bool = False,
    seal: Wanted = "auto",
    allow_hosts: str | Iterable[str] = (),
    allow_paths: Paths = (),
    indexes: Indexes = AS_CONFIGURED,
) -> Iterator[Any]:
    """Predict with the model in `folder` on each of `batches`, in an environment of its pins alone.

    A batch is a table of pandas, pyarrow, polars or numpy, whose columns are matched with those of
    the model's example, or any other input of the model. Predictions come in the order of the
    batches, which are read on demand; `params` are those of the model's signature. The model is
    loaded once in each of `workers` processes, which end with the iterator.

    `returns` is the type of each result: "prediction", as the model gave it; or a table, "pandas",
    "arrow", "polars", "numpy", or "like" its batch, which may `keep` columns of the batch.

    Raises BatchError for a batch without a prediction, with its number, the row and the model's
    exception if these are known; with `on_error` "skip" that is a warning, and the next batch is
    predicted. A process that ends is replaced, and the batch is tried once more. A batch may take
    `batch_timeout` seconds. The other arguments and errors are those of :func:`predict`; `python`
    is another Python than the folder's.
    """
    arguments.choice("returns", returns, RETURNS)
    arguments.choice("on_error", on_error, _ERRORS)
    kept = arguments.texts("keep", keep)
    outcome = BatchOutcome(returns, kept)
    _check_batches(batches)
    count = arguments.count("workers", workers)
    limits = BatchLimits(batch=arguments.seconds("batch_timeout", batch_timeout))
    options = RunOptions(
        manager=env_manager,
        environment=environment,
        memory=memory,
        allow_changed=allow_changed,
        seal=SealRequest.read(seal, allow_hosts, allow_paths),
        indexes=indexes,
        python=python,
    )
    opened = ModelFolder.to_run(folder)
    _check_params(opened, params)
    run = BatchRun(opened, options, limits, outcome, params, skips=on_error == "skip")
    return _through_door(run.predict(batches, count))


class BatchRun:
    """A model folder, with the options for predicting on batches."""

    def __init__(
        self,
        folder: ModelFolder,
        options: RunOptions,
        limits: BatchLimits,
        outcome: BatchOutcome,
        params: Mapping[str, Any] | None = None,
        *,
        skips: bool = False,
    ) -> None:
        self._folder = folder
        self._options = options
        self._limits = limits
        self._outcome = outcome
        self._params = params
        self._skips = skips
        self._said: set[str] = set()

    def predict(self, batches: Iterable[Any], workers: int) -> Iterator[Any]:
        """Yield the result for each batch, in order."""
        wanted = checked(self._folder, self._options)
        like = like_of(told_by(self._folder))
        recorded = prediction_of(self._folder)
        job = job_of(self._folder, memory=self._options.memory)
        with environment_for(wanted, self._options) as place:
            for note in place.built.changed if place.built else ():
                _warn(note)
            start = partial(BatchWorker, job, place.interpreter, self._limits)
            predictors = [
                BatchPredictor(start, like, self._limits, self._outcome, recorded)
                for _ in range(workers)
            ]
            asked = [partial(self._asked, each) for each in predictors]

            def end() -> None:
                for each in predictors:
                    each.end()

            for made in in_order(_numbered(batches), asked, end):
                self._tell(predictors)
                if isinstance(made, _LeftOut):
                    _warn(f"left out: {made.error}")
                    continue
                yield made

    def _asked(self, predictor: BatchPredictor, item: tuple[int, int | None, Any]) -> Any:
        number, before, batch = item
        try:
            return predictor.predict(batch, self._params, number=number, before=before)
        except ModelenvError as error:
            check_unchanged(self._folder, error)
            if not self._skips or not isinstance(error, BatchError) or error.last:
                raise
            return _LeftOut(error)

    def _tell(self, predictors: Sequence[BatchPredictor]) -> None:
        """Warn of the notes on the batches, each once."""
        for note in (note for each in predictors for note in each.notes):
            if note not in self._said:
                self._said.add(note)
                _warn(note, _CALLER + 1)


@dataclass(frozen=True, slots=True)
class _LeftOut:
    """A batch without a prediction, to be skipped."""

    error: BatchError


def _warn(note: str, levels: int = _CALLER) -> None:
    """Warn at the line of the caller who iterates."""
    warnings.warn(note, stacklevel=levels)


def job_of(folder: ModelFolder, *, memory: int | None = None) -> BatchJob:
    """Return the job of predicting on batches with the model of a folder."""
    material = folder.job({"type": "none"})
    return BatchJob(
        model=material.model,
        loader=material.loader,
        input=material.input,
        code=material.code,
        variables=material.variables,
        params=params_of(folder),
        memory=memory,
    )


def params_of(folder: ModelFolder) -> list[dict[str, Any]]:
    """Return the parameters in a folder's signature, in MLflow's format."""
    signature = Signature.of(folder.document)
    params = signature.params if signature and isinstance(signature.params, list) else []
    return [field for field in params if isinstance(field, dict)]


def _check_batches(batches: object) -> None:
    """Raise BadArgumentError for a single batch, or the path of one, or a non-iterable."""
    table = native.library_of(batches) or native.is_sparse(batches)
    table = table and getattr(batches, "ndim", 2) < _OF_BATCHES
    one = table or isinstance(batches, (str, bytes, os.PathLike, Mapping))
    if one or not (hasattr(batches, "__iter__") or hasattr(batches, "__getitem__")):
        raise arguments.BadArgumentError("batches", batches, _SEVERAL)


def _check_params(folder: ModelFolder, params: Mapping[str, Any] | None) -> None:
    """Raise WrongUseError for parameters that the model does not have."""
    head_of(params)
    try:
        Params(params_of(folder)).read(dict(params or {}))
    except RowsError as error:
        raise WrongUseError(str(error)) from error


def _numbered(batches: Iterable[Any]) -> Iterator[tuple[int, int | None, Any]]:
    """Yield each batch with its number and the number of rows before it, or None if unknown."""
    before: int | None = 0
    for number, batch in enumerate(batches):
        yield number, before, batch
        rows = native.count_of(batch)
        before = None if before is None or rows is None else before + rows


def _through_door(made: Iterator[Any]) -> Iterator[Any]:
    """Yield the items; errors are converted to ModelenvError as at a public function."""
    step: Callable[[], Any] = door(lambda: next(made, _END))
    try:
        while (each := step()) is not _END:
            yield each
    finally:
        close = getattr(made, "close", None)
        if close is not None:
            close()
