"""Start interpreters and end them: the one place that spawns processes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import IO

from ..base.errors import WrongUseError
from ..base.files.scratch import scratch_folder, without_scratch
from ..base.run_variables import NO_BYTECODE
from ..base.settings import Settings
from ..base.siblings import tracer
from ..seal import leaks
from ..seal.command import check, command, fit
from ..seal.plan import SealPlan
from ..seal.seals import OFF, Seal
from . import process_tree
from .comparing import outside
from .errors import RunFailedError, WrongInterpreterError
from .job import Ended, Job, Report

WORKER = Path(__file__).parent / "worker.py"
# It reads and writes values by what stands beside it there, as here.
TABLE = WORKER.parent.parent / "table"

# How long a model's threads and exit handlers may take after the report was complete.
_GRACE = 5.0
_KEPT_OUTPUT = 64 * 1024
_SPOOL = "spool.jsonl"
# Where a sealed process sees what of ours it runs: nothing there can be imported by our name.
_OURS = "/run/modelenv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """A Python to run a worker in."""

    executable: Path
    options: tuple[str, ...] = ()
    environment: Mapping[str, str] | None = None
    """Its environment variables; None: those of this process."""
    seal: Seal = OFF
    plan: SealPlan | None = None
    """What is there for it in its seal, but for the files of a run; None: it cannot be sealed."""
    folder: Path | None = None
    """Its working directory; None: a new empty one."""
    prefix: Path | None = None
    """The environment that it has to come up in, where that is known."""


class Worker:
    """A worker that runs; leaving the ``with`` block ends it and all that it started."""

    def __init__(
        self,
        program: Sequence[str],
        interpreter: Interpreter,
        plan: SealPlan,
        scratch: Path,
    ) -> None:
        self._scratch = scratch
        self._results = scratch / "results.jsonl"
        self._interpreter = interpreter
        self._plan = plan
        self._mark = uuid.uuid4().hex
        self._began = time.perf_counter()
        try:
            self._process = subprocess.Popen(
                command(interpreter.seal, plan, program, scratch),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=plan.folder,
                env=_marked(plan.environment, self._mark),
                # A group of its own, so that what the model started can be ended with it.
                start_new_session=os.name == "posix",
            )
        except OSError as error:
            raise WrongUseError(f"{program[0]} cannot be started: {error.strerror}") from error
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

        Raises WrongInterpreterError where it came up in another environment than was meant, and
        SealFailedError where it could not be sealed.
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
        seal = self._interpreter.seal
        check(seal, code, output)
        report = Report.read(self._results)
        if not seal.own_processes:  # their numbers would be other processes here
            process_tree.end((report.last("left") or {}).get("pids", ()))
        _check_interpreter(report, self._interpreter)
        end = Ended(report, code, killed.is_set(), output, seconds, seal, timeout)
        return replace(end, leaks=self._leaks(end))

    def _leaks(self, ended: Ended) -> tuple[leaks.Leak, ...]:
        """Return what the run used, or missed, of what its plan does not allow."""
        if ended.seal.kind == "off":
            return ()
        watched: tuple[leaks.Leak, ...] = ()
        if ended.seal.kind == "watch":
            seen = tracer.read_spool(self._scratch / _SPOOL)
            modules = (tracer.Touch("file", file) for file in seen.files)
            watched = leaks.of_touches((*seen.touches, *modules), self._plan)
        failure = ended.failure
        if failure is None:
            return watched
        missed = leaks.of_failure(f"{failure.detail}\n{failure}", self._plan)
        return watched if missed is None else tuple(dict.fromkeys((missed, *watched)))

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


def start(job: Job, interpreter: Interpreter, folder: Path, *, probe: Path | None = None) -> Worker:
    """Start a worker on `job` with its files in `folder`, traced where a `probe` is given.

    The trace is spooled to ``spool.jsonl`` in that folder.
    """
    job = job.without_dots()
    plan = fit(_plan(job, interpreter, folder, probe), interpreter.seal, folder)
    loader = _seen(plan, job.loader)
    file = folder / "job.json"
    replace(job, loader=loader).write(file, folder / "results.jsonl")
    # -B: a run leaves nothing beside the code that it imports.
    program = [str(interpreter.executable), "-B", *interpreter.options, str(_seen(plan, WORKER))]
    program.append(str(file))
    if probe is not None:
        program += [plan.seen(str(probe)), str(folder / _SPOOL), str(loader)]
        program += ["everything"] if interpreter.seal.kind == "watch" else []
    return Worker(program, interpreter, plan, folder)


def _plan(job: Job, interpreter: Interpreter, folder: Path, probe: Path | None) -> SealPlan:
    """Return what is there for one run, and make its working folder."""
    working = interpreter.folder or folder / "cwd"
    if interpreter.folder is None:
        working.mkdir()
        if job.working is not None:
            shutil.copytree(job.working, working, dirs_exist_ok=True)
    variables = interpreter.environment
    if variables is None:
        variables = Settings.from_environment().environment
    ours = {"worker": WORKER.parent, "table": TABLE, "probe": probe}
    if job.folder is None:
        ours["loader"] = job.loader.parent
    plan = interpreter.plan or SealPlan(reads=(), environment=variables)
    plan = replace(plan, environment={**plan.environment, **job.environment, NO_BYTECODE: "1"})
    return plan.of_run(
        reads=map(str, job.reads),
        writes=map(str, (folder, *job.writes)),
        folder=str(working),
        elsewhere=[(str(path), f"{_OURS}/{name}") for name, path in ours.items() if path],
    )


def _seen(plan: SealPlan, file: Path) -> Path:
    return Path(plan.seen(str(file.parent)), file.name)


def run(job: Job, interpreter: Interpreter, *, timeout: float) -> Ended:
    """Run a job to its end, `timeout` seconds at most, and watched where its seal is that.

    A prediction that is to be compared is compared outside of the process that made it.
    """
    if not outside.compares(job):
        return _run(job, interpreter, timeout)
    with scratch_folder() as folder:
        stem = folder / "prediction"
        return outside.run(job, stem, lambda each: _run(each, interpreter, timeout))


def _run(job: Job, interpreter: Interpreter, timeout: float) -> Ended:
    probe = tracer.probe_folder() if interpreter.seal.kind == "watch" else None
    with scratch_folder() as folder, start(job, interpreter, folder, probe=probe) as worker:
        return worker.wait(timeout)


def check_run(ended: Ended, where: str, *, saving: bool = False) -> None:
    """Raise RunFailedError unless the run came to its end; `saving`: a folder was to be written."""
    failure = ended.failure
    if failure is not None:
        raise RunFailedError(
            where,
            failure.stage,
            "; ".join((without_scratch(str(failure)), *(leak.remedy for leak in ended.leaks))),
            without_scratch(failure.detail),
            saving=saving,
            example=failure.example,
        )
