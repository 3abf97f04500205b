"""The state file of a fleet: SQLite with one writer, from which nothing is ever deleted.

It has a rollback journal instead of a write-ahead log, which would need shared memory: so it is
consistent after a kill at any moment, also on a network disk.
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from ..errors import FleetBusyError, StateFileError
from .outcome import ModelOutcome

_MAGIC = b"SQLite format 3\0"
_APPLICATION = 0x6D656E76  # "menv"
_SCHEMA = 1
_SECONDS_BETWEEN = 0.1
_LONGEST_RESULT = 64_000
_TABLES = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE contents (folder TEXT PRIMARY KEY, looks TEXT, content TEXT) WITHOUT ROWID;
CREATE TABLE outcomes (
    key TEXT PRIMARY KEY, status TEXT, good INTEGER, cause TEXT, reason TEXT, pins TEXT,
    seconds REAL, at REAL, result TEXT
) WITHOUT ROWID;
"""
_COLUMNS = "status, good, cause, reason, pins, seconds, at, result"


class FleetState:
    """The known outcomes of a fleet; written by one thread of one process."""

    def __init__(self, file: Path, connection: sqlite3.Connection) -> None:
        self.file = file
        self._connection = connection
        self._flushed = 0.0

    def outcome(self, key: str) -> ModelOutcome | None:
        """Return the outcome with this key, without its path; None: there is none yet."""
        with _named(self.file):
            query = f"SELECT {_COLUMNS} FROM outcomes WHERE key = ?"  # noqa: S608  # constants of ours
            row = self._connection.execute(query, (key,)).fetchone()
        return None if row is None else _outcome(row)

    def keep(self, key: str, outcome: ModelOutcome) -> None:
        """Store the outcome of a model.

        It is on disk at once, unless the previous one was written less than 0.1 s ago: then it is
        written with the next, or by `flush`.
        """
        row = (
            *(key, outcome.status, outcome.good, outcome.cause, outcome.reason, outcome.pins),
            *(outcome.seconds, outcome.at, _text(outcome)),
        )
        self._write("INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def content(self, folder: str, looks: str) -> str | None:
        """Return the content of a folder with this file status; None: it is not known."""
        with _named(self.file):
            query = "SELECT content FROM contents WHERE folder = ? AND looks = ?"
            row = self._connection.execute(query, (folder, looks)).fetchone()
        return None if row is None else str(row[0])

    def remember(self, folder: str, looks: str, content: str) -> None:
        """Store the content of a folder with this file status."""
        self._write("INSERT OR REPLACE INTO contents VALUES (?, ?, ?)", (folder, looks, content))

    def flush(self) -> None:
        """Commit all stored outcomes to disk."""
        if self._connection.in_transaction:
            with _named(self.file):
                self._connection.execute("COMMIT")
            self._flushed = time.monotonic()

    def say_who(self) -> None:
        """Record which process is running, for other processes that start meanwhile."""
        now = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
        holder = f"process {os.getpid()} on {socket.gethostname()}, since {now} UTC,"
        self._write("INSERT OR REPLACE INTO about VALUES ('holder', ?)", (holder,))
        self.flush()

    def _write(self, statement: str, values: tuple[Any, ...]) -> None:
        with _named(self.file):
            if not self._connection.in_transaction:
                self._connection.execute("BEGIN IMMEDIATE")
            self._connection.execute(statement, values)
        if time.monotonic() - self._flushed > _SECONDS_BETWEEN:
            self.flush()


@contextmanager
def opened_state(file: Path) -> Iterator[FleetState]:
    """Open the state of a fleet for writing during a block; it is created if missing.

    Raises FleetBusyError if another process has it open, and StateFileError for a file that is no
    state, is damaged, or cannot be written: it is left unchanged.
    """
    from filelock import FileLock, Timeout

    _make(file)
    lock = FileLock(f"{file}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise FleetBusyError(file, _holder(file)) from error
    except (NotImplementedError, OSError) as error:
        reason = "stands where the file system has no locks, or nothing may be written"
        raise StateFileError(file, f"{reason} ({error})") from error
    try:
        with closing(_connected(file)) as connection, _named(file):
            state = FleetState(file, connection)
            state.say_who()
            try:
                yield state
            finally:
                state.flush()
    finally:
        lock.release()


def read_outcomes(file: Path, keys: Iterator[str]) -> Iterator[ModelOutcome | None]:
    """Yield the stored outcome of each key, one after the other. Raises StateFileError."""
    with closing(_to_read(file)) as connection:
        reading = FleetState(file, connection)
        for key in keys:
            yield reading.outcome(key)


def _make(file: Path) -> None:
    """Create an empty file, readable by its owner alone, and its folder, if missing."""
    if file.is_dir():
        raise StateFileError(file, "is a folder")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with suppress(FileExistsError):
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with file.open("rb") as stream:
            start = stream.read(len(_MAGIC))
    except OSError as error:
        raise StateFileError(file, f"cannot be written: {error.strerror}") from error
    if start and start != _MAGIC:
        raise StateFileError(file, "is not the state of a fleet")


def _connected(file: Path) -> sqlite3.Connection:
    """Open a file for writing, and check that it is an undamaged state file."""
    with _named(file):
        connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA synchronous = FULL")
            if not _is_empty(connection):
                _check(file, connection)
            else:
                connection.executescript(
                    f"BEGIN EXCLUSIVE; PRAGMA application_id = {_APPLICATION};"
                    f" PRAGMA user_version = {_SCHEMA}; {_TABLES} COMMIT;"
                )
        except BaseException:
            connection.close()
            raise
    return connection


def _to_read(file: Path) -> sqlite3.Connection:
    with _named(file):
        return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)


def _is_empty(connection: sqlite3.Connection) -> bool:
    """Return whether nothing was ever written: it is new, or its creation was interrupted."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    return not pages


def _check(file: Path, connection: sqlite3.Connection) -> None:
    """Raise StateFileError unless it is an undamaged state file of this version."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (schema,) = connection.execute("PRAGMA user_version").fetchone()
    if application != _APPLICATION:
        raise StateFileError(file, "is a database of something else, not the state of a fleet")
    if schema != _SCHEMA:
        raise StateFileError(file, "is of another version of modelenv")
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise StateFileError(file, f"is damaged ({found})")


def _holder(file: Path) -> str:
    with suppress(StateFileError, sqlite3.Error, TypeError), closing(_to_read(file)) as connection:
        query = "SELECT value FROM about WHERE name = 'holder'"
        return str(connection.execute(query).fetchone()[0])
    return ""


@contextmanager
def _named(file: Path) -> Iterator[None]:
    """Convert errors of SQLite within the block to errors that name the file."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StateFileError(file, f"cannot be used: {error}") from error
    except sqlite3.DatabaseError as error:
        raise StateFileError(file, f"is damaged ({error})") from error


def _text(outcome: ModelOutcome) -> str:
    text = json.dumps(outcome.result, default=str)
    if len(text) <= _LONGEST_RESULT:
        return text
    short = {
        key: each for key, each in outcome.result.items() if len(str(each)) < _LONGEST_RESULT // 8
    }
    return json.dumps({**short, "left_out": sorted({*outcome.result} - {*short})}, default=str)


def _outcome(row: tuple[Any, ...]) -> ModelOutcome:
    status, good, cause, reason, pins, seconds, at, result = row
    return ModelOutcome(
        path="",
        status=status,
        good=bool(good),
        cause=cause,
        reason=reason,
        pins=pins,
        seconds=seconds,
        at=at,
        earlier=True,
        result=json.loads(result),
    )
