"""Start and end interpreters: the only place that spawns processes."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ..base.files.scratch import scratch_folder, without_scratch
from ..base.run_variables import NO_BYTECODE
from ..base.settings import Settings
from ..seal.command import check, fit
from ..seal.plan import SealPlan
from ..seal.seals import OFF, Seal
from .errors import RunFailedError, WrongInterpreterError
from .job import Ended, Job, Material
from .processes.sealed import SealedProcess
from .report.report import Report
from .report.report_file import ReportFile

if TYPE_CHECKING:
    from ..seal.leaks import Leak

# Installers may link each file to their cache, which a seal does not show: all of it is there.
WORKER = Path(__file__).resolve().parent / "worker.py"
# The worker reads and writes values with this package, which lies beside its own.
TABLE = WORKER.parent.parent / "table"

# Seconds for a model's threads and exit handlers after the report is complete.
_GRACE = 5.0
# Seconds between two checks of the report during a run.
_GLANCE = 0.1
_SPOOL = "spool.jsonl"
RESULTS = "results.jsonl"
"""The name of the worker's report, in the folder of its files."""
# The place of modelenv's files in a seal, where nothing can be imported by their names.
OURS = "/run/modelenv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """A Python to run a worker in."""

    executable: Path
    options: tuple[str, ...] = ()
    environment: Mapping[str, str] | None = None
    """Its environment variables; None for those of this process."""
    seal: Seal = OFF
    plan: SealPlan | None = None
    """The paths that its seal shows besides the files of a run; None if it cannot be sealed."""
    folder: Path | None = None
    """Its working directory; None for a new empty one."""
    prefix: Path | None = None
    """The environment in which it is supposed to start, if known."""


class Worker:
    """A worker as a context manager, whose exit ends it and all processes that it started."""

    def __init__(
        self,
        program: Sequence[str],
        interpreter: Interpreter,
        plan: SealPlan,
        scratch: Path,
        report: ReportFile,
    ) -> None:
        self._scratch = scratch
        self._report = report
        self._interpreter = interpreter
        self._plan = plan
        self._began = time.perf_counter()
        self._process = SealedProcess(program, interpreter.seal, plan, scratch)

    def __enter__(self) -> Worker:
        """Start the worker. Raises WrongUseError if it cannot be started."""
        try:
            self._process.start()
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
        """End the worker and the processes that it started."""
        self._leave()

    def _leave(self) -> None:
        try:
            self._process.end()
        finally:
            self._report.close()
            self._process.close()

    @property
    def has_ended(self) -> bool:
        """Whether the worker has ended by itself."""
        return self._process.ended_within(0)

    def wait(self, timeout: float) -> Ended:
        """Wait for the worker's end, until `timeout` seconds after its start.

        Raises WrongInterpreterError if it started in another environment than intended,
        SealFailedError if it could not be sealed, and WrongUseError if it cannot be started.
        """
        timed_out = self._follow(timeout)
        seconds = time.perf_counter() - self._began
        code = self._process.end()
        report, output = self._report.read(), self._process.printed
        seal = self._interpreter.seal
        if report == Report():  # a process that has reported anything was started
            check(seal, code, output)
        hello = report.last("hello")
        if hello is not None:
            check_interpreter(hello, self._interpreter)
        ended = Ended(
            report,
            code,
            timed_out,
            output,
            seconds,
            seal,
            timeout,
            left=self._process.left,
            was_supervised=self._process.was_supervised,
        )
        return replace(ended, leaks=self._leaks(ended))

    def _leaks(self, ended: Ended) -> tuple[Leak, ...]:
        """Return what the run used, or tried to use, outside its plan."""
        if ended.seal.kind == "off":
            return ()
        from ..seal import leaks  # it is only needed after a run has ended

        watched: tuple[Leak, ...] = ()
        if ended.seal.kind == "watch":
            from ..base.siblings import tracer  # it is seldom needed

            seen = tracer.read_spool(self._scratch / _SPOOL)
            modules = (tracer.Touch("file", file) for file in seen.files)
            watched = leaks.of_touches((*seen.touches, *modules), self._plan)
        failure = ended.failure
        if failure is None:
            return watched
        missed = leaks.of_failure(f"{failure.detail}\n{failure}", self._plan)
        return watched if missed is None else tuple(dict.fromkeys((missed, *watched)))

    def _follow(self, timeout: float) -> bool:
        """Wait for its end, its time limit or its final report; return whether it was too late.

        Meanwhile its child processes are noted, if they have to be found among all processes.
        """
        deadline = self._began + timeout
        while not self._process.ended_within(min(_GLANCE, deadline - time.perf_counter())):
            report = self._report.read()
            if report.nonsense:
                return False
            if report.is_final:
                deadline = min(deadline, self._report.heard + _GRACE)
            if time.perf_counter() >= deadline:
                return not report.is_final
            self._process.meet_family()
        return False


def check_interpreter(hello: Mapping[str, Any], interpreter: Interpreter) -> None:
    """Raise WrongInterpreterError unless a worker's first report names the intended interpreter."""
    if interpreter.prefix is None:
        return
    meant = (interpreter.prefix, interpreter.executable.parent)
    found = (Path(hello["prefix"]), Path(hello["executable"]).parent)
    for one, other in zip(meant, found, strict=True):
        if one.resolve() != other.resolve():
            raise WrongInterpreterError(interpreter.executable, one, str(other))


