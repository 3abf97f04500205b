"""One process with a model, for one batch after the other."""

from __future__ import annotations

import base64
import datetime
import json
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...base.errors import WrongUseError
from ...base.files.scratch import scratch_folder, without_scratch
from ...seal.command import check
from ...table.crossing import raw, received
from ...table.errors import UnfaithfulError
from ...worker.frames import MOST_HEAD, BodyMemory, BrokenFrameError, Frame, receive
from ...worker.job import Material
from ...worker.process import TABLE, WORKER, Interpreter, plan_run, seen
from ...worker.processes.answering import (
    check_hello,
    check_loaded,
    ending,
    failed_run,
    start_program,
)
from .errors import BatchFailedError, WorkerEndedError

if TYPE_CHECKING:
    from ...table.table import Buffer
    from ...worker.processes.sealed import SealedProcess

INSIDE = Path(__file__).resolve().parent.parent / "inside"
_PROGRAM = INSIDE / "batch_worker.py"
_ANSWER = Path("answer")
# Seconds for an idle process to exit by itself.
_GRACE = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchJob(Material):
    """A model that is to predict on batches."""

    params: Sequence[Mapping[str, Any]] = ()
    """The parameters in its signature, in MLflow's format."""
    path: tuple[str, ...] | None = None
    """The whole ``sys.path``; None keeps the interpreter's own."""
    memory: int | None = None
    """The memory limit of each of its processes in bytes, if the system supports one."""

    def write(self, file: Path) -> None:
        """Write it in the worker's format."""
        file.write_text(json.dumps(asdict(self), default=str), "utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchLimits:
    """The limits of batches."""

    start: float = 600.0
    """The time limit of starting a process and loading the model, in seconds."""
    batch: float = 600.0
    """The time limit of a batch, in seconds."""
    restarts: int = 5
    """The number of processes in a row that may end without an answer."""


class BatchWorker:
    """A process that has loaded its model.

    Raises RunFailedError if it failed before, with the stage and the cause, WrongInterpreterError
    if it started in another environment than intended, SealFailedError if it could not be sealed,
    and WrongUseError if it cannot be started.
    """

    def __init__(
        self, job: BatchJob, interpreter: Interpreter, limits: BatchLimits | None = None
    ) -> None:
        self._limits = limits or BatchLimits()
        self._seal = interpreter.seal
        self._memory = BodyMemory()
        self._ending = threading.Lock()
        self._how = ""
        self._busy = True
        if not hasattr(socket, "AF_UNIX"):
            raise WrongUseError(
                "batches are sent to the model's process over Unix sockets, which this system"
                " lacks: modelenv.predict predicts on one input after the other"
            )
        with ExitStack() as stack:
            self._connection, theirs = socket.socketpair()
            stack.callback(self._memory.close)
            stack.callback(self._connection.close)
            with theirs:
                scratch = stack.enter_context(scratch_folder())
                self._process = _start(job, interpreter, theirs.fileno(), scratch, stack)
            self._stack = stack.pop_all()
        try:
            self._greet(interpreter)
        except BaseException:
            self.end()
            raise
        self._busy = False

    @property
    def pid(self) -> int:
        """Its process id, or that of the starter between it and this process."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether it is known to have ended."""
        return bool(self._how)

    def predict(
        self,
        told: Mapping[str, Any],
        buffers: Sequence[Buffer],
        params: Mapping[str, Any] | None = None,
    ) -> tuple[dict[str, Any], list[Buffer]]:
        """Return the description and the buffers of the prediction on a described value.

        Raises BatchFailedError with the model's exception, and WorkerEndedError if the process ends
        without an answer, takes too long or sends an invalid one; it has ended then.
        """
        self._busy = True
        until = time.monotonic() + self._limits.batch
        try:
            head = head_of(params)
            body = [part for part in raw.to_bytes(dict(told), buffers) if part]
            Frame(head, body, self._memory).send(self._connection, until)
            answer, data = receive(self._connection, largest=received.most(), until=until)
            self._busy = False
            if answer.get("ok") == "prediction":
                return received.checked(data, _ANSWER)
        except TimeoutError:
            self.end()
            how = f"did not answer within {self._limits.batch:.10g} s"
            raise WorkerEndedError(how, self._printed, late=True) from None
        except (BrokenFrameError, OSError) as error:
            raise WorkerEndedError(self._end(_GRACE), self._printed) from error
        except UnfaithfulError as error:
            self.end()
            raise WorkerEndedError(f"answered with no value: {error}", self._printed) from error
        raise self._failure(answer)

    def end(self) -> str:
        """End it with all its children, if it is running; return how it ended.

        An idle one may exit by itself; one that predicts is killed.
        """
        return self._end(0.0 if self._busy else _GRACE)

    def _end(self, grace: float) -> str:
        with suppress(OSError):  # pending reads then fail
            self._connection.shutdown(socket.SHUT_RDWR)
        with self._ending:
            if not self._how:
                with self._stack:
                    by_itself = self._process.ended_within(grace)
                    self._code = self._process.end()
                self._how = ending(self._code) if by_itself else "was ended"
            return self._how

    @property
    def _printed(self) -> str:
        return without_scratch(self._process.printed)

    def _failure(self, answer: Mapping[str, Any]) -> BatchFailedError:
        """Return the model's failure; if that was its last answer, the process is ended."""
        if answer.get("last"):
            self._end(_GRACE)
        texts = (str(answer.get(name, "")) for name in ("failed", "type", "message", "traceback"))
        return BatchFailedError(*map(without_scratch, texts))

    def _greet(self, interpreter: Interpreter) -> None:
        """Read its first two messages; raise for a wrong interpreter or a failed load."""
        until = time.monotonic() + self._limits.start
        stage = "start"
        try:
            hello, _ = self._hear(until)
            check_hello(hello, interpreter)
            stage = "load"
            told, _ = self._hear(until)
        except TimeoutError:
            self.end()
            late = f"it was not ready within {self._limits.start:.10g} s"
            raise failed_run(self._seal, stage, late, self._printed) from None
        except (BrokenFrameError, OSError) as error:
            how = self._end(_GRACE)
            if stage == "start":
                check(self._seal, self._code, self._process.printed)
            raise failed_run(self._seal, stage, f"its process {how}", self._printed) from error
        check_loaded(told, self._seal)

    def _hear(self, until: float) -> tuple[dict[str, Any], memoryview]:
        return receive(self._connection, largest=MOST_HEAD, until=until)


def head_of(params: Mapping[str, Any] | None) -> bytes:
    """Return the head of a message for a batch, with the parameters of its prediction.

    Raises WrongUseError for a parameter without a form in JSON.
    """
    try:
        return json.dumps({"params": dict(params or {})}, default=_param).encode("ascii")
    except (TypeError, ValueError) as error:
        raise WrongUseError(f"params: {error}") from error


def _param(value: Any) -> Any:
    """Return a parameter in the JSON form that the model's signature reads."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if hasattr(value, "tolist"):  # numpy's
        return value.tolist()
    raise TypeError(f"a {type(value).__name__} has no form in JSON")


def _start(
    job: BatchJob, interpreter: Interpreter, descriptor: int, scratch: Path, stack: ExitStack
) -> SealedProcess:
    """Start the process, which inherits its socket; its end is registered on the stack."""
    job = replace(job, **job.plain_paths())
    rooms = {"worker": WORKER.parent, "table": TABLE, "batch/inside": INSIDE}
    if job.folder is None:
        rooms["loader"] = job.loader.parent
    plan = plan_run(job, interpreter, scratch, rooms, folder=interpreter.folder)
    file = scratch / "job.json"
    replace(job, loader=seen(plan, job.loader)).write(file)
    return start_program(_PROGRAM, file, interpreter, plan, descriptor, stack)
