"""Go through units in threads of this process: what takes long runs in processes of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
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
        """Return what one of them tells next; the second interrupt is raised at once."""
        try:
            said = self._told.get()
        except KeyboardInterrupt as error:
            if self.interrupted is not None:
                raise
            self.interrupted = error
            self.stopped.set()
            self._report(_STOPPING)
            return self.next_word()
        self._running -= said is None
        return said

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