def start(job: Job, interpreter: Interpreter, folder: Path, *, probe: Path | None = None) -> Worker:
    """Start a worker on `job` with its files in `folder`, traced where a `probe` is given.

    The trace is spooled to ``spool.jsonl`` in that folder.
    """
    job = job.without_dots()
    plan, loader, file = lay_out(job, interpreter, folder, probe)
    # -B: a run writes no bytecode beside the code that it imports.
    options = ("-B", *interpreter.options)
    if job.made is not None and interpreter.prefix is not None:
        options += ("-I",)  # the user's own Python may need variables to find its libraries
    program = [str(interpreter.executable), *options, str(seen(plan, WORKER))]
    program.append(str(file))
    if probe is not None:
        program += [plan.seen(str(probe)), str(folder / _SPOOL), str(loader)]
        program += ["everything"] if interpreter.seal.kind == "watch" else []
    return Worker(program, interpreter, plan, folder, ReportFile(folder / RESULTS, job.output))


def lay_out(
    job: Job, interpreter: Interpreter, folder: Path, probe: Path | None = None
) -> tuple[SealPlan, Path, Path]:
    """Write a worker's job into `folder`; return its plan, the loader's path there, and the file.

    The paths of the job contain no `..`.
    """
    own = None if job.made is not None else interpreter.folder
    plan = plan_run(job, interpreter, folder, rooms_of(job, probe), folder=own)
    loader = seen(plan, job.loader)
    file = folder / "job.json"
    replace(job, loader=loader).write(file, folder / RESULTS)
    return plan, loader, file


def rooms_of(job: Job, probe: Path | None = None) -> Mapping[str, Path]:
    """Return the modelenv packages that a worker runs for `job`, by the names that it sees."""
    rooms = {"worker": WORKER.parent, "table": TABLE}
    if probe is not None:
        rooms["probe"] = probe
    if job.folder is None and job.made is None:
        rooms["loader"] = job.loader.parent
    return rooms


def plan_run(
    material: Material,
    interpreter: Interpreter,
    scratch: Path,
    rooms: Mapping[str, Path],
    *,
    folder: Path | None,
) -> SealPlan:
    """Return the plan of one run with its files in `scratch`, and create its working folder.

    The working folder is `folder`, or a new one for None. The run sees modelenv's own `rooms` under
    their names, apart from everything else.
    """
    working = folder or scratch / "cwd"
    if folder is None:
        working.mkdir()
        if material.working is not None:
            shutil.copytree(material.working, working, dirs_exist_ok=True)
    variables = interpreter.environment
    if variables is None:
        variables = Settings.from_environment().environment
    plan = interpreter.plan or SealPlan(reads=(), environment=variables)
    plan = replace(plan, environment={**plan.environment, **material.environment, NO_BYTECODE: "1"})
    plan = plan.of_run(
        reads=map(str, material.reads),
        writes=map(str, (scratch, *material.writes)),
        folder=str(working),
        elsewhere=[(str(path), f"{OURS}/{name}") for name, path in rooms.items()],
    )
    return fit(plan, interpreter.seal, scratch)


def seen(plan: SealPlan, file: Path) -> Path:
    """Return the path at which a process under that plan sees one of modelenv's files."""
    return Path(plan.seen(str(file.parent)), file.name)


def run(job: Job, interpreter: Interpreter, *, timeout: float) -> Ended:
    """Run a job to its end, with a time limit of `timeout` seconds; return how it ended.

    A prediction is compared outside of the process that made it.
    """
    from .comparing import outside  # needed only for most comparisons

    if not outside.compares(job):
        return run_once(job, interpreter, timeout=timeout)
    with scratch_folder() as folder:
        stem = folder / "prediction"
        return outside.run(job, stem, lambda each: run_once(each, interpreter, timeout=timeout))


def run_once(job: Job, interpreter: Interpreter, *, timeout: float) -> Ended:
    """Run a job in a single process, which also makes any comparison."""
    probe = None
    if interpreter.seal.kind == "watch":
        from ..base.siblings import tracer

        probe = tracer.probe_folder()
    with scratch_folder() as folder, start(job, interpreter, folder, probe=probe) as worker:
        return worker.wait(timeout)


def check_run(
    ended: Ended, where: str, *, saving: bool = False, hints: tuple[str, ...] = ()
) -> None:
    """Raise RunFailedError unless the run completed; `saving` if a folder was to be written.

    `hints` are sentences of the caller's on the cause, for the error.
    """
    failure = ended.failure
    if failure is not None:
        raise RunFailedError(
            where,
            failure.stage,
            "; ".join((without_scratch(str(failure)), *ended.remedies)),
            without_scratch(failure.detail),
            saving=saving,
            example=failure.example,
            missing=failure.missing,
            hints=hints,
        )
