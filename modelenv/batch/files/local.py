"""Run pieces on this machine: threads that share one reader, each with a model process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from queue import SimpleQueue

from .slices.answers import Predict
from .slices.job import PieceTally, SliceBatch, batches_of, predict_batch
from .slices.layout import Done, Piece, SliceLayout
from .slices.parts import PartsFolder

Open = Callable[[], AbstractContextManager[Predict]]
"""Opens a process of the model for one thread."""


def run_here(
    layout: SliceLayout,
    pieces: Sequence[Piece],
    open_model: Open,
    workers: int,
    refusals: tuple[type[Exception], ...] = (),
    interrupt: Callable[[], None] = lambda: None,
) -> Iterator[Done]:
    """Run all pieces with some workers; yield each batch's result as it is done, in any order.

    A worker holds one batch at a time. Raises SliceError and the errors of `open_model`, once the
    other workers' batches are done. If the iterator is closed or interrupted, `interrupt` is
    called, and has to end the processes for which the workers wait.
    """
    shared = _Shared(layout, pieces)

    def work() -> None:
        with shared.working():
            batch = shared.next()
            if batch is None:  # no process is started if nothing is left
                return
            with open_model() as predict:
                while batch is not None:
                    shared.end(predict_batch(layout, batch, predict, refusals))
                    batch = shared.next()

    threads = [threading.Thread(target=work, daemon=True) for _ in range(workers)]
    try:
        for thread in threads:
            thread.start()
        yield from shared.iter_told(workers)
    except BaseException:
        shared.fail(None)
        interrupt()
        raise
    finally:
        shared.stop()
        for thread in threads:
            if thread.ident is not None:  # otherwise an interrupt came first
                thread.join()
    if shared.failed is not None:
        raise shared.failed


class _Shared:
    """The batches of all pieces, given out one at a time, and their results."""

    def __init__(self, layout: SliceLayout, pieces: Sequence[Piece]) -> None:
        self._told: SimpleQueue[Done | None] = SimpleQueue()
        self.failed: BaseException | None = None
        self._parts = PartsFolder.at(layout.parts)
        self._tally = PieceTally(self._parts)
        self._turn = threading.Lock()
        self._stopped = False
        self._left = self._batches(layout, pieces)

    def _batches(self, layout: SliceLayout, pieces: Sequence[Piece]) -> Iterator[SliceBatch]:
        for piece in pieces:
            for each in batches_of(layout, piece, self._parts):
                if self._stopped:
                    return
                self._tally.begin(piece)
                if isinstance(each, SliceBatch):
                    yield each
                else:
                    self.end(each)
            self._tally.end_piece(piece)

    def next(self) -> SliceBatch | None:
        """Return the next batch; None if there is none or the work was stopped."""
        with self._turn:
            return None if self._stopped else next(self._left, None)

    def end(self, done: Done) -> None:
        """Record the result of a batch."""
        self._tally.end(done)
        self._told.put(done)

    @contextmanager
    def working(self) -> Iterator[None]:
        """Record the end of a worker after its block; an error stops all workers."""
        try:
            yield
        except BaseException as error:  # noqa: BLE001  # raised again where all workers are awaited
            self.fail(error)
        finally:
            self._told.put(None)

    def fail(self, error: BaseException | None) -> None:
        """Start no further batch."""
        self.failed = self.failed or error
        self._stopped = True

    def iter_told(self, workers: int) -> Iterator[Done]:
        """Yield the results until all workers have ended."""
        while workers:
            done = self._told.get()
            if done is None:
                workers -= 1
            else:
                yield done

    def stop(self) -> None:
        """Give out no further batch, and close the reader."""
        self._stopped = True
        with self._turn:
            self._left.close()  # type: ignore[attr-defined]
