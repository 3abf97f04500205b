"""From raw events to a trace: pair each request with its outcome."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from .other_pythons import Python, first_python, foreign_note, is_foreign
from .records import ImportRecord, Touch, Trace, edge
from .timing import Span, times

Event = Sequence[Any]
"""A kind and its values, as ``probe/spool.py`` writes them."""

_USES = ("ran", "held")
_TOUCHES = frozenset({"file", "library", "host", "program"})


class Asked(NamedTuple):
    """Somebody's request for a module, or a use of one."""

    name: str
    importer: str | None
    importer_file: str | None
    line: int | None
    phase: str
    how: str = "imported"
    time: int = 0
    thread: int = 0


class Process:
    """What one process recorded, event by event."""

    def __init__(self) -> None:
        self.requests: dict[str, Asked] = {}
        self.uses: dict[tuple[str | None, str], Asked] = {}
        self.looked: dict[str, Asked] = {}
        self.files: dict[str, str | None] = {}
        self.found_in: dict[str, str] = {}
        self.removed: dict[str, str] = {}
        self.errors: dict[str, str] = {}
        self.escaped: set[str] = set()
        self.begun: set[str] = set()
        self.ends: dict[str, tuple[int, bool]] = {}
        self.touches: list[Touch] = []
        self.notes: list[str] = []
        self.header: Event = ()
        self.whole = False

    @classmethod
    def of(cls, events: Iterable[Event]) -> Process:
        """Take in the events in the order they were written."""
        process = cls()
        for kind, *values in events:
            if kind in _TOUCHES:
                process.touches.append(Touch(kind, *values))
            else:
                getattr(process, f"_{kind}", _pass_over)(*values)
        return process

    def _process(self, *values: Any) -> None:
        self.header = values

    def _import(self, *values: Any) -> None:
        asked = Asked(*values)
        if asked.how == "looked":
            self.looked.setdefault(asked.name, asked)
        elif asked.how == "imported":
            # The last request counts: a module that was loaded is not asked for again, so what
            # came before it failed.
            self.requests.pop(asked.name, None)
            self.ends.pop(asked.name, None)
            self.errors.pop(asked.name, None)
            self.escaped.discard(asked.name)
            self.begun.discard(asked.name)
            self.requests[asked.name] = asked
        else:
            self.uses.setdefault((asked.importer, asked.name), asked)

    def _module(self, name: str, file: str | None, phase: str) -> None:
        self.files[name] = file
        self.found_in[name] = phase

    def _gone(self, name: str) -> None:
        self.files.pop(name, None)
        self.begun.add(name)

    def _removed(self, name: str, phase: str) -> None:
        self.removed[name] = phase

    def _error(self, name: str, kind: str) -> None:
        self.errors[name] = kind

    def _escaped(self, name: str) -> None:
        self.escaped.add(name)

    def _end(self, name: str, time: int, measured: bool) -> None:
        if not self.ends.get(name, (0, False))[1]:
            self.ends[name] = (time, measured)

    def _unseen(self, text: str, *_: str) -> None:
        self.notes.append(f"unseen: {text}")

    def _note(self, text: str) -> None:
        self.notes.append(text)

    def _stop(self, *_: int) -> None:
        self.whole = True

    def records(self) -> Iterator[ImportRecord]:
        """Yield a record for each edge, numbered from 0."""
        took = times(self._spans())
        for order, asked in enumerate(self._asked()):
            loaded = asked.name in self.files and asked.how not in ("looked", "removed")
            failed = asked.how == "imported" and not loaded
            timed = took.get(asked.name) if asked.how == "imported" else None
            yield ImportRecord(
                order=order,
                name=asked.name,
                file=self.files.get(asked.name) if loaded else None,
                importer=asked.importer,
                importer_file=asked.importer_file,
                line=asked.line or None,
                loaded=loaded,
                phase=asked.phase,
                how=asked.how,
                seconds=timed.seconds if timed else None,
                own_seconds=timed.own_seconds if timed else None,
                measured=timed is not None and timed.measured,
                error=self._error_of(asked.name) if failed else None,
                caught=self._caught(asked) if failed else None,
            )

    def _asked(self) -> Iterator[Asked]:
        yield from self.requests.values()
        for asked in self.uses.values():
            request = self.requests.get(asked.name)
            if request is None or request.importer != asked.importer:
                yield asked
        for name, asked in self.looked.items():
            if name not in self.requests and name not in self.files:
                yield asked
        used = {name for _, name in self.uses}
        for name, phase in self.found_in.items():
            if name in self.files and name not in self.requests and name not in used:
                yield Asked(name, None, None, None, phase, "appeared")
        for name, phase in self.removed.items():
            yield Asked(name, None, None, None, phase, "removed")

    def _spans(self) -> Iterator[Span]:
        for name, asked in self.requests.items():
            if name in self.ends:
                end, measured = self.ends[name]
                yield Span(name, asked.thread, asked.time, max(end, asked.time), measured)

    def _error_of(self, name: str) -> str | None:
        """Name the error of a failed import; what is not known was not found, or had begun."""
        return self.errors.get(name, None if name in self.begun else "ModuleNotFoundError")

    def _caught(self, asked: Asked) -> bool | None:
        """Tell whether a failure was caught: the module that asked lives, the block ended well."""
        importer = asked.importer
        if asked.name in self.escaped:
            return False
        if importer in self.requests and importer not in self.files:
            return False
        return True if self.whole else None


