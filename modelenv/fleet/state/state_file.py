"""The file that keeps what came of a fleet: SQLite, one writer, nothing of it ever thrown away.

It has a rollback journal and no write-ahead log, which would need memory that all who open it
share: so it is whole after a kill at any moment, on a disk of this machine or of a network.
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
    """What is known of a fleet; one process writes it, from one thread."""

    def __init__(self, file: Path, connection: sqlite3.Connection) -> None:
        self.file = file
        self._connection = connection
        self._flushed = 0.0

    def outcome(self, key: str) -> ModelOutcome | None:
        """Return what came of the model with this key, without its path; None: nothing yet."""
        with _named(self.file):
            query = f"SELECT {_COLUMNS} FROM outcomes WHERE key = ?"  # noqa: S608  # our own words
            row = self._connection.execute(query, (key,)).fetchone()
        return None if row is None else _outcome(row)

    def keep(self, key: str, outcome: ModelOutcome) -> None:
        """Keep what came of a model.

        It is on the disk at once, but for what comes in the tenth of a second after what was: that
        is written with what comes next, or at `flush`.
        """
        row = (
            *(key, outcome.status, outcome.good, outcome.cause, outcome.reason, outcome.pins),
            *(outcome.seconds, outcome.at, _text(outcome)),
        )
        self._write("INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def content(self, folder: str, looks: str) -> str | None:
        """Return the content of a folder whose files looked so before; None: it is not known."""
        with _named(self.file):
            query = "SELECT content FROM contents WHERE folder = ? AND looks = ?"
            row = self._connection.execute(query, (folder, looks)).fetchone()
        return None if row is None else str(row[0])

    def remember(self, folder: str, looks: str, content: str) -> None:
        """Keep the content of a folder whose files look so."""
        self._write("INSERT OR REPLACE INTO contents VALUES (?, ?, ?)", (folder, looks, content))

    def flush(self) -> None:
        """Have all that was kept on the disk."""
        if self._connection.in_transaction:
            with _named(self.file):
                self._connection.execute("COMMIT")
            self._flushed = time.monotonic()

    def say_who(self) -> None:
        """Write down who is at work, for whoever comes meanwhile."""
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
    """Open the state of a fleet to write it, for the length of a block; it is made where it lacks.

    Raises FleetBusyError where another process does, and StateFileError for a file that is none,
    is damaged, or cannot be written: it stays as it is.
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
    """Yield what is kept under each of some keys, one after the other. Raises StateFileError."""
    with closing(_to_read(file)) as connection:
        reading = FleetState(file, connection)
        for key in keys:
            yield reading.outcome(key)


def _make(file: Path) -> None:
    """Make an empty file that is its owner's alone to read, and its folder, where none is."""
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
    """Open a file to write it, and look whether it is one of ours and whole."""
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
    """Tell whether nothing was ever written: it is new, or its making was cut off."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    return not pages


def _check(file: Path, connection: sqlite3.Connection) -> None:
    """Raise StateFileError unless it is a state of ours, of this version, and whole."""
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
    """Let what SQLite says within the block be said of the file."""
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
