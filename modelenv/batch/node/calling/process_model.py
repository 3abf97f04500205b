"""The model of an engine's process: one worker per process and job, which ends with the process.

An engine calls a function for each task, and nothing but the process lasts from one task to the
next: Spark reuses its Python workers, Ray those of its pool, Dask runs all tasks of a worker in
one. So state that lasts has to belong to the process, and this is the only place with such state:
`_MODELS`, by the key of the job, in the module of our privately named package, so that two releases
of ours in one process do not share it.

- A forked process (Spark's are, by a daemon) does not use its parent's models: they are set aside,
  so that nothing in the child ends or closes what belongs to the parent.
- An idle worker is ended after a while: an engine that keeps a process for later jobs shall not
  keep the memory of this job's model. The next batch starts it again.
- When the process exits, `atexit` ends all workers. If it is killed, or leaves by ``os._exit`` as
  Spark's do, the starter between it and each worker notices that its parent is gone, and ends all
  its children (Linux); on every system a worker ends when the other end of its socket closes.
- A lease on the environment is held as long as the worker lives; the system releases it.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
import warnings
from contextlib import ExitStack
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

from ....base.settings import Settings
from ....seal.choose import SealRequest
from ....worker.job import Material
from ....worker.process import Interpreter
from ...travel.entry import cache_folder
from ..errors import BatchError
from ..job import NodeJob
from ..kept.environments import described, opened
from ..kept.errors import PLACE, NodeError
from ..kept.folders import laid_out
from ..predictions.outcome import BatchOutcome
from ..predictor import BatchPredictor
from ..worker import BatchJob, BatchLimits, BatchWorker

_MODELS: dict[str, ProcessModel] = {}
_OF_PARENTS: list[ProcessModel] = []
_FINDING = threading.Lock()
_SHORTEST, _LONGEST = 0.5, 3600.0  # seconds between two checks for idleness


class ProcessModel:
    """The model of one job in this process; its worker is started on first use."""

    def __init__(self, job: NodeJob) -> None:
        self._job = job
        self._asking = threading.Lock()
        self._stack = ExitStack()
        self._predictor: BatchPredictor | None = None
        self._used = time.monotonic()
        self._watching: threading.Thread | None = None
        self._said: set[str] = set()

    def predict(self, batch: Any) -> Any:
        """Return the result of a batch as the job asks. Raises BatchError, NodeError, FilesError.

        Notes on the batches so far are given as warnings, each once.
        """
        with self._asking:
            try:
                if self._predictor is None:
                    self._predictor = self._start()
                return self._predictor.predict(batch, self._job.params)
            except BatchError as error:
                if error.last:  # another task may have a batch that its processes survive
                    self._end()
                raise
            finally:
                self._tell()
                self._used = time.monotonic()
                self._watch()

    def end(self) -> None:
        """End its process, even while it is predicting; the next batch starts another."""
        predictor = self._predictor
        if predictor is not None:
            predictor.end()
        with self._asking:
            self._end()

    def _end(self) -> None:
        predictor, self._predictor = self._predictor, None
        stack, self._stack = self._stack, ExitStack()
        with stack:
            if predictor is not None:
                predictor.end()

    def _start(self) -> BatchPredictor:
        """Lay out the model, open its environment, and return the predictor for them."""
        try:
            cache = Path(cache_folder())
        except OSError as error:
            raise NodeError(f"there is no place for the model: {error}", ways=(PLACE,)) from error
        job = self._job.at(laid_out(self._job.files, cache))
        with ExitStack() as stack:
            root = stack.enter_context(
                opened(job.environment, cache / "environments", wheels=job.root)
            )
            interpreter = interpreter_of(job, root)
            self._stack = stack.pop_all()
        limits = BatchLimits(start=job.start_timeout, batch=job.timeout)
        start = partial(BatchWorker, _asked(job), interpreter, limits)
        outcome = BatchOutcome(job.returns, job.keep)
        return BatchPredictor(start, job.like, limits, outcome, job.recorded)

    def _tell(self) -> None:
        for note in self._predictor.notes if self._predictor is not None else ():
            if note not in self._said:
                self._said.add(note)
                warnings.warn(note, stacklevel=4)

    def _watch(self) -> None:
        """Start a thread that ends the process once it is idle for too long."""
        if self._watching is None and self._predictor is not None:
            self._watching = threading.Thread(target=self._end_idle, daemon=True)
            self._watching.start()

    def _end_idle(self) -> None:
        while True:
            left = self._used + self._job.idle - time.monotonic()
            if left > 0:
                time.sleep(min(max(left, _SHORTEST), _LONGEST))
                continue
            with self._asking:
                if self._used + self._job.idle <= time.monotonic():
                    self._watching = None
                    self._end()
                    return


def model_of(job: NodeJob) -> ProcessModel:
    """Return the model of a job in this process, one per job."""
    model = _MODELS.get(job.key)
    if model is None:
        with _FINDING:
            model = _MODELS.setdefault(job.key, ProcessModel(job))
    return model


def end_all() -> None:
    """End the processes of all models of this process."""
    while _MODELS:
        _MODELS.popitem()[1].end()


def interpreter_of(job: NodeJob, root: Path) -> Interpreter:
    """Return a job's interpreter in the environment in `root`. Raises the errors of a seal."""
    wanted: Any = job.seal
    request = SealRequest.read(wanted, job.allow_hosts, job.allow_paths)
    environment = Settings.from_environment().environment
    return described(root).interpreter(root, request.chosen(), environment)


def _asked(job: NodeJob) -> BatchJob:
    material = job.material()
    return BatchJob(
        **{each.name: getattr(material, each.name) for each in fields(Material)},
        params=job.known_params,
        memory=job.memory,
    )


def _forget_parents() -> None:
    """In a forked child, set aside the parent's models without ending them."""
    global _FINDING  # noqa: PLW0603  # another thread of the parent may have held it
    _FINDING = threading.Lock()
    _OF_PARENTS.extend(_MODELS.values())
    _MODELS.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_parents)
atexit.register(end_all)
