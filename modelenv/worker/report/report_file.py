"""Read the file that a worker reports to, while it grows and within limits."""

from __future__ import annotations

import os
import stat
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from ...base.files.bounded import UntrustedFileError, parse_json
from .events import Event, nonsense_of
from .report import Report


@dataclass(frozen=True, slots=True)
class ReportBounds:
    """Limits on a worker's report.

    The longest line is the description of a prediction: for 100,000 columns it takes 6 MB. There
    are a dozen events.
    """

    bytes: int = 16_000_000
    line: int = 8_000_000
    events: int = 1000


BOUNDS = ReportBounds()


class ReportFile:
    """The report of one run, in a file that is created here and stays open.

    So the same file is read, whatever is put in its place later. `output` is where the
    prediction is to be written, without a suffix.
    """

    def __init__(
        self, file: Path, output: Path | None = None, bounds: ReportBounds = BOUNDS
    ) -> None:
        self._file = file
        self._output = output
        self._bounds = bounds
        flags = os.O_RDONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        self._descriptor = os.open(file, flags, 0o600)
        self._read = 0
        self._rest = b""
        self._lines = 0
        self._events: list[Event] = []
        self._nonsense = ""
        self.heard = time.perf_counter()
        """The time of its last event, by this process's clock."""

    @property
    def report(self) -> Report:
        """The report, as far as it has been read."""
        return Report(tuple(self._events), self._nonsense)

    def read(self) -> Report:
        """Read the new lines, and return the whole report; after a fault nothing more is read."""
        if not self._nonsense:
            self._nonsense = self._replaced() or self._read_on()
        return self.report

    def close(self) -> None:
        """Close the file; the report read so far stays."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _replaced(self) -> str:
        """Return what has replaced the file; empty if it is still there."""
        if sys.platform == "win32":  # an open file can be neither removed nor renamed there
            return ""
        try:
            found = os.lstat(self._file)
        except OSError:
            return "its report was removed"
        own = os.fstat(self._descriptor)
        if (found.st_dev, found.st_ino) == (own.st_dev, own.st_ino):
            return ""
        kinds = {stat.S_IFREG: "another file", stat.S_IFDIR: "a folder", stat.S_IFLNK: "a link"}
        kinds |= {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
        kind = kinds.get(stat.S_IFMT(found.st_mode), "a device")
        return f"its report was replaced by {kind}"

    def _read_on(self) -> str:
        """Read the complete new lines; return the fault of an invalid one."""
        size = os.fstat(self._descriptor).st_size
        if size > self._bounds.bytes:
            return f"its report is larger than any ({self._bounds.bytes:,} bytes)"
        if size < self._read:
            return "its report was cut short"
        data = self._fresh(size - self._read)
        if data:
            self.heard = time.perf_counter()
        self._read += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if nonsense := self._take(line):
                return nonsense
        return self._too_long(self._rest)

    def _fresh(self, size: int) -> bytes:
        blocks = []
        os.lseek(self._descriptor, self._read, os.SEEK_SET)
        while size > 0 and (block := os.read(self._descriptor, min(size, 1 << 20))):
            blocks.append(block)
            size -= len(block)
        return b"".join(blocks)

    def _take(self, line: bytes) -> str:
        self._lines += 1
        if self._lines > self._bounds.events:
            return f"there are more than {self._bounds.events:,} lines of it"
        if nonsense := self._too_long(line):
            return nonsense
        try:
            event = parse_json(line, self._file)
        except UntrustedFileError as error:
            return f"line {self._lines} of it {error.reason.partition(' at ')[0]}"
        nonsense = nonsense_of(event, self._events, self._output)
        if not nonsense:
            self._events.append(event)
        return nonsense

    def _too_long(self, line: bytes) -> str:
        if len(line) <= self._bounds.line:
            return ""
        return f"a line of it is longer than any ({self._bounds.line:,} bytes)"
