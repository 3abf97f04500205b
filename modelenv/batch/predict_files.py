"""Predict on files that are larger than memory: here, or on an engine."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, get_args

from ..base import arguments
from ..base.arguments import Requirements
from ..base.doors import door
from ..base.errors import WrongUseError
from ..base.files.hashing import digests
from ..base.indexes import AS_CONFIGURED, Indexes
from ..environments.spec import Manager, Report, silent
from ..folder.model_folder import ModelFolder
from ..run.incoming import like_of, told_by
from ..run.isolated import RunOptions, check_unchanged, checked, environment_for
from ..seal.choose import Paths, SealRequest
from ..seal.seals import Wanted
from ..worker.process import Interpreter
from .batches import job_of
from .files.columns import ModelColumns
from .files.local import run_here
from .files.run_files import FilesPredicted, FilesRequest, Run, run_files
from .files.slices.answers import Predict
from .files.slices.layout import Done, Piece, SliceLayout
from .making.schema import prediction_of, schema_of
from .model import BatchModel
from .node.errors import BatchError
from .node.predictions.outcome import BatchOutcome
from .node.predictor import BatchPredictor
from .node.worker import BatchLimits, BatchWorker

Engine = Literal["local", "dask", "ray", "spark"]
FileKind = Literal["csv", "parquet", "arrow", "npy", "jsonl"]


@door
def predict_files(
    folder: str | os.PathLike[str],
    input: str | os.PathLike[str],  # noqa: A002  # the name of the command's option
    output: str | os.PathLike[str],
    *,
    content_type: FileKind | None = None,
    engine: Engine = "local",
    address: str | None = None,
    workers: int = 1,
    keep: str | Iterable[str] = (),
    batch_rows: int | None = None,
    limit: int | None = None,
    on_error: Literal["raise", "skip"] = "raise",
    overwrite: bool = False,
    restart: bool = False,
    env_manager: Manager = "auto",
    environment: str | os.PathLike[str] | None = None,
    python: str | os.PathLike[str] | None = None,
    pip_requirements_override: Requirements | None = None,
    timeout: float = 600.0,
    memory: int | None = None,
    allow_changed: bool = False,
    seal: Wanted = "auto",
    allow_hosts: str | Iterable[str] = (),
    allow_paths: Paths = (),
    indexes: Indexes = AS_CONFIGURED,
    progress: Report = silent,
) -> FilesPredicted:
    """Predict with the model in `folder` on files of any size, into one file.

    `input` is a file of Parquet, Arrow, CSV, JSON lines or ``.npy``, a folder of such files or a
    pattern; `output` is Parquet, Arrow, CSV, JSON lines or ``.npy``, by its suffix. The columns to
    `keep` come before those of the prediction; "all" keeps every one. `batch_rows` rows are in
    memory at once for each of `workers`; at most `limit` rows are read. With `on_error` "skip" a
    row that the model refuses is left out, and recorded in a file beside the output.

    A killed run continues if it is called again with the same arguments; `restart` discards the
    parts of another run. The output appears complete or not at all; an existing one is kept, unless
    `overwrite`. `timeout` is that of one batch; the other arguments are those of :func:`predict`.
    Raises RowsRefusedError, OtherColumnsError, OutputStandsError, OtherRunError, and what
    :func:`predict` raises.
    """
    arguments.choice("engine", engine, get_args(Engine))
    arguments.choice("on_error", on_error, ("raise", "skip"))
    if content_type is not None:
        arguments.choice("content_type", content_type, get_args(FileKind))
    request = FilesRequest(
        input=Path(input),
        output=Path(output),
        kind=content_type,
        keep=arguments.texts("keep", keep),
        batch_rows=None if batch_rows is None else arguments.count("batch_rows", batch_rows),
        limit=None if limit is None else arguments.count("limit", limit),
        skip=on_error == "skip",
        overwrite=overwrite,
        restart=restart,
    )
    options = RunOptions(
        manager=env_manager,
        environment=environment,
        python=python,
        timeout=timeout,
        memory=memory,
        override=arguments.lines("pip_requirements_override", pip_requirements_override),
        allow_changed=allow_changed,
        seal=SealRequest.read(seal, allow_hosts, allow_paths),
        indexes=indexes,
    )
    count = arguments.count("workers", workers)
    return predict_described_files(
        folder, request, options, engine, address, count, progress=progress
    )


def predict_described_files(
    folder: str | os.PathLike[str],
    request: FilesRequest,
    options: RunOptions,
    engine: Engine = "local",
    address: str | None = None,
    workers: int = 1,
    *,
    progress: Report = silent,
) -> FilesPredicted:
    """Predict as `predict_files` does, on a request."""
    opened = ModelFolder.to_run(folder)
    like = like_of(told_by(opened))
    request = request.of_model(_told(opened, options), ModelColumns.of(like))
    empty = partial(schema_of, opened, "arrow", (), None)
    if engine != "local":
        run = _on_engine(opened, options, engine, address)
        return run_files(request, run, empty=empty, tell=progress)
    if address is not None:
        raise WrongUseError("an address needs the engine of its cluster")
    here = _Here(opened, options, like, workers)
    return run_files(request, here.run, empty=empty, tell=progress, restarts=lambda: here.restarts)


def _on_engine(
    folder: ModelFolder, options: RunOptions, engine: Engine, address: str | None
) -> Run:
    """Return the function that runs pieces on an engine. Raises as `BatchModel.of` does."""
    if options.override is not None:
        raise WrongUseError(
            "requirements cannot be overridden on the nodes of an engine, which build their"
            " environments from the folder's own"
        )
    if options.python is not None:
        raise WrongUseError(
            f"python={options.python!r} is for this machine: a node runs a model with the model's"
            " own Python, or the one that the node has"
        )
    if options.manager not in ("auto", "uv", "virtualenv"):
        raise WrongUseError(
            f"env_manager={options.manager!r} is for this machine: a node builds an environment"
        )
    model = BatchModel.of(
        folder.path,
        environment=options.environment,
        batch_timeout=options.timeout,
        memory=options.memory,
        allow_changed=options.allow_changed,
        seal=options.seal.seal,
        allow_hosts=options.seal.allow_hosts,
        allow_paths=options.seal.allow_paths,
        indexes=options.indexes,
    )
    run: Callable[..., Iterator[Done]] = getattr(
        import_module(f".engines.{engine}", __package__), f"run_on_{engine}"
    )
    job = replace(model.job, returns="arrow")
    return lambda layout, pieces: run(job, layout, pieces, address)


def _told(folder: ModelFolder, options: RunOptions) -> dict[str, Any]:
    """Return the identity of a model and its options, with its files by content."""
    files = [file for file in folder.path.rglob("*") if file.is_file()]
    files = [file for file in files if "__pycache__" not in file.parts]
    found = digests(files)
    override = options.override
    if isinstance(override, os.PathLike):
        override = Path(override).read_text("utf-8").splitlines()
    python = {} if options.python is None else {"python": os.fspath(options.python)}
    return {
        **python,
        "files": {file.relative_to(folder.path).as_posix(): found[file] for file in sorted(files)},
        "override": None if override is None else list(override),
    }


class _Here:
    """The processes of a model on this machine, in one environment."""

    def __init__(
        self, folder: ModelFolder, options: RunOptions, like: Mapping[str, Any], workers: int
    ) -> None:
        self._folder = folder
        self._options = options
        self._like = like
        self._recorded = prediction_of(folder)
        self._workers = workers
        self._limits = BatchLimits(batch=options.timeout)
        self._started = 0
        self._predictors: list[BatchPredictor] = []

    @property
    def restarts(self) -> int:
        """The number of processes that replaced others."""
        return max(self._started - len(self._predictors), 0)

    def run(self, layout: SliceLayout, pieces: Sequence[Piece]) -> Iterator[Done]:
        """Run pieces; see `Run`. Raises TargetChanged if the model was changed meanwhile."""
        wanted = checked(self._folder, self._options)
        with environment_for(wanted, self._options) as place:
            for note in place.built.changed if place.built else ():
                warnings.warn(note, stacklevel=4)
            opening = partial(self._model, place.interpreter)
            yield from run_here(
                layout, pieces, opening, self._workers, (BatchError,), self._interrupt
            )
        for note in dict.fromkeys(note for each in self._predictors for note in each.notes):
            warnings.warn(note, stacklevel=4)
        check_unchanged(self._folder, "it was read again and again")

    @contextmanager
    def _model(self, interpreter: Interpreter) -> Iterator[Predict]:
        job = job_of(self._folder, memory=self._options.memory)

        def start() -> BatchWorker:
            self._started += 1
            return BatchWorker(job, interpreter, self._limits)

        outcome = BatchOutcome("arrow")
        predictor = BatchPredictor(start, self._like, self._limits, outcome, self._recorded)
        self._predictors.append(predictor)
        try:
            yield predictor.predict
        finally:
            predictor.end()

    def _interrupt(self) -> None:
        for each in self._predictors:
            each.end()


__all__ = ["Engine", "FileKind", "predict_described_files", "predict_files"]
