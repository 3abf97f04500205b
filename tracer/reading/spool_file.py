"""Read one process's file of records: lists of JSON, a kind and its values, one a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from .other_pythons import PythonIdentity

Event = Sequence[Any]
"""A kind and its values, as ``probe/spool.py`` writes them."""

_PYTHON = slice(6, 9)  # among the values; what older processes wrote ends before it


class Header(NamedTuple):
    """What a process says of itself in its first record."""

    format: int
    process: int
    """The number that the system gave it."""
    parent: int
    how: str
    """How it came to be: `fresh`, `python` or `fork`."""
    program: str
    """The words it was started with, cut off."""
    time: int
    """When it began, in microseconds of the machine's clock."""
    python: PythonIdentity | None

    @classmethod
    def of(cls, values: Sequence[Any]) -> Header | None:
        """Read the values of a first record; None where they are too few."""
        if len(values) < _PYTHON.start:
            return None
        version, process, parent, how, program, time = values[: _PYTHON.start]
        named = values[_PYTHON]
        python = PythonIdentity(*named) if len(named) == len(PythonIdentity._fields) else None
        return cls(version, process, parent, how, program, time, python)


def header_of(file: Path) -> Header | None:
    """Return a file's first record, or None where that is torn or of another kind."""
    with file.open("rb") as opened:
        line = opened.readline()
    try:
        kind, *values = json.loads(line)
    except ValueError:
        return None
    return Header.of(values) if kind == "process" else None


def events_of(name: str, data: bytes) -> Iterator[Event]:
    """Yield the records of a file; one that is torn becomes a note under the file's name."""
    for number, line in enumerate(data.decode("ascii", "replace").splitlines(), 1):
        try:
            event = json.loads(line)
        except ValueError:
            yield "note", f"record {number} of {name} is torn"
            continue
        if isinstance(event, list) and event and isinstance(event[0], str):
            yield event
