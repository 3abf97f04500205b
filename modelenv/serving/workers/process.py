"""Start a process that serves a model, in its environment and its seal, and end it."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from ...base.files.scratch import scratch_folder, without_scratch
from ...base.siblings import tracer
from ...folder.model_folder import ModelFolder
from ...run.incoming import like_of, told_by
from ...run.signature import Signature
from ...seal.command import check
from ...seal.seals import Seal
from ...worker.errors import RunFailedError
from ...worker.frames import BrokenFrameError
from ...worker.job import Material
from ...worker.process import TABLE, WORKER, Interpreter, plan_run, seen
from ...worker.processes import tree as process_tree
from ...worker.processes.answering import (
    check_hello,
    check_loaded,
    ending,
    failed_run,
    start_program,
)
from ...worker.processes.sealed import SealedProcess
from .channel import Channel
from .journal import read_journal

INSIDE = Path(__file__).resolve().parent.parent / "inside"
_PROGRAM = INSIDE / "serving_worker.py"
_JOURNAL = "journal.jsonl"
# Seconds in which a process may end by itself, once its connection is closed or broken.
_GRACE = 1.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingJob(Material):
    """A model to serve; its input is the example that it predicts on first."""

    like: Mapping[str, Any]
    """The description of inputs: see `like_of`."""
    params: Sequence[Mapping[str, Any]] = ()
    """The parameters in its signature, as MLflow writes them."""
    path: tuple[str, ...] | None = None
    """The whole ``sys.path``; None keeps the interpreter's own."""
    memory: int | None = None
    """The memory limit of each of its processes in bytes, where the system can limit that."""
    watch: Mapping[str, Any] | None = None
    """The touches of its capture, so that new ones are reported; None to report none."""

    @classmethod
    def of(
        cls,
        folder: ModelFolder,
        *,
        memory: int | None = None,
        watch: Mapping[str, Any] | None = None,
    ) -> ServingJob:
        """Return the job of serving the model in a folder."""
        material = folder.job(folder.example)
        signature = Signature.of(folder.document)
        params = signature.params if signature and isinstance(signature.params, list) else []
        return cls(
            **{each.name: getattr(material, each.name) for each in fields(Material)},
            like=like_of(told_by(folder)),
            params=[field for field in params if isinstance(field, dict)],
            memory=memory,
            watch=watch,
        )

    def without_dots(self) -> ServingJob:
        """Return it with no `..` in its paths, since a seal does not show those parents."""
        return replace(self, **self.plain_paths())

    def write(self, file: Path) -> None:
        """Write the job to a file for the worker."""
        file.write_text(json.dumps(asdict(self), default=str), "utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessLimits:
    """Limits on a process: the time to start, and the size of an answer."""

    start: float = 600.0
    """Seconds for loading the model and predicting on its example."""
    largest: int = 2**30
    """The largest body of an answer in bytes."""


class ServingProcess:
    """A process that has loaded its model, and the server's end of the sockets to it."""

    def __init__(
        self,
        process: SealedProcess,
        channel: Channel,
        seal: Seal,
        stack: ExitStack,
        journal: Path | None = None,
    ) -> None:
        self.channel = channel
        self.seal = seal
        self._process = process
        self._journal = journal
        self._stack = stack
        self._code: int | None = None
        self._ending: asyncio.Future[str] | None = None

    @property
    def pid(self) -> int:
        """Its process id, or that of the starter between it and this process."""
        return self._process.pid

    @property
    def printed(self) -> str:
        """The last lines of its output."""
        return without_scratch(self._process.printed)

    @property
    def memory(self) -> int | None:
        """The memory of it and its descendants in bytes; None if the system does not tell."""
        return process_tree.memory_of(self._process.pid)

    @property
    def met(self) -> Mapping[str, Any]:
        """Unforeseen touches since its last answer, by kind and name."""
        return {} if self._journal is None else read_journal(self._journal)

    async def end(self) -> str:
        """End it if it is alive; return how it ended: ``was killed by SIGKILL``.

        A process that waits for requests may end by itself; one that predicts is killed.
        """
        if self._ending is None:
            grace = 0.0 if self.channel.is_waiting else _GRACE
            self.channel.close()
            self._ending = asyncio.ensure_future(asyncio.to_thread(self._end, grace))
        return await asyncio.shield(self._ending)

    def check_start(self) -> None:
        """Raise the error that its starter reported, if the process has ended without beginning."""
        check(self.seal, self._code, self._process.printed)

    def _end(self, grace: float) -> str:
        with self._stack:
            by_itself = self._process.ended_within(grace)
            self._code = self._process.end()
        return ending(self._code) if by_itself else "was ended"


async def start(job: ServingJob, interpreter: Interpreter, limits: ProcessLimits) -> ServingProcess:
    """Return a process that has loaded the model and predicted on its example.

    Raises RunFailedError with the stage and the cause if it failed before that,
    WrongInterpreterError if it started in another environment than intended, SealFailedError if it
    could not be sealed, and WrongUseError if it cannot be started.
    """
    with ExitStack() as stack:
        ours, theirs = socket.socketpair()
        stack.enter_context(ours)
        with theirs:
            making = asyncio.to_thread(stack.enter_context, scratch_folder())
            scratch = await _whole(making)
            process = await _whole(
                asyncio.to_thread(_start, job, interpreter, theirs.fileno(), scratch, stack)
            )
        channel = Channel(ours, largest=limits.largest)
        journal = None if job.watch is None else scratch / _JOURNAL
        started = ServingProcess(process, channel, interpreter.seal, stack.pop_all(), journal)
    try:
        await asyncio.wait_for(_greet(started, interpreter), limits.start)
    except asyncio.TimeoutError:
        await started.end()
        late = f"it was not ready within {limits.start:.10g} s"
        raise _failure(started, "load", late, started.printed) from None
    except BaseException:
        await started.end()
        raise
    return started


def _start(
    job: ServingJob, interpreter: Interpreter, descriptor: int, scratch: Path, stack: ExitStack
) -> SealedProcess:
    """Start the process with its end of the sockets; register how to end it on the stack."""
    job = job.without_dots()
    rooms = {"worker": WORKER.parent, "table": TABLE, "serving/inside": INSIDE}
    if job.folder is None:
        rooms["loader"] = job.loader.parent
    if job.watch is not None:
        rooms["probe"] = tracer.probe_folder()
    plan = plan_run(job, interpreter, scratch, rooms, folder=interpreter.folder)
    file = scratch / "job.json"
    if job.watch is not None:
        places = {"probe": plan.seen(str(rooms["probe"])), "journal": str(scratch / _JOURNAL)}
        job = replace(job, watch={**job.watch, **places})
    replace(job, loader=seen(plan, job.loader)).write(file)
    return start_program(_PROGRAM, file, interpreter, plan, descriptor, stack)


async def _greet(started: ServingProcess, interpreter: Interpreter) -> None:
    """Read the first two messages of a worker. Raises the errors of invalid ones."""
    stage = "start"
    try:
        hello, _ = await started.channel.next()
        check_hello(hello, interpreter)
        stage = "load"
        told, _ = await started.channel.next()
    except BrokenFrameError as error:
        how = await started.end()
        if stage == "start":
            started.check_start()
        raise _failure(started, stage, f"its process {how}", started.printed) from error
    check_loaded(told, started.seal)


async def _whole(awaited: Awaitable[T]) -> T:
    """Wait to the end even if the caller is cancelled: what was begun has to be known."""
    task = asyncio.ensure_future(awaited)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait((task,))
        raise


def _failure(started: ServingProcess, stage: str, reason: str, detail: str) -> RunFailedError:
    return failed_run(started.seal, stage, reason, detail)
