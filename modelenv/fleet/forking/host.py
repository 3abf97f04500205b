"""A process that has imported shared modules, and runs each model in a fork of itself."""

from __future__ import annotations

import os
import select
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from ...base.errors import WrongUseError
from ...base.run_variables import NO_BYTECODE
from ...seal import starter
from ...seal.command import fit
from ...seal.plan import SealPlan
from ...worker import process
from ...worker.errors import RunFailedError
from ...worker.job import Job
from ...worker.process import Interpreter
from ...worker.processes.sealed import SealedProcess
from .. import inside
from .fork import Fork, Forked
from .modules import known_threads

_INSIDE = Path(inside.__file__).resolve().parent
_STARTER = Path(starter.__file__).resolve().parent
_ROOMS = {
    "worker": process.WORKER.parent,
    "table": process.TABLE,
    "forks": _INSIDE,
    "starter": _STARTER,
}
_STARTING = 300.0  # time limit of its imports, in seconds
_LEAVING = 1.0  # time limit of its exit, in seconds


def _gone(reason: str) -> RunFailedError:
    """Return the error of a host that ended without an answer."""
    return RunFailedError("the process that imports for many models", "run", reason)


class ForkHost:
    """A process that serves within a ``with`` block; leaving it ends it and all its children.

    It sees what `interpreter` plans, the files of all the `jobs`, and the folder `scratch`.
    """

    def __init__(
        self,
        interpreter: Interpreter,
        jobs: Iterable[Job],
        roots: Sequence[str],
        look: Iterable[str],
        scratch: Path,
    ) -> None:
        self._interpreter = interpreter
        self._scratch = scratch
        self._own = scratch / "host"
        self._number = 0
        self._rest = b""
        (self._own / "cwd").mkdir(parents=True)
        plan = self._planned(jobs)
        self._commands, self._answers = os.pipe(), os.pipe()
        os.set_blocking(self._answers[0], False)
        program = [
            *(str(interpreter.executable), "-B", *interpreter.options),
            str(process.seen(plan, _INSIDE / "fork_host.py")),
            *(plan.seen(str(each)) for each in (process.WORKER.parent, _STARTER)),
            *(str(self._commands[0]), str(self._answers[1])),
            ",".join(sorted(look)),
            ",".join(known_threads()),
            *roots,
        ]
        self._process = SealedProcess(program, interpreter.seal, plan, self._own)
        self.cpu = 0.0
        """The CPU time in seconds until it was ready."""
        self.reason = ""
        """The reason why it does not serve; empty: it does."""
        self.found: frozenset[str] = frozenset()
        """The modules to look for that exist."""

    def _planned(self, jobs: Iterable[Job]) -> SealPlan:
        interpreter, all_jobs = self._interpreter, list(jobs)
        plan = interpreter.plan
        assert plan is not None
        variables = {**plan.environment, **all_jobs[0].environment, NO_BYTECODE: "1"}
        plan = replace(plan, environment=variables, seals_forks=True).of_run(
            reads=[str(path) for job in all_jobs for path in job.reads],
            writes=[str(self._scratch)],
            folder=str(self._own / "cwd"),
            elsewhere=[(str(path), f"{process.OURS}/{name}") for name, path in _ROOMS.items()],
        )
        return fit(plan, interpreter.seal, self._own)

    def __enter__(self) -> ForkHost:
        """Start it and wait until its imports are done; if they fail, it does not serve."""
        try:
            self._process.start((self._commands[0], self._answers[1]))
            os.close(self._commands[0])
            os.close(self._answers[1])
            self._commands, self._answers = (-1, self._commands[1]), (self._answers[0], -1)
            self._take(self._answer() if self._has_answered(_STARTING) else "late")
        except (RunFailedError, WrongUseError) as error:
            self._refuse(str(error))
        except BaseException:
            self._leave()
            raise
        return self

    def _take(self, answer: str) -> None:
        said, *words = answer.split()
        if said == "ready":
            self.cpu = float(words[0])
            self.found = frozenset(words[1].split(",") if words[1:] else ())
        else:
            self._refuse(f"what was imported cannot be shared: {answer}")

    def _refuse(self, reason: str) -> None:
        self.reason = reason
        self._leave()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End it and all processes that it started."""
        served = self.serves
        self._hang_up()
        if served:  # a killed process is not included in the measured CPU time
            self._process.ended_within(_LEAVING)
        self._leave()

    def _hang_up(self) -> None:
        for descriptor in (*self._commands, *self._answers):
            if descriptor >= 0:
                os.close(descriptor)
        self._commands = self._answers = (-1, -1)

    def _leave(self) -> None:
        self._hang_up()
        self._process.end()
        self._process.close()

    def _has_answered(self, seconds: float = 0.0) -> bool:
        """Return whether it has written a line within some seconds. Raises RunFailedError."""
        deadline = time.perf_counter() + seconds
        while b"\n" not in self._rest:
            left = max(deadline - time.perf_counter(), 0.0)
            if not select.select([self._answers[0]], [], [], left)[0]:
                return False
            block = os.read(self._answers[0], 4096)
            if not block:
                raise _gone(self._process.printed[-500:].strip() or "it ended without a word")
            self._rest += block
        return True

    def _answer(self) -> str:
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode("ascii")

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """Make a new folder that a job may write to, for the length of a block."""
        self._number += 1
        folder = self._scratch / str(self._number)
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @property
    def serves(self) -> bool:
        """Whether it can be asked for another fork."""
        return self._commands[1] >= 0

    def run(self, job: Job, timeout: float) -> Forked:
        """Run a job in a fork for at most `timeout` seconds; a fork that hangs ends the host too.

        Raises RunFailedError if the host ended without an answer.
        """
        try:
            with (
                self.folder() as folder,
                Fork(job.without_dots(), self._interpreter, folder, timeout) as fork,
            ):
                os.write(self._commands[1], os.fsencode(folder) + b"\n")
                while not self._has_answered():
                    if fork.is_over(self._answers[0]):
                        self._leave()
                        return fork.ended(None)
                return fork.ended(self._answer())
        except RunFailedError:
            self._leave()
            raise
        except BrokenPipeError as error:
            self._leave()
            raise _gone(error.strerror or "it is gone") from error
