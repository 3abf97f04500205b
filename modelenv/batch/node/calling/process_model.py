"""The model of an engine's process: one worker for a process and a job, ended with the process.

An engine calls a function for each task, with nothing that lasts from one to the next but the
process itself: Spark reuses its Python workers, Ray those of its pool, Dask runs all tasks of a
worker in one. So what is to last has to hang on the process, and this is the one place where
something does: `_MODELS`, by the key of the job, in the module of our privately named package, so
two releases of ours in one process do not meet.

- A process that was forked (Spark's are, by a daemon) has none of its parent's: the parent's are
  kept aside there, so nobody in the child ends or closes what is not its own.
- Whoever has asked for nothing for a while is ended: an engine that keeps a process for later jobs
  shall not keep the memory of this one's model. The next batch starts it again.
- When the process ends by itself, `atexit` ends all. Where it is killed, or leaves by ``os._exit``
  as Spark's do, the starter between it and each worker sees that its parent is gone, and ends all
  below itself (Linux); everywhere the worker ends when its end of the sockets does.
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
_SHORTEST, _LONGEST = 0.5, 3600.0  # seconds between two looks at whether anybody asks


class ProcessModel:
    """The model of one job in this process: its worker is started when it is first asked."""

    def __init__(self, job: NodeJob) -> None:
        self._job = job
        self._asking = threading.Lock()
        self._stack = ExitStack()
        self._predictor: BatchPredictor | None = None
        self._used = time.monotonic()
        self._watching: threading.Thread | None = None
        self._said: set[str] = set()

    def predict(self, batch: Any) -> Any:
        """Return what its job says is to come of a batch. Raises BatchError, NodeError, FilesError.

        What is to be said of the batches so far is warned of, each thing once.
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
        """End its process, whoever waits for an answer; the next batch starts another."""
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
        """Lay out the model, open its environment, and return what starts its process."""
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
        """Have a thread end the process once nobody has asked it for a while."""
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
    """Return the model of a job in this process, which has one for each."""
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
    """Return how the worker of a job is run in the environment in `root`. Raises as a seal does."""
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
    """In a child that was forked, keep what is its parent's out of reach, and untouched."""
    global _FINDING  # noqa: PLW0603  # another thread of the parent may have held it
    _FINDING = threading.Lock()
    _OF_PARENTS.extend(_MODELS.values())
    _MODELS.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_parents)
atexit.register(end_all)
