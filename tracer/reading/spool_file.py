"""One process's file of records: lists of JSON, a kind and its values, one a line.

The traced code can write there too, so everything is checked: a regular file of bounded size,
records of known kinds, with values of known types.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from .other_pythons import PythonIdentity
from .record_types import is_record

Event = Sequence[Any]
"""A kind and its values, as ``probe/spool.py`` writes them."""

LARGEST = 64_000_000  # bytes; the records of 5,000 modules take one million
LONGEST_HEADER = 100_000
_MOST_NOTES = 20
_AT_ONCE = 200
# Opening a pipe would block; a link leads where its maker wants.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
_FLAGS |= getattr(os, "O_BINARY", 0)
_PYTHON = slice(6, 9)  # among the values; records of older processes end before it


class Header(NamedTuple):
    """The first record of a process, which describes it."""

    format: int
    process: int
    """Its process id."""
    parent: int
    how: str
    """The way it was started: `fresh`, `python`, `fork`, or an `interpreter` beside others in it.
    """
    program: str
    """The words it was started with, truncated."""
    time: int
    """The time when it began, in microseconds of the machine's clock."""
    python: PythonIdentity | None

    @classmethod
    def of(cls, values: Sequence[Any]) -> Header | None:
        """Return the header of a first record's values; None if they are too few."""
        if len(values) < _PYTHON.start:
            return None
        version, process, parent, how, program, time = values[: _PYTHON.start]
        named = values[_PYTHON]
        python = PythonIdentity(*named) if len(named) == len(PythonIdentity._fields) else None
        return cls(version, process, parent, how, program, time, python)


def read_file(file: Path, largest: int = LARGEST, begin: int = 0) -> tuple[bytes, tuple[str, ...]]:
    """Return the bytes of a file from `begin` on, `largest` at most, and notes on the unread part.

    A missing file has a note only if something else is in its place.
    """
    try:
        descriptor = os.open(file, _FLAGS)
    except FileNotFoundError:
        return b"", ()
    except OSError as error:
        return b"", (f"unseen: the records {file.name} cannot be read: {error.strerror}",)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return b"", (f"unseen: {file.name} is no file of records",)
    with os.fdopen(descriptor, "rb") as opened:
        opened.seek(begin)
        data = opened.read(largest + 1)
    if len(data) <= largest:
        return data, ()
    note = f"unseen: what {file.name} holds beyond {largest:,} bytes was not read"
    return data[:largest], (note,)


def header_of(file: Path) -> Header | None:
    """Return a file's first record, or None if that is torn or of another kind."""
    line, _, _ = read_file(file, LONGEST_HEADER)[0].partition(b"\n")
    record = _record_of(line)
    return Header.of(record[1:]) if record is not None and record[0] == "process" else None


def events_of(name: str, data: bytes) -> Iterator[Event]:
    """Yield the records of a file; other lines get a note under the file's name.

    Records of unknown kinds are those of a later version, and skipped.
    """
    torn = 0
    for number, record in enumerate(_records(data.decode("ascii", "replace").splitlines()), 1):
        if record is not None:
            yield record
            continue
        torn += 1
        if torn <= _MOST_NOTES:
            yield "note", f"record {number} of {name} is torn"
    if torn > _MOST_NOTES:
        yield "note", f"{torn - _MOST_NOTES} more records of {name} are torn"


def _records(lines: Sequence[str]) -> Iterator[Event | None]:
    """Yield the record of each line; None if it holds none.

    Many lines are parsed at once, which takes half the time. If the number of values is wrong, one
    of them is torn, and each line is parsed.
    """
    for begin in range(0, len(lines), _AT_ONCE):
        some = lines[begin : begin + _AT_ONCE]
        text = f"[{','.join(some)}]"
        found, plain = _parsed(text), text.isascii() and "\\" not in text
        whole = isinstance(found, list) and len(found) == len(some)
        for each in found if whole else map(_parsed, some):
            yield each if is_record(each, plain=plain) else None


def _record_of(line: bytes) -> Event | None:
    record = _parsed(line)
    return record if is_record(record) else None


def _parsed(text: str | bytes) -> Any:
    """Return the value of a JSON text; None if it is invalid."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
