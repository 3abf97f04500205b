"""Start interpreters and end them: the one place that spawns processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import IO

from ..base.errors import WrongUseError
from ..base.settings import Settings
from . import process_tree
from .errors import RunFailedError, WrongInterpreterError
from .job import Ended, Job, Report

WORKER = Path(__file__).parent / "worker.py"

# How long a model's threads and exit handlers may take after the report was complete.
_GRACE = 5.0
_KEPT_OUTPUT = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """A Python to run a worker in."""

    executable: Path
    options: tuple[str, ...] = ()
    environment: Mapping[str, str] | None = None
    """Its environment variables; None: those of this process."""
    folder: Path | None = None
    """Its working directory; None: a new empty one."""
    prefix: Path | None = None
    """The environment that it has to come up in, where that is known."""


class Worker:
    """A worker that runs; leaving the ``with`` block ends it and all that it started."""

    def __init__(self, command: Sequence[str], interpreter: Interpreter, scratch: Path) -> None:
        self._results = scratch / "results.jsonl"
        self._interpreter = interpreter
        self._mark = uuid.uuid4().hex
        folder = interpreter.folder or scratch / "cwd"
        if interpreter.folder is None:
            folder.mkdir()
        self._began = time.perf_counter()
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=_marked(interpreter.environment or {}, self._mark),
                # A group of its own, so that what the model started can be ended with it.
                start_new_session=os.name == "posix",
            )
        except OSError as error:
            raise WrongUseError(f"{command[0]} cannot be started: {error.strerror}") from error
        assert self._process.stdout is not None
        self._printed: deque[bytes] = deque()
        self._reader = threading.Thread(
            target=_drain, args=(self._process.stdout, self._printed), daemon=True
        )
        self._reader.start()

    def __enter__(self) -> Worker:
        """Return the worker that runs."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the worker and its children."""
        self._kill()
        self._process.wait()
        self._reader.join(timeout=1.0)

    def wait(self, timeout: float) -> Ended:
        """Wait until the worker has ended, `timeout` seconds at most after its start.

        Raises WrongInterpreterError where it came up in another environment than was meant.
        """
        ended = threading.Event()
        killed = threading.Event()
        watchdog = threading.Thread(target=self._watch, args=(timeout, ended, killed), daemon=True)
        watchdog.start()
        try:
            code = self._process.wait()
        finally:
            ended.set()  # when interrupted too, lest the watchdog shoot at whoever has the id then
        seconds = time.perf_counter() - self._began
        self._kill()
        self._reader.join(timeout=1.0)
        watchdog.join()
        output = b"".join(self._printed)[-_KEPT_OUTPUT:].decode("utf-8", "replace")
        report = Report.read(self._results)
        process_tree.end((report.last("left") or {}).get("pids", ()))
        _check_interpreter(report, self._interpreter)
        return Ended(report, code, killed.is_set(), output, seconds)

    def _watch(self, timeout: float, ended: threading.Event, killed: threading.Event) -> None:
        """Kill the worker at its time limit, or when it will not go although all is reported."""
        deadline = self._began + timeout
        while not ended.wait(min(0.5, max(0.0, deadline - time.perf_counter()))):
            now = time.perf_counter()
            report = Report.read(self._results)
            complete = report.done or report.failure is not None
            if complete and deadline > self._since_report() + _GRACE:
                deadline = self._since_report() + _GRACE
            if now >= deadline:
                if not complete:
                    killed.set()
                self._kill()
                return

    def _since_report(self) -> float:
        """Tell when the report was last written, on this process's clock."""
        age = time.time() - self._results.stat().st_mtime
        return time.perf_counter() - age

    def _kill(self) -> None:
        """Kill the worker and all that it started, whether it itself still lives or not."""
        if sys.platform == "win32":
            if self._process.poll() is None:
                command = ["taskkill", "/F", "/T", "/PID", str(self._process.pid)]
                subprocess.run(command, check=False, capture_output=True)
        else:
            alive = self._process.poll() is None
            unmarked = process_tree.descendants(self._process.pid) if alive else []
            # macOS denies the permission for a group that has only zombies.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            process_tree.end(unmarked)
            process_tree.end_marked(self._mark)


def _marked(environment: Mapping[str, str], mark: str) -> dict[str, str]:
    marks = f"{environment.get(process_tree.MARK, '')} {mark}".strip()
    return {**environment, process_tree.MARK: marks}


def _check_interpreter(report: Report, interpreter: Interpreter) -> None:
    """Raise WrongInterpreterError unless the worker's first words name the interpreter meant."""
    hello = report.last("hello")
    if hello is None or interpreter.prefix is None:
        return
    meant = (interpreter.prefix, interpreter.executable.parent)
    found = (Path(hello["prefix"]), Path(hello["executable"]).parent)
    for one, other in zip(meant, found, strict=True):
        if one.resolve() != other.resolve():
            raise WrongInterpreterError(interpreter.executable, one, str(other))


def _drain(stream: IO[bytes], kept: deque[bytes]) -> None:
    """Read all that is printed and keep the end of it; close the stream."""
    size = 0
    with stream:
        while block := os.read(stream.fileno(), 65536):
            kept.append(block)
            size += len(block)
            while size - len(kept[0]) > _KEPT_OUTPUT:
                size -= len(kept.popleft())


@contextmanager
def scratch() -> Iterator[Path]:
    """Make a temporary folder for a worker's job and report; it is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="modelenv-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def start(job: Job, interpreter: Interpreter, folder: Path, *, probe: Path | None = None) -> Worker:
    """Start a worker on `job` with its files in `folder`, traced where a `probe` is given.

    The trace is spooled to ``spool.jsonl`` in that folder.
    """
    environment = interpreter.environment
    if environment is None:
        environment = Settings.from_environment().environment
    interpreter = replace(interpreter, environment={**environment, **job.environment})
    file = folder / "job.json"
    job.write(file, folder / "results.jsonl")
    command = [str(interpreter.executable), *interpreter.options, str(WORKER), str(file)]
    if probe is not None:
        command += [str(probe), str(folder / "spool.jsonl"), str(job.loader)]
    return Worker(command, interpreter, folder)


def run(job: Job, interpreter: Interpreter, *, timeout: float) -> Ended:
    """Run a job to its end, `timeout` seconds at most."""
    with scratch() as folder, start(job, interpreter, folder) as worker:
        return worker.wait(timeout)


def check_run(ended: Ended, where: str, *, saving: bool = False) -> None:
    """Raise RunFailedError unless the run came to its end; `saving`: a folder was to be written."""
    failure = ended.failure
    if failure is not None:
        raise RunFailedError(
            where,
            failure.stage,
            str(failure),
            failure.detail,
            saving=saving,
            example=failure.example,
        )
