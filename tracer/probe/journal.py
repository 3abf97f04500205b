"""A journal of new names in a file that others can read after this process has died."""

from __future__ import annotations

import json
import os

_MOST = 200_000  # bytes between two truncations


class Journal:
    """A file with a line for each new name, until the names are handed out otherwise.

    Forked children write to it too. A line that cannot be written is lost, without an error.
    """

    def __init__(self, file: str) -> None:
        self._size = 0
        self._end = -1
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        try:
            self._end = os.open(file, flags, 0o600)
            self._file = os.fstat(self._end)
        except OSError:
            self._end = -1

    def note(self, kind: str, name: str, by: str) -> None:
        """Add a line: the kind, the name and the code that asked for it."""
        line = (json.dumps([kind, name, by]) + "\n").encode("ascii")
        if self._size + len(line) <= _MOST and self._is_open():
            self._size += len(line)
            try:
                os.write(self._end, line)
            except OSError:  # the disk is full
                return

    def empty(self) -> None:
        """Remove all lines."""
        if self._size and self._is_open():
            self._size = 0
            try:
                os.ftruncate(self._end, 0)
            except OSError:
                return

    def close(self) -> None:
        """Close the file."""
        if self._is_open():
            os.close(self._end)
        self._end = -1

    def _is_open(self) -> bool:
        """Return whether the descriptor is still the file's: the traced code may have closed it."""
        if self._end < 0:
            return False
        try:
            return os.path.samestat(os.fstat(self._end), self._file)
        except OSError:
            return False
