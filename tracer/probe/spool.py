"""Storage of records: in memory, or at once on disk, one file a process, each record whole.

A process that ends by ``os._exit`` or a signal leaves all that it had recorded on disk.
"""

from __future__ import annotations

import os
import sys

from .clock import clock

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    Value = str | int | bool | None

FORMAT = 2

# The environment that this process imports from, since a child may be of another Python. It is
# looked up before anything is recorded: Python code that runs while a record is made makes records
# too.
_PYTHON = (
    sys.executable or "",
    os.path.realpath(sys.prefix),
    "%d.%d.%d" % sys.version_info[:3],
)

try:
    from _json import encode_basestring_ascii, make_encoder
except ImportError:  # an interpreter without CPython's accelerator

    def _line(record: tuple[Value, ...]) -> str:
        return "[" + ",".join([_value(each) for each in record]) + "]"

else:
    # The function that json.dumps calls, without its lookups.
    _encode = make_encoder(None, str, encode_basestring_ascii, None, ":", ",", False, False, False)

    def _line(record: tuple[Value, ...]) -> str:
        return "".join(_encode(record, 0))


def _value(value: Value) -> str:
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else _quote(value)


def _quote(text: str) -> str:
    """Return `text` as a JSON string."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"%s"' % "".join(
        character if " " <= character <= "~" else _escaped(character) for character in plain
    )


def _escaped(character: str) -> str:
    code = ord(character)
    if code > 0xFFFF:
        code -= 0x10000
        return "\\u%04x\\u%04x" % (0xD800 + (code >> 10), 0xDC00 + (code & 0x3FF))
    return "\\u%04x" % code


class Memory:
    """The records of a process that will read them itself: nothing is written to disk."""

    def __init__(self) -> None:
        # One flat list: thousands of tuples would make the garbage collector run more often.
        self._flat: list[Value] = []

    @property
    def events(self) -> list[tuple[Value, ...]]:
        """The stored records, in order."""
        flat = list(self._flat)
        events = []
        place = 0
        while place < len(flat):
            size = flat[place]
            assert isinstance(size, int)
            events.append(tuple(flat[place + 1 : place + 1 + size]))
            place += 1 + size
        return events

    def put(self, *record: Value) -> None:
        """Store one record: a kind and its values, strings, whole numbers, booleans or None."""
        self._flat += (len(record), *record)  # in one step: other threads add theirs between

    write = put

    def flush(self) -> None:
        """Do nothing: records in memory need no writing."""

    def close(self) -> None:
        """Do nothing: there is no file."""


class Spool:
    """This process's own append-only file of JSON lines in a folder that several share.

    ``how`` is the way the process was started: ``fresh``, ``python``, ``fork`` or ``interpreter``,
    which is one of several in a process. A full disk or a missing folder never reaches the traced
    code: the records are given up.
    """

    def __init__(self, folder: str, how: str) -> None:
        self._folder = folder
        self._how = how
        self._lines: list[str] = []
        self._fd = -1
        self._file: tuple[int, int] | None = None
        self._lost = False

    def put(self, kind: str, *values: Value) -> None:
        """Store one record until the next :meth:`flush`."""
        self._lines.append(_line((kind, *values)))

    def write(self, kind: str, *values: Value) -> None:
        """Append one record, and the stored ones before it, at once."""
        self.put(kind, *values)
        self.flush()

    def flush(self) -> None:
        """Append the stored records, in one write."""
        lines, self._lines = self._lines, []
        if not lines or self._lost:
            return
        text = "\n".join(lines) + "\n"
        try:
            if self._file is None:
                text = self._open() + text
            elif not self._still_ours():
                self._reopen()
            data = text.encode("ascii")
            while data:
                data = data[os.write(self._fd, data) :]
        except OSError:
            self._lost = True

    def close(self) -> None:
        """Write the rest and close the file."""
        self.flush()
        if self._file is not None and self._still_ours():
            os.close(self._fd)
        self._lost = True

    def _open(self) -> str:
        """Create the file; a number distinguishes the programs that one process id ran in turn."""
        number = 0
        while True:
            self._path = os.path.join(self._folder, "%d-%d.jsonl" % (os.getpid(), number))
            try:
                self._reopen(os.O_CREAT | os.O_EXCL)
                break
            except FileExistsError:
                number += 1
        program = getattr(sys, "orig_argv", None) or getattr(sys, "argv", None) or [sys.executable]
        self.put(
            "process",
            FORMAT,
            os.getpid(),
            os.getppid(),
            self._how,
            " ".join(program)[:200],
            clock(),
            *_PYTHON,
        )
        return self._lines.pop() + "\n"

    def _reopen(self, flags: int = 0) -> None:
        flags |= os.O_WRONLY | os.O_APPEND
        flags |= getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        self._fd = os.open(self._path, flags, 0o600)
        self._file = self._identity()

    def _identity(self) -> tuple[int, int]:
        status = os.fstat(self._fd)
        return status.st_dev, status.st_ino

    def _still_ours(self) -> bool:
        """Return whether the descriptor is still our file's: the traced code may have closed it."""
        try:
            return self._identity() == self._file
        except OSError:
            return False
