"""The processes of one model: started, ended, and replaced, with pauses if they keep dying."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from ...base.doors import as_ours
from ...base.errors import ModelenvError
from ...base.files.scratch import without_scratch
from ..errors import FolderChangedError
from .channel import Channel

_CRASHES = 3  # this many in a row without a prediction are a crash loop
_LONGEST_PAUSE = 60.0
_MOST_LINES, _MOST_CHARACTERS = 20, 4000  # of its last output that are logged

Reason = Literal["died", "timeout", "memory", "lied", "start"]
"""The reason why a process was replaced; ``start`` if it could not be started."""


class WorkerProcess(Protocol):
    """A process that serves a model, and the server's end of the sockets to it."""

    channel: Channel

    @property
    def pid(self) -> int:
        """Its process id."""

    @property
    def memory(self) -> int | None:
        """Its memory in bytes; None if unknown."""

    @property
    def printed(self) -> str:
        """The last lines of its output."""

    @property
    def met(self) -> Mapping[str, Any]:
        """Unforeseen touches since its last answer, by kind and name."""

    async def end(self) -> str:
        """End it if it is alive; return how it ended: ``was killed by SIGKILL``."""


Start = Callable[[], Awaitable[WorkerProcess]]
"""Starts a worker, which has loaded its model and predicted on the example, or ModelenvError."""


@dataclass(slots=True, kw_only=True)
class Crew:
    """The living workers of a model, and those being started."""

    start: Start
    log: Callable[[str], None]
    admit: Callable[[WorkerProcess], None]
    """Called with each worker that is ready."""
    give_up: Callable[[str], None]
    """Called with the cause if none is alive and it is unknown when one will be."""
    alive: set[WorkerProcess] = field(default_factory=set)
    replaced: Counter[Reason] = field(default_factory=Counter)
    """The number of replaced workers, by the reason."""
    crashes: int = 0
    """The number of workers that died since the last prediction."""
    failed: int = 0
    """The number of failed starts since a new worker last predicted."""
    unproven: set[WorkerProcess] = field(default_factory=set)
    """Living workers that have not predicted yet."""
    pause: float = 1.0
    """The first pause, in seconds, if workers keep dying."""
    trouble: str | None = None
    """The reason why no worker can be started, or None."""
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)
    _closing: bool = False

    async def open(self, size: int) -> None:
        """Start the workers, and return once the first is ready. Raises ModelenvError."""
        await self.spawn(self._first())
        for _ in range(size - 1):
            self.spawn(self._hire())

    def replace(
        self, worker: WorkerProcess, reason: Reason, said: str, then: Callable[[str], None]
    ) -> None:
        """End a worker and start another; `then` is called with how the old one ended."""
        if worker not in self.alive:  # it is being ended already
            then("was ended")
            return
        self.alive.discard(worker)
        self.replaced[reason] += 1
        if reason in ("died", "lied"):
            self.crashes += 1
            self.failed += worker in self.unproven
        self.unproven.discard(worker)
        self.spawn(self._replace(worker, said, then))

    def prove(self, worker: WorkerProcess) -> None:
        """Record that a worker predicts, so that earlier crashes no longer count."""
        if worker in self.unproven:
            self.unproven.discard(worker)
            self.failed = 0

    async def close(self) -> None:
        """Start no more workers, and end all."""
        self._closing = True
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        workers = list(self.alive)
        self.alive.clear()
        await asyncio.gather(*(worker.end() for worker in workers))

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run a coroutine in the background, at most until the crew is closed."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        """Log the failure of a background task; a caller that waits for it gets it, too."""
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, ModelenvError):
            self.log(f"what is done for the workers failed: {type(error).__name__}: {error}")

    async def _first(self) -> None:
        self._join(await self.start())

    async def _replace(self, worker: WorkerProcess, said: str, then: Callable[[str], None]) -> None:
        ending = asyncio.ensure_future(_ended(worker))
        try:
            await asyncio.shield(ending)
        finally:  # also if the crew is closed in the meantime
            how = await ending
            self.log(f"worker {worker.pid} {said}: its process {how}{_last_words(worker)}")
            then(how)
        if self.crashes >= _CRASHES:
            self._tell(f"its process {how}, {self.crashes} times without a prediction between them")
        await self._hire()

    async def _hire(self) -> None:
        """Start a worker, after ever longer pauses if they keep dying."""
        while not self._closing:
            if max(self.crashes, self.failed) >= _CRASHES:
                await asyncio.sleep(self._pause())
            try:
                worker = await self.start()
            except FolderChangedError as error:  # all workers are going to be replaced
                self.failed += 1
                self._tell(str(error))
                continue
            except Exception as error:  # noqa: BLE001  # whatever it is, the next may succeed
                self._not_started(error)
                continue
            self._join(worker)
            return

    def _not_started(self, error: Exception) -> None:
        """Count and report that a worker cannot be started: the system may lack resources."""
        self.failed += 1
        self.replaced["start"] += 1
        ours = as_ours(error)
        said = str(ours) if isinstance(ours, ModelenvError) else f"{type(error).__name__}: {error}"
        text = without_scratch(said)
        self.log(f"a worker cannot be started: {text}")
        self._tell(text)

    def _pause(self) -> float:
        doublings = min(max(self.crashes, self.failed) - _CRASHES, 10)
        return float(min(_LONGEST_PAUSE, self.pause * 2**doublings))

    def _join(self, worker: WorkerProcess) -> None:
        self.alive.add(worker)
        self.unproven.add(worker)
        self.trouble = None
        self.admit(worker)

    def _tell(self, cause: str) -> None:
        """Report to waiting callers that there is no worker, and why."""
        if not self.alive:
            self.trouble = cause
            self.give_up(cause)


def _last_words(worker: WorkerProcess) -> str:
    """Return the last output of an ended worker, for the log."""
    lines = worker.printed[-_MOST_CHARACTERS:].rstrip().splitlines()[-_MOST_LINES:]
    return "\n".join(("; it printed last:", *lines)) if lines else ""


async def _ended(worker: WorkerProcess) -> str:
    """End a worker; return how it ended, or why it could not be ended."""
    try:
        return await worker.end()
    except Exception as error:  # noqa: BLE001  # its request is answered all the same
        return f"cannot be ended: {type(error).__name__}: {error}"
