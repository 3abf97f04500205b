"""A model that predicts on one batch after the other, and survives the end of its process."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ...table.errors import RowsError, UnfaithfulError
from ...table.libraries import native
from .errors import BatchError, BatchFailedError, WorkerEndedError
from .incoming import BatchInput
from .predictions.empty import KnownPredictions
from .predictions.outcome import BatchOutcome
from .worker import BatchLimits, BatchWorker

if TYPE_CHECKING:
    from ...table.table import Buffer

    Answer = tuple[dict[str, Any], list[Buffer]]


class BatchPredictor:
    """A model behind ``predict``, in one process at a time, which `start` starts.

    `like` describes its example, and `recorded` the prediction on it, if there is one; `outcome` is
    the requested form of predictions.
    """

    def __init__(
        self,
        start: Callable[[], BatchWorker],
        like: Mapping[str, Any],
        limits: BatchLimits | None = None,
        outcome: BatchOutcome | None = None,
        recorded: Mapping[str, Any] | None = None,
    ) -> None:
        self._start = start
        self._limits = limits or BatchLimits()
        self._outcome = outcome or BatchOutcome()
        self._incoming = BatchInput(like, self._outcome.keep)
        self._known = KnownPredictions(recorded)
        self._worker: BatchWorker | None = None
        self._ended = 0
        """The number of processes in a row that ended without an answer."""
        self._closed = False

    @property
    def notes(self) -> Sequence[str]:
        """The notes on the batches so far, each once."""
        return self._incoming.notes

    def predict(
        self,
        batch: Any,
        params: Mapping[str, Any] | None = None,
        *,
        number: int | None = None,
        before: int | None = None,
    ) -> Any:
        """Return the result for a batch with that number, with `before` rows before it.

        A process that ends is replaced, and the batch is tried once more. Raises BatchError for a
        batch without a prediction, and the errors of starting a process.
        """
        try:
            told, buffers = self._answered(batch, params)
            return self._outcome.of(told, buffers, batch)
        except RowsError as error:
            raise BatchError(number, None, str(error), error.row, before) from error
        except UnfaithfulError as error:
            raise BatchError(number, None, str(error), before=before) from error
        except WorkerEndedError as error:
            last = self._ended > self._limits.restarts
            raise BatchError(number, error, str(error), before=before, last=last) from error
        except BatchFailedError as error:
            row, cause, others = self._find_row(batch, params, error)
            raise BatchError(number, cause, str(cause), row, before, others) from error

    def end(self) -> None:
        """End its process, if there is one, and start no other."""
        self._closed = True
        if self._worker is not None:
            self._worker.end()

    def _answered(self, batch: Any, params: Mapping[str, Any] | None) -> Answer:
        """Return the answer to a batch; an empty one if the model fails on a batch without rows.

        The empty one is like the other predictions.
        """
        try:
            answer = self._asked(batch, params)
        except BatchFailedError:
            empty = None if native.count_of(batch) != 0 else self._known.empty()
            if empty is None:
                raise
            return empty
        return self._known.seen(answer)

    def _asked(self, batch: Any, params: Mapping[str, Any] | None) -> Answer:
        """Return the answer to a batch; if the process ends, that of a second one."""
        told, buffers = self._incoming.read(batch)
        try:
            return self._ask(told, buffers, params)
        except WorkerEndedError as error:
            if error.late or self._closed or self._ended > self._limits.restarts:
                raise
        return self._ask(told, buffers, params)

    def _ask(
        self, told: Mapping[str, Any], buffers: Sequence[Buffer], params: Mapping[str, Any] | None
    ) -> Answer:
        if self._closed:
            raise WorkerEndedError("was ended")
        if self._worker is None:
            self._worker = self._started()
        try:
            answer = self._worker.predict(told, buffers, params)
        except WorkerEndedError:
            self._worker = None
            self._ended += 1
            raise
        except BatchFailedError:
            if self._worker.has_ended:
                self._worker = None
            self._ended = 0
            raise
        except BaseException:
            self._worker.end()
            self._worker = None
            raise
        self._ended = 0
        return answer

    def _started(self) -> BatchWorker:
        if self._ended > self._limits.restarts:
            raise WorkerEndedError(f"ended {self._ended} times in a row, so no other is started")
        worker = self._start()
        if self._closed:  # meanwhile
            worker.end()
        return worker

    def _find_row(
        self, batch: Any, params: Mapping[str, Any] | None, error: BatchFailedError
    ) -> tuple[int | None, BatchFailedError, bool]:
        """Return the row on which a batch failed, its exception, and whether others fail, too.

        It is searched by bisection, within the time limit of a batch; if neither half fails with
        the same exception, or a process ends, no row is returned.
        """
        until = time.monotonic() + self._limits.batch
        count = native.count_of(batch)
        if error.stage == "output" or not count or not native.is_sliced(batch):
            return None, error, False
        first, last, found = 0, count, error
        with suppress(RowsError, UnfaithfulError, WorkerEndedError):
            while last - first > 1 and time.monotonic() < until:
                middle = (first + last) // 2
                half = self._failure(native.sliced(batch, first, middle), params)
                if half is not None and half.type == error.type:
                    last, found = middle, half
                    continue
                half = self._failure(native.sliced(batch, middle, last), params)
                if half is None or half.type != error.type:
                    return None, error, False
                first, found = middle, half
            if last - first == 1:
                return first, found, self._fails_elsewhere(batch, params, first, error)
        return None, error, False

    def _fails_elsewhere(
        self, batch: Any, params: Mapping[str, Any] | None, row: int, error: BatchFailedError
    ) -> bool:
        """Return whether the last row of a batch, or else the first, fails alone as `row` does."""
        last = (native.count_of(batch) or 1) - 1
        other = last if row < last else 0
        if other == row:
            return False
        half = self._failure(native.sliced(batch, other, other + 1), params)
        return half is not None and half.type == error.type

    def _failure(self, batch: Any, params: Mapping[str, Any] | None) -> BatchFailedError | None:
        """Return the model's exception on a batch; None if it predicts."""
        try:
            self._ask(*self._incoming.read(batch), params)
        except BatchFailedError as error:
            return error
        return None
