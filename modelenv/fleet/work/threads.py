"""Running units in threads of this process: slow work runs in processes of its own."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue

from ...environments.spec import Report
from ..state.outcome import ModelOutcome
from .unit import FleetTask, FleetUnit

_Told = ModelOutcome | BaseException | None
"""A message of a thread: an outcome, an error that ends the run, or None at the end of a unit."""
_STOPPING = "stopping: models that run are waited for; once more, and they are not"


def in_threads(
    task: FleetTask, units: Iterator[FleetUnit], *, jobs: int, report: Report
) -> Iterator[ModelOutcome]:
    """Yield the outcome of each model as it is known; `jobs` units run at once.

    If the generator is closed, or the user interrupts it, no further model is started, and running
    ones are awaited. An unexpected error in a thread is raised here.
    """
    threads = _Threads(task, report)
    try:
        with _first_interrupt(threads.interrupt):
            while threads.fill(units, jobs):
                said = threads.next_word()
                if isinstance(said, BaseException):
                    raise said
                if said is not None:
                    yield said
    except GeneratorExit:
        threads.wait()
        raise
    finally:
        threads.stopped.set()
    if threads.interrupted is not None:
        raise threads.interrupted


@contextmanager
def _first_interrupt(act: Callable[[], None]) -> Iterator[None]:
    """Call `act` on the first interrupt, wherever this thread is; the next one is raised as usual.

    Raised at once, it could interrupt the caller between two outcomes, and lose some.
    """
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield  # an existing handler of interrupts is kept
        return

    def heard(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        act()

    signal.signal(signal.SIGINT, heard)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


class _Threads:
    """The threads of a fleet, and their messages."""

    def __init__(self, task: FleetTask, report: Report) -> None:
        self.stopped = threading.Event()
        self.interrupted: KeyboardInterrupt | None = None
        self._told: SimpleQueue[_Told] = SimpleQueue()
        self._running = 0
        self._task = task
        self._report = report
        self._threads: list[threading.Thread] = []

    def fill(self, units: Iterator[FleetUnit], jobs: int) -> bool:
        """Start as many as allowed; return whether any is running."""
        while self._running < jobs and not self.stopped.is_set():
            unit = next(units, None)
            if unit is None:
                break
            # Daemon threads do not keep this process from exiting.
            thread = threading.Thread(
                target=self._go, args=(unit,), name="modelenv-fleet", daemon=True
            )
            thread.start()
            self._threads = [each for each in (*self._threads, thread) if each.is_alive()]
            self._running += 1
        return self._running > 0

    def next_word(self) -> _Told:
        """Return the next message; after an interrupt, nothing more is started."""
        said = self._told.get()
        if said is not None and said is self.interrupted:
            self.stopped.set()
            self._report(_STOPPING)
            return self.next_word()
        self._running -= said is None
        return said

    def interrupt(self) -> None:
        """Wake the waiting thread; a signal may call this at any moment."""
        self.interrupted = KeyboardInterrupt()
        self._told.put(self.interrupted)

    def wait(self) -> None:
        """Start no further model, and wait for those that run."""
        self.stopped.set()
        for thread in self._threads:
            thread.join()

    def _go(self, unit: FleetUnit) -> None:
        """Run one unit, and send its outcomes."""
        try:
            for outcome in self._task.run(unit, self.stopped.is_set):
                self._told.put(outcome)
        except BaseException as fault:  # noqa: BLE001  # raised again where all threads are awaited
            self._told.put(fault)
        self._told.put(None)
