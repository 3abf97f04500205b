"""Trace a block of code in this process."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType, TracebackType

from .probe.executed import watcher
from .probe.finder import Importer, Observer, file_of
from .reading import Asked, Found, fold
from .records import ImportRecord, Trace


class Observation:
    """A block that is being traced, and its trace once the block has ended.

    Inside the block the trace is what was seen so far.
    """

    def __init__(self, *, executed: bool) -> None:
        self._executed = executed
        self._asked: list[Asked] = []
        self._notes: list[str] = []
        self._importer = Importer()
        self._observer = Observer(self._imported, self._importer)
        self._watcher = watcher(self._ran)
        self._before: frozenset[str] = frozenset()
        self._trace: Trace | None = None

    def __enter__(self) -> Observation:
        """Begin to watch."""
        self._before = frozenset(sys.modules)
        self._observer.install()
        if self._executed and not self._watcher.start():
            self._notes.append("modules that only ran were not seen: no monitoring tool is free")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop watching in the reverse order; nothing stays installed."""
        self._watcher.stop()
        self._observer.remove()
        self._trace = self._fold()

    @property
    def trace(self) -> Trace:
        """What was seen, as a frozen value."""
        return self._trace if self._trace is not None else self._fold()

    @property
    def records(self) -> tuple[ImportRecord, ...]:
        """One record for each module that was imported, looked for, or ran."""
        return self.trace.records

    @property
    def modules(self) -> tuple[str, ...]:
        """The names of all modules that were loaded or ran in the block, sorted."""
        return self.trace.modules

    @property
    def failed(self) -> tuple[str, ...]:
        """The names that were looked for and not loaded, sorted."""
        return self.trace.failed

    def _imported(self, name: str, importer: str | None, file: str | None, line: int) -> None:
        self._asked.append(Asked(name, importer, file, line, ""))

    def _ran(self, name: str, caller: FrameType | None) -> None:
        # What the import system calls (a finder, a module's body) is not used by the block's code.
        file = caller.f_code.co_filename if caller is not None else ""
        if not file.startswith((_FOLDER, "<frozen importlib")) and not name.startswith(_NOT_THEIRS):
            self._asked.append(Asked(name, *self._importer.of(caller, name), "", "ran"))

    def _fold(self) -> Trace:
        present = dict(sys.modules)
        asked = [item for item in self._asked if item.how != "ran" or item.name in present]
        names = {item.name for item in asked} | (present.keys() - self._before)
        found = [
            Found(name, file_of(present[name]), "")
            for name in sorted(names)
            if present.get(name) is not None
        ]
        return fold(asked, found, self._notes)


_FOLDER = str(Path(__file__).parent)
# Ourselves, and the import system that runs for every import.
_NOT_THEIRS = (
    __name__.rpartition(".")[0] + ".",
    "_frozen_importlib",
    "importlib._bootstrap",
    "_imp",
)


def trace(*, executed: bool = True) -> Observation:
    """Watch what a block of code imports and runs.

    With `executed` also modules that had been imported before the block, when their code runs in
    it (PEP 669 on Python 3.12 and newer, a profile hook before). Traces can be nested.

    >>> with trace() as observed:
    ...     import colorsys
    >>> "colorsys" in observed.modules
    True
    """
    return Observation(executed=executed)