def _pass_over(*values: object) -> None:
    """Leave an event of a later version alone."""


def fold(
    processes: Iterable[Process], notes: Iterable[str] = (), home: Python | None = None
) -> Trace:
    """Unite what several processes recorded; an edge that several saw is kept once, the first.

    What a process of another Python than `home` imports is another environment's: it is noted.
    """
    edges: dict[tuple[object, ...], ImportRecord] = {}
    imported: set[tuple[str, str | None]] = set()
    touches: list[Touch] = []
    said = list(notes)
    for process in processes:
        said += process.notes
        if is_foreign(process.header, home):
            said.append(foreign_note(process.header))
            touches += (touch for touch in process.touches if touch.kind != "library")
            continue
        first = len(edges)
        for record in process.records():
            pair = record.name, record.importer
            if record.how == "imported" and record.loaded:
                imported.add(pair)
            elif record.how in _USES and pair in imported:
                continue
            later = replace(record, order=record.order + first) if first else record
            edges.setdefault(_key(record), later)
        touches += process.touches
    modules = {record.file for record in edges.values()}
    return Trace.of(edges.values(), said, (each for each in touches if each.name not in modules))


def _key(record: ImportRecord) -> tuple[object, ...]:
    """Return what makes records of two processes the same: of a use the first place is enough."""
    if record.how in _USES:
        return record.name, record.importer, record.phase
    return edge(record)


def read_spool(path: str | Path) -> Trace:
    """Read what a traced process and its children left behind, whole or killed.

    `path` is the folder they recorded into, or one process's file. A last line that was cut off is
    passed over and noted; where there is nothing, the trace is empty with a note, since the process
    may have died before its first record.
    """
    path = Path(path)
    files = sorted(path.glob("*.jsonl"), key=_started) if path.is_dir() else [path]
    notes: list[str] = []
    processes = [process_of(each.name, each.read_bytes(), notes) for each in files if each.exists()]
    if not processes:
        notes.append("the traced process left no record")
    return fold(processes, notes, first_python(process.header for process in processes))


def process_of(name: str, data: bytes, notes: list[str]) -> Process:
    """Read one process's records; what is torn is added to `notes` under the file's name."""
    return Process.of(_events(data.decode("ascii", "replace").splitlines(), name, notes))


def header_of(file: Path) -> tuple[Any, ...]:
    """Return a file's first record: format, process, parent, how it came to be, program, time."""
    with file.open("rb") as opened:
        line = opened.readline()
    try:
        kind, *values = json.loads(line)
    except ValueError:
        return ()
    return tuple(values) if kind == "process" else ()


def _started(file: Path) -> tuple[int, str]:
    header = header_of(file)
    return (header[5] if len(header) > 5 else 0, os.fspath(file))


def _events(lines: Iterable[str], source: str, notes: list[str]) -> Iterator[Event]:
    for number, line in enumerate(lines, 1):
        try:
            event = json.loads(line)
        except ValueError:
            notes.append(f"record {number} of {source} is torn")
            continue
        if isinstance(event, list) and event and isinstance(event[0], str):
            yield event
