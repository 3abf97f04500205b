"""The records of several processes, merged into one trace."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ..records import ImportRecord, Touch, edge
from ..traces import Trace
from .other_pythons import PythonIdentity, foreign_note, is_foreign
from .process_events import ProcessEvents
from .spool_file import LARGEST, events_of, header_of, read_file
from .touches import of_another_python, unite

_LARGEST_OF_ALL = 4 * LARGEST
_USES = ("ran", "held")


def read_spool(path: str | Path) -> Trace:
    """Read the records of a traced process and its children, complete or killed.

    `path` is the folder they recorded into, or one process's file. A truncated last line is skipped
    with a note; if there are no records, the trace is empty with a note, since the process may
    have died before its first record.
    """
    path = Path(path)
    files = sorted(path.glob("*.jsonl"), key=_start_order) if path.is_dir() else [path]
    processes, notes = _read_all(files)
    if not processes:
        return Trace.of([], [*notes, "the traced process left no record"])
    # The first process with a named interpreter started all others.
    named = (process.python for process in processes if process.python is not None)
    return merge(processes, notes, home=next(named, None))


def _read_all(files: Iterable[Path]) -> tuple[list[ProcessEvents], list[str]]:
    """Read the files with records, within one limit for all; return notes on the rest."""
    processes: list[ProcessEvents] = []
    notes: list[str] = []
    left = _LARGEST_OF_ALL
    for file in files:
        data, said = read_file(file, min(left, LARGEST))
        left -= len(data)
        notes += said
        if data:
            processes.append(ProcessEvents.of(events_of(file.name, data)))
    return processes, notes


def merge(
    processes: Iterable[ProcessEvents],
    notes: Iterable[str] = (),
    home: PythonIdentity | None = None,
) -> Trace:
    """Unite the records of several processes; an edge that several saw is kept once, the first.

    Imports of a process of another Python than `home` belong to another environment: they are
    noted.
    """
    edges: dict[tuple[object, ...], ImportRecord] = {}
    imported: set[tuple[str, str | None]] = set()
    touches: list[Touch] = []
    all_notes = list(notes)
    for process in processes:
        all_notes += process.notes
        if is_foreign(process.python, home):
            all_notes.append(foreign_note(process.python))
            touches += of_another_python(process.touches, process.python)
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
    files = {record.file for record in edges.values() if record.file is not None}
    return Trace.of(edges.values(), all_notes, unite(touches, files))


def _key(record: ImportRecord) -> tuple[object, ...]:
    """Return the key of equal records of two processes: for a use the first place is enough."""
    if record.how == "called":
        return record.name, record.how
    if record.how in _USES:
        return record.name, record.importer, record.phase
    return edge(record)


def _start_order(file: Path) -> tuple[int, str]:
    header = header_of(file)
    return (header.time if header is not None else 0, str(file))
