"""The last message of a starter: how the program below it ended."""

from __future__ import annotations

import os
import sys

if sys.platform != "win32":
    import fcntl

_FIRST_FREE = 3  # after the descriptors that every program is started with


class StarterPipe:
    """A pipe from a starter to this process; a starter that was killed sends nothing."""

    def __init__(self) -> None:
        self._descriptors: tuple[int, ...] = ()

    def open(self) -> int:
        """Open the pipe and return the descriptor that the starter has to inherit."""
        self._descriptors = os.pipe()
        if sys.platform != "win32" and self._descriptors[1] < _FIRST_FREE:  # ours were closed
            higher = fcntl.fcntl(self._descriptors[1], fcntl.F_DUPFD_CLOEXEC, _FIRST_FREE)
            os.close(self._descriptors[1])
            self._descriptors = (self._descriptors[0], higher)
        return self._descriptors[1]

    def read(self) -> int | None:
        """Return the exit code, or minus the signal; None if nothing was sent so far."""
        if not self._descriptors:
            return None
        os.set_blocking(self._descriptors[0], False)
        try:
            told = os.read(self._descriptors[0], 20)
            return os.waitstatus_to_exitcode(int(told))
        except (OSError, ValueError):  # nothing was written, or something else was
            return None

    def close(self) -> None:
        """Close both ends."""
        descriptors, self._descriptors = self._descriptors, ()
        for each in descriptors:
            os.close(each)
