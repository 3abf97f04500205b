"""Go through units in threads of this process: what takes long runs in processes of its own."""

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
"""What a thread tells: of a model, of a fault that ends all, or that its unit is done."""
_STOPPING = "stopping: models that run are waited for; once more, and they are not"


def in_threads(
    task: FleetTask, units: Iterator[FleetUnit], *, jobs: int, report: Report
) -> Iterator[ModelOutcome]:
    """Yield what comes of each model, as it is known; `jobs` units are gone through at once.

    Where the caller lets go of it, or who sits there interrupts it, no model is begun any more, and
    those that run are waited for. A fault of ours in a thread is raised here.
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
    """Have the first interrupt `act`, wherever this thread is; the next one is raised, as ever.

    Raised, it would meet the caller too, between two outcomes, and what is told meanwhile is lost.
    """
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield  # whoever handles interrupts goes on doing so
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
    """The threads of a fleet, and what they tell."""

    def __init__(self, task: FleetTask, report: Report) -> None:
        self.stopped = threading.Event()
        self.interrupted: KeyboardInterrupt | None = None
        self._told: SimpleQueue[_Told] = SimpleQueue()
        self._running = 0
        self._task = task
        self._report = report
        self._threads: list[threading.Thread] = []

    def fill(self, units: Iterator[FleetUnit], jobs: int) -> bool:
        """Start as many as there may be; return whether any still runs."""
        while self._running < jobs and not self.stopped.is_set():
            unit = next(units, None)
            if unit is None:
                break
            # Where this process ends, none of them keeps it.
            thread = threading.Thread(
                target=self._go, args=(unit,), name="modelenv-fleet", daemon=True
            )
            thread.start()
            self._threads = [each for each in (*self._threads, thread) if each.is_alive()]
            self._running += 1
        return self._running > 0

    def next_word(self) -> _Told:
        """Return what one of them tells next; once there was an interrupt, nothing more begins."""
        said = self._told.get()
        if said is not None and said is self.interrupted:
            self.stopped.set()
            self._report(_STOPPING)
            return self.next_word()
        self._running -= said is None
        return said

    def interrupt(self) -> None:
        """Wake who waits for a word; a signal may call this at any moment."""
        self.interrupted = KeyboardInterrupt()
        self._told.put(self.interrupted)

    def wait(self) -> None:
        """Begin no further model, and wait for those that run."""
        self.stopped.set()
        for thread in self._threads:
            thread.join()

    def _go(self, unit: FleetUnit) -> None:
        """Go through one unit, and tell what comes of it."""
        try:
            for outcome in self._task.run(unit, self.stopped.is_set):
                self._told.put(outcome)
        except BaseException as fault:  # noqa: BLE001  # it is raised again where all are awaited
            self._told.put(fault)
        self._told.put(None)
