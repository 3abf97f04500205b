"""From raw events to a trace: pair each request with its outcome."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from .records import ImportRecord, Trace


class Asked(NamedTuple):
    """Somebody's request for a module, or a call into one."""

    name: str
    importer: str | None
    importer_file: str | None
    line: int | None
    phase: str
    how: str = "imported"


class Found(NamedTuple):
    """A module that was there afterwards."""

    name: str
    file: str | None
    phase: str


def fold(asked: Iterable[Asked], found: Iterable[Found], notes: Iterable[str] = ()) -> Trace:
    """Make one record of each module: its last request and what came of it.

    The last, because a module that was loaded is not asked for again: earlier requests failed or
    only looked whether it exists.
    """
    outcome = {item.name: item for item in found}
    requests: dict[str, Asked] = {}
    for request in asked:
        if request.how == "ran" and request.name in requests:
            continue
        requests.pop(request.name, None)
        requests[request.name] = request
    records = []
    for order, request in enumerate(requests.values()):
        there = outcome.pop(request.name, None)
        file = there.file if there else None
        records.append(_record(order, request, file, loaded=there is not None))
    for order, there in enumerate(outcome.values(), len(records)):
        request = Asked(there.name, None, None, None, there.phase, "appeared")
        records.append(_record(order, request, there.file, loaded=True))
    return Trace.of(records, notes)


def _record(order: int, request: Asked, file: str | None, *, loaded: bool) -> ImportRecord:
    return ImportRecord(
        order=order,
        name=request.name,
        file=file,
        importer=request.importer,
        importer_file=request.importer_file,
        line=request.line,
        loaded=loaded,
        phase=request.phase,
        how=request.how,
    )


def read_spool(path: str | Path) -> Trace:
    """Read what a traced process left behind, whole or killed.

    A last line that was cut off is passed over and noted; a missing file is an empty trace with a
    note, since the process may have died before its first record.
    """
    path = Path(path)
    asked: list[Asked] = []
    found: list[Found] = []
    notes = []
    try:
        lines = path.read_text("ascii").splitlines()
    except FileNotFoundError:
        lines = []
        notes.append("the traced process left no record")
    for number, line in enumerate(lines, 1):
        try:
            kind, *values = json.loads(line)
        except ValueError:
            notes.append(f"record {number} is torn")
            continue
        if kind == "import":
            asked.append(Asked(*values))
        elif kind == "module":
            found.append(Found(*values))
    return fold(asked, found, notes)
