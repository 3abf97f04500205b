"""Start interpreters and end them: the one place that spawns processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
import uuid
from collections import deque
from collections.abc import Mapping, Sequence
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
from ..seal.command import check, command, fit, has_starter
from ..seal.plan import SealPlan
from ..seal.seals import OFF, Seal
from .comparing import outside
from .errors import RunFailedError, WrongInterpreterError
from .job import Ended, Job
from .processes import tree as process_tree
from .processes.child import ChildProcess
from .processes.starter_pipe import StarterPipe
from .processes.tree import KnownProcess
from .report.report import Report
from .report.report_file import ReportFile

WORKER = Path(__file__).parent / "worker.py"
# It reads and writes values by what stands beside it there, as here.
TABLE = WORKER.parent.parent / "table"

# How long a model's threads and exit handlers may take after the report was complete.
_GRACE = 5.0
# How often its report is looked at while it runs.
_GLANCE = 0.1
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
    """A worker that runs within a ``with`` block; leaving it ends it and all that it started."""

    def __init__(
        self,
        program: Sequence[str],
        interpreter: Interpreter,
        plan: SealPlan,
        scratch: Path,
        report: ReportFile,
    ) -> None:
        self._program = program
        self._scratch = scratch
        self._report = report
        self._interpreter = interpreter
        self._plan = plan
        self._mark = uuid.uuid4().hex
        self._family: set[KnownProcess] = set()
        """What it started, as far as it was seen while it lived."""
        self._has_ended = False
        self._began = time.perf_counter()
        self._child = ChildProcess(is_starter=has_starter(interpreter.seal))
        self._printed: deque[bytes] = deque()
        self._reader: threading.Thread | None = None
        self._told = StarterPipe() if has_starter(interpreter.seal) else None

    def __enter__(self) -> Worker:
        """Start it. Raises WrongUseError where it cannot be started."""
        try:
            self._start()
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the worker and its children."""
        self._leave()

    def _start(self) -> None:
        plan = replace(self._plan, environment=_marked(self._plan.environment, self._mark))
        seal = self._interpreter.seal
        environment, folder, tell = plan.environment, plan.folder, None
        if self._told is not None:  # by the order of whose writer the program has both
            ours = Settings.from_environment().environment
            environment, folder, tell = _marked(ours, self._mark), os.sep, self._told.open()
        program = command(seal, plan, self._program, self._scratch, tell=tell)
        try:
            self._child.start(
                program,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=environment,
                pass_fds=() if tell is None else (tell,),
            )
        except OSError as error:
            reason = f"{self._program[0]} cannot be started: {error.strerror}"
            raise WrongUseError(reason) from error
        printed = self._child.process.stdout
        assert printed is not None
        self._reader = threading.Thread(target=_drain, args=(printed, self._printed), daemon=True)
        self._reader.start()

    def _leave(self) -> None:
        try:
            self._end()
        finally:
            self._report.close()
            if self._told is not None:
                self._told.close()

    def wait(self, timeout: float) -> Ended:
        """Wait until the worker has ended, `timeout` seconds at most after its start.

        Raises WrongInterpreterError where it came up in another environment than was meant,
        SealFailedError where it could not be sealed, and WrongUseError where it cannot be started.
        """
        timed_out = self._follow(timeout)
        seconds = time.perf_counter() - self._began
        code = self._end()
        told = None if self._told is None else self._told.read()
        code = told if code is None else code
        report = self._report.read()
        output = b"".join(self._printed)[-_KEPT_OUTPUT:].decode("utf-8", "replace")
        seal = self._interpreter.seal
        if report == Report():  # whoever has spoken was started
            check(seal, code, output)
        _check_interpreter(report, self._interpreter)
        left = tuple(str(each) for each in self._family if each.lives)
        ended = Ended(report, code, timed_out, output, seconds, seal, timeout, left=left)
        if self._told is not None and told is None and not seal.own_processes:
            died = code is None or code < 0
            ended = replace(ended, was_supervised=not died)
        return replace(ended, leaks=self._leaks(ended))

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

    def _follow(self, timeout: float) -> bool:
        """Wait for its end, its time limit or the last of its words; return whether it was late.

        What it starts is noted meanwhile, where it is among all others of the machine.
        """
        deadline = self._began + timeout
        while not self._child.ended_within(min(_GLANCE, deadline - time.perf_counter())):
            report = self._report.read()
            if report.nonsense:
                return False
            if report.is_final:
                deadline = min(deadline, self._report.heard + _GRACE)
            if time.perf_counter() >= deadline:
                return not report.is_final
            self._meet_family()
        return False

    def _meet_family(self) -> None:
        """Note what it has started; in a seal of its own processes nothing can get away."""
        if not self._interpreter.seal.own_processes and not self._child.ended_within(0):
            self._family |= process_tree.descendants(self._child.pid)

    def _end(self) -> int | None:
        """End the worker and all that it started, whether it itself still lives or not.

        Return its exit code; negative: the signal that killed it; None: nobody can know.
        """
        if not self._has_ended and self._child.was_started:
            self._meet_family()
            self._child.end()
            process_tree.end(self._family)
            process_tree.end_marked(self._mark)
            if self._reader is not None:
                self._reader.join(timeout=1.0)
            self._has_ended = True
        return self._child.bury()


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
    results = folder / "results.jsonl"
    replace(job, loader=loader).write(file, results)
    # -B: a run leaves nothing beside the code that it imports.
    options = ("-B", *interpreter.options)
    if job.made is not None and interpreter.prefix is not None:
        options += ("-I",)  # the user's own Python may find its libraries by variables
    program = [str(interpreter.executable), *options, str(_seen(plan, WORKER))]
    program.append(str(file))
    if probe is not None:
        program += [plan.seen(str(probe)), str(folder / _SPOOL), str(loader)]
        program += ["everything"] if interpreter.seal.kind == "watch" else []
    return Worker(program, interpreter, plan, folder, ReportFile(results, job.output))


def _plan(job: Job, interpreter: Interpreter, folder: Path, probe: Path | None) -> SealPlan:
    """Return what is there for one run, and make its working folder."""
    own = None if job.made is not None else interpreter.folder
    working = own or folder / "cwd"
    if own is None:
        working.mkdir()
        if job.working is not None:
            shutil.copytree(job.working, working, dirs_exist_ok=True)
    variables = interpreter.environment
    if variables is None:
        variables = Settings.from_environment().environment
    ours = {"worker": WORKER.parent, "table": TABLE, "probe": probe}
    if job.folder is None and job.made is None:
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
