"""Go through units in threads of this process: what takes long runs in processes of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from queue import SimpleQueue

from ..results.outcome import ModelOutcome
from .unit import FleetTask, FleetUnit

_Told = ModelOutcome | BaseException | None
"""What a thread tells: of a model, of a fault that ends all, or that its unit is done."""


def in_threads(task: FleetTask, units: Iterator[FleetUnit], jobs: int) -> Iterator[ModelOutcome]:
    """Yield what comes of each model, as it is known; `jobs` units are gone through at once.

    Where the caller lets go of it, no model is begun any more, and those that run are waited for.
    A fault of ours in a thread is raised here.
    """
    told: SimpleQueue[_Told] = SimpleQueue()
    stopped = threading.Event()
    threads: list[threading.Thread] = []
    running = 0
    try:
        while True:
            while running < jobs and (unit := next(units, None)) is not None:
                thread = threading.Thread(
                    target=_go, args=(task, unit, stopped, told), name="modelenv-fleet", daemon=True
                )
                thread.start()
                threads = [each for each in (*threads, thread) if each.is_alive()]
                running += 1
            if not running:
                return
            said = told.get()
            if said is None:
                running -= 1
            elif isinstance(said, BaseException):
                raise said
            else:
                yield said
    finally:
        stopped.set()
        for thread in threads:
            thread.join()


def _go(
    task: FleetTask, unit: FleetUnit, stopped: threading.Event, told: SimpleQueue[_Told]
) -> None:
    """Go through one unit, and tell what comes of it."""
    try:
        for outcome in task.run(unit, stopped.is_set):
            told.put(outcome)
    except BaseException as fault:  # noqa: BLE001  # it is raised again where all are waited for
        told.put(fault)
    told.put(None)
