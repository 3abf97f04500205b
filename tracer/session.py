"""Traces of a block of code in this process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import ParamSpec, TypeVar

from .child_processes import CHILD_PROCESSES, NO_CHILDREN, ChildRecords
from .decorate import decorated
from .probe.importer import Importer
from .probe.recorder import Recorder
from .probe.spool import Memory
from .probe.touched import Touched
from .reading.merge import merge
from .reading.other_pythons import PythonIdentity
from .reading.process_events import ProcessEvents
from .records import ImportRecord
from .traces import Trace

P = ParamSpec("P")
R = TypeVar("R")

_OURS = __name__.rpartition(".")[0]
_FOLDER = str(Path(__file__).parent) + os.sep


class _Run:
    """One pass through a traced block, watched from here on."""

    def __init__(self, *, executed: bool, children: bool, touched: bool, calls: bool) -> None:
        self._mark = CHILD_PROCESSES.join() if children else None
        folder = str(self._mark.folder) if self._mark is not None else None
        self._memory = Memory()
        self._recorder = Recorder(self._memory, Importer((_FOLDER,)), folder, (f"{_OURS}.",))
        self._touched = Touched(self._recorder) if touched else None
        looked_up = None
        if self._touched is not None:
            self._touched.begin()
            looked_up = self._touched.looked_up
        self._recorder.start(executed=executed, audited=False, looked_up=looked_up)
        if calls:
            self._recorder.calls.heed("all", inside=True)

    def stop(self, error: BaseException | None) -> Callable[[], Trace]:
        """Stop watching in the reverse order; return a function that makes the trace."""
        if self._touched is not None:
            self._touched.end()
        self._recorder.escaped(error)
        self._recorder.hold_lazy(self._recorder.seen)
        self._recorder.stop()
        children = CHILD_PROCESSES.leave(self._mark) if self._mark is not None else NO_CHILDREN
        return partial(_merged, self._memory, children)

    def so_far(self) -> Trace:
        """Return the trace of this process up to now."""
        self._recorder.catch_up()
        return merge([ProcessEvents.of(self._memory.events)])


def _merged(memory: Memory, children: ChildRecords) -> Trace:
    processes = [ProcessEvents.of(memory.events), *children.processes()]
    return merge(processes, children.notes, PythonIdentity.here())


class Observation:
    """A block that is being traced, and its trace once the block has ended.

    Inside the block the trace is that of this process so far. Entered again, or as a decorator
    called again, it unites the traces of all times.
    """

    def __init__(self, start: Callable[[], _Run]) -> None:
        self._start = start
        self._running: list[_Run] = []
        self._ended: list[Callable[[], Trace]] = []
        self._seen = Trace.of([])

    def __enter__(self) -> Observation:
        """Begin to watch."""
        self._running.append(self._start())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop watching; nothing stays installed."""
        self._stop(self._running.pop(), error)

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """Trace every call of a function, a coroutine or a generator."""
        return decorated(function, self._pass)

    @property
    def trace(self) -> Trace:
        """The trace so far, as a frozen value; it is built on access."""
        while self._ended:
            self._seen |= self._ended.pop(0)()
        seen = self._seen
        for run in self._running:
            seen |= run.so_far()
        return seen

    @property
    def records(self) -> tuple[ImportRecord, ...]:
        """The import edges that were seen."""
        return self.trace.records

    @property
    def modules(self) -> tuple[str, ...]:
        """The names of all modules that were loaded or ran in the block, sorted."""
        return self.trace.modules

    @property
    def failed(self) -> tuple[str, ...]:
        """The names that were looked for and not loaded, sorted."""
        return self.trace.failed

    @contextmanager
    def _pass(self) -> Iterator[None]:
        """Trace one pass, whatever others run at the same time."""
        run = self._start()
        try:
            yield
        except BaseException as error:
            self._stop(run, error)
            raise
        self._stop(run, None)

    def _stop(self, run: _Run, error: BaseException | None) -> None:
        self._ended.append(run.stop(error))


def trace(
    *, executed: bool = True, children: bool = True, touched: bool = False, calls: bool = False
) -> Observation:
    """Watch what a block of code imports and runs.

    With `executed` also modules that had been imported before the block, when their code runs in
    it (PEP 669 on Python 3.12 and newer, a profile hook before); with `children` also processes
    that it starts; with `touched` also files, libraries, hosts and programs, by an audit hook that
    stays in the process, asleep; with `calls` which packages' code others call in it. Traces can
    be nested and run in several threads.

    >>> with trace() as observed:
    ...     import colorsys
    >>> "colorsys" in observed.modules
    True
    """
    start = partial(_Run, executed=executed, children=children, touched=touched, calls=calls)
    return Observation(start)
