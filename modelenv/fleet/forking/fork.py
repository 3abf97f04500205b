"""The run of one model in a fork, observed by its parent."""

from __future__ import annotations

import os
import select
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from ...base.files.bounded import read_bytes
from ...seal.command import check, order_within
from ...worker import process
from ...worker.job import Ended, Job
from ...worker.process import Interpreter
from ...worker.report.report import Report
from ...worker.report.report_file import ReportFile

_GRACE = 5.0
_GLANCE = 0.1
_KEPT_OUTPUT = 64 * 1024
_BLOCK, _BLOCKS = 64 * 1024, 16
# As in the fork's modules, which only the model's Python imports.
_PRINTED = "printed"
_LARGEST_UNASKED = 1_000_000  # bytes
_UNASKED = "unasked"


@dataclass(frozen=True, slots=True)
class Forked:
    """The end of a model's run in a fork, with its cost."""

    ended: Ended
    cpu: float
    """The CPU time of all its processes, in seconds."""
    unasked: frozenset[str] = frozenset()
    """Modules that it got without importing them; if there are any, the result does not count."""


class Fork:
    """A run of `job` with its files in `folder`, within a ``with`` block."""

    def __init__(self, job: Job, interpreter: Interpreter, folder: Path, timeout: float) -> None:
        self._interpreter, self._timeout, self._folder = interpreter, timeout, folder
        plan, _, _ = process.lay_out(job, interpreter, folder)
        order_within(interpreter.seal, plan, folder)
        self._printed = b""
        os.mkfifo(folder / _PRINTED, 0o600)
        # Both ends are held here: so it never reaches its end, and opening it does not block.
        self._pipe = os.open(folder / _PRINTED, os.O_RDWR | os.O_NONBLOCK)
        self._report = ReportFile(folder / process.RESULTS, job.output)
        self._began = time.perf_counter()
        self._deadline = self._began + timeout

    def __enter__(self) -> Fork:
        """Return the run itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close its files."""
        self._report.close()
        os.close(self._pipe)

    def is_over(self, answers: int) -> bool:
        """Wait for a while, or for data from `answers`; return whether the time is up."""
        ready, _, _ = select.select([answers, self._pipe], [], [], _GLANCE)
        if answers in ready:
            return False
        self._drain()
        report = self._report.read()
        if report.is_final:
            self._deadline = min(self._deadline, self._report.heard + _GRACE)
        return bool(report.nonsense) or time.perf_counter() >= self._deadline

    def _drain(self) -> None:
        """Read the printed output that is available, without waiting for more."""
        with suppress(BlockingIOError):
            for _ in range(_BLOCKS):
                self._printed = (self._printed + os.read(self._pipe, _BLOCK))[-_KEPT_OUTPUT:]

    def ended(self, answer: str | None) -> Forked:
        """Return how it ended, from the host's `answer`; None: this process ended it.

        Raises SealFailedError if it could not be sealed.
        """
        seconds = time.perf_counter() - self._began
        self._drain()
        report = self._report.read()
        status, cpu = answer.split() if answer is not None else ("", "0")
        code = os.waitstatus_to_exitcode(int(status)) if status else None
        output = self._printed.decode("utf-8", "replace")
        if report == Report():
            check(self._interpreter.seal, code, output)
        if (hello := report.last("hello")) is not None:
            process.check_interpreter(hello, self._interpreter)
        timed_out = answer is None and not (report.is_final or report.nonsense)
        return Forked(
            Ended(report, code, timed_out, output, seconds, self._interpreter.seal, self._timeout),
            float(cpu),
            self._unasked() if report.done else frozenset(),
        )

    def _unasked(self) -> frozenset[str]:
        try:
            said = read_bytes(self._folder / _UNASKED, largest=_LARGEST_UNASKED)
        except FileNotFoundError:  # it ended before
            return frozenset()
        return frozenset(said.decode("utf-8", "replace").split())
