"""Messages from forked children, through a pipe."""

from __future__ import annotations

import json
import os

from .audit import AUDIT

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Iterator

_AT_ONCE = 65536
_LONGEST = 4000  # bytes that are written to a pipe atomically (Linux: 4096)


class Forks:
    """Messages from forked children; nothing is opened before the first fork."""

    def __init__(self) -> None:
        self.happened = False
        self._handlers = {"os.fork": self._forking, "os.forkpty": self._forking}
        self._pid = os.getpid()
        self._ends: tuple[int, int] | None = None
        self._pipe: tuple[int, int] | None = None
        self._left = b""
        self._told: set[tuple[str, str]] = set()

    def listen(self) -> None:
        """Begin to notice forks of this process."""
        AUDIT.listen(self._handlers)

    @property
    def in_child(self) -> bool:
        """Whether this process is a child of the one that is watched."""
        return self.happened and os.getpid() != self._pid

    def told(self, kind: str, name: str) -> bool:
        """Return whether a child reported a name."""
        return (kind, name) in self._told

    def forget(self, kind: str, name: str) -> None:
        """Forget that a child reported a name."""
        self._told.discard((kind, name))

    def tell(self, kind: str, name: str, by: str) -> None:
        """Report a name to the parent; if that fails it is lost, and the running code goes on."""
        line = json.dumps([kind, name, by]) + "\n"
        if self._ends is None or len(line) > _LONGEST:
            return
        try:
            if self._identity(self._ends[1]) == self._pipe:  # the code may have closed it
                os.write(self._ends[1], line.encode("ascii"))
        except OSError:  # it is closed, or full
            return

    def read(self) -> Iterator[tuple[str, str, str]]:
        """Return the names that children reported since the last time."""
        return iter(list(self._lines()))

    def close(self) -> None:
        """Stop noticing forks, and close the pipe."""
        AUDIT.leave(self._handlers)
        if self._ends is not None:
            for end in self._ends:
                os.close(end)
            self._ends = None

    def _forking(self) -> None:
        if self._ends is None and not self.happened:
            try:
                self._ends = os.pipe()
                for end in self._ends:
                    os.set_blocking(end, False)
                self._pipe = self._identity(self._ends[1])
            except OSError:  # too many files are open
                self._ends = None
        self.happened = True

    def _lines(self) -> Iterator[tuple[str, str, str]]:
        try:
            if self._ends is None or self._identity(self._ends[0]) != self._pipe:
                return
            data = self._left + os.read(self._ends[0], _AT_ONCE)
        except OSError:  # there was no message
            return
        *lines, self._left = data.split(b"\n")
        for line in lines:
            try:
                kind, name, by = json.loads(line)
            except ValueError:
                continue
            if all(isinstance(each, str) for each in (kind, name, by)):
                self._told.add((kind, name))
                yield kind, name, by

    def _identity(self, end: int) -> tuple[int, int]:
        status = os.fstat(end)
        return status.st_dev, status.st_ino
