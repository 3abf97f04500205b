"""The workers of one model: who is free gets the next request, who dies is replaced."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from ..errors import RequestError, not_ready, timed_out, too_busy, worker_died
from ..inside.frames import BrokenFrameError
from .channel import Answer, Channel

_CRASHES = 3  # in a row, without one prediction between them, are a crash loop
_LONGEST_PAUSE = 60.0

T = TypeVar("T")


class WorkerProcess(Protocol):
    """A process that serves a model, and the server's end of the sockets to it."""

    channel: Channel

    async def end(self) -> str:
        """End it, if it still lives; return how it ended: ``was killed by SIGKILL``."""


Start = Callable[[], Awaitable[WorkerProcess]]
"""Starts a worker; it has loaded its model, and predicted on the example. Raises RequestError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a model may take of the server."""

    workers: int = 1
    timeout: float = 60.0
    """Seconds from the request to its answer, waiting included."""
    queue: int = 100
    """How many requests may wait for a worker."""


@dataclass(slots=True)
class Counts:
    """What happened to the workers so far."""

    deaths: int = 0
    timeouts: int = 0
    refused: int = 0
    """Requests that found the queue full."""


@dataclass(slots=True)
class Pool:
    """The workers of one model."""

    start: Start
    limits: Limits
    log: Callable[[str], None]
    counts: Counts = field(default_factory=Counts)
    cause: str | None = "its workers are being started"
    """Why it is not ready; None: it is."""
    _idle: deque[WorkerProcess] = field(default_factory=deque)
    _alive: set[WorkerProcess] = field(default_factory=set)
    _waiting: deque[asyncio.Future[WorkerProcess]] = field(default_factory=deque)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _crashes: int = 0
    _closing: bool = False

    @property
    def ready(self) -> bool:
        """Whether a worker lives that has its model loaded."""
        return bool(self._alive)

    @property
    def waiting(self) -> int:
        """How many requests wait for a worker."""
        return len(self._waiting)

    @property
    def busy(self) -> int:
        """How many workers predict."""
        return len(self._alive) - len(self._idle)

    async def open(self) -> None:
        """Start the workers, and return when the first is ready. Raises RequestError."""
        first = await self.start()
        self._admit(first)
        for _ in range(self.limits.workers - 1):
            self._spawn(self._replace())

    async def ask(self, head: Mapping[str, Any], body: Sequence[bytes]) -> Answer:
        """Return what a worker answers to a request. Raises RequestError."""
        deadline = asyncio.get_running_loop().time() + self.limits.timeout
        worker = self._idle.popleft() if self._idle else await self._next(deadline)
        try:
            answer = await self._within(deadline, worker.channel.ask(dict(head), body))
        except BaseException as error:
            await self._lost(worker, error)
            raise
        self._crashes = 0
        self._free(worker)
        return answer

    async def close(self, grace: float) -> None:
        """Let what was asked be answered, for `grace` seconds; end all workers."""
        self._closing = True
        end = time.monotonic() + grace
        while (self.busy or self._waiting) and time.monotonic() < end:
            await asyncio.sleep(0.02)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*(worker.end() for worker in list(self._alive)))
        self._alive.clear()
        self._idle.clear()

    async def _next(self, deadline: float) -> WorkerProcess:
        """Wait for a worker that is free."""
        if self._closing or (not self._alive and self.cause is not None):
            raise not_ready(self.cause or "the server is stopping")
        if len(self._waiting) >= self.limits.queue:
            self.counts.refused += 1
            raise too_busy(1)
        free: asyncio.Future[WorkerProcess] = asyncio.get_running_loop().create_future()
        self._waiting.append(free)
        try:
            return await self._within(deadline, free)
        except BaseException:
            with suppress(ValueError):
                self._waiting.remove(free)
            if free.done() and not free.cancelled() and free.exception() is None:
                self._free(free.result())  # it came when nobody waited any longer
            raise

    async def _within(self, deadline: float, awaited: asyncio.Future[T]) -> T:
        """Wait for a future until the deadline, with no task of its own. Raises RequestError."""
        timer = asyncio.get_running_loop().call_at(deadline, self._expire, awaited)
        try:
            return await awaited
        finally:
            timer.cancel()

    def _expire(self, awaited: asyncio.Future[Any]) -> None:
        if not awaited.done():
            awaited.set_exception(timed_out(self.limits.timeout))

    def _admit(self, worker: WorkerProcess) -> None:
        self._alive.add(worker)
        self.cause = None
        self._free(worker)

    def _free(self, worker: WorkerProcess) -> None:
        """Give a worker to who waits longest, or let it rest."""
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_result(worker)
                return
        self._idle.append(worker)

    async def _lost(self, worker: WorkerProcess, error: BaseException) -> None:
        """End a worker whose request failed, start another, and say what happened to the request.

        Raises RequestError, or returns where the error says it already.
        """
        self._alive.discard(worker)
        timed = isinstance(error, RequestError)
        how = await worker.end()
        self._spawn(self._replace())
        if timed:
            self.counts.timeouts += 1
            self.log(f"a worker was ended: {error}")
        if isinstance(error, BrokenFrameError):
            self.counts.deaths += 1
            self._crashes += 1
            self.log(f"a worker died: its process {how}")
            raise worker_died(how) from error

    async def _replace(self) -> None:
        """Start a worker in another's stead, after ever longer pauses where they keep dying."""
        while not self._closing:
            if self._crashes >= _CRASHES:
                await asyncio.sleep(min(_LONGEST_PAUSE, 2.0 ** (self._crashes - _CRASHES)))
            try:
                worker = await self.start()
            except RequestError as error:
                self._crashes += 1
                self.log(f"a worker cannot be started: {error}")
                if not self._alive:
                    self._give_up(str(error))
                continue
            self._admit(worker)
            return

    def _give_up(self, cause: str) -> None:
        """Tell all that wait why there is no worker."""
        self.cause = cause
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_exception(not_ready(cause))

    def _spawn(self, task: Awaitable[None]) -> None:
        spawned = asyncio.ensure_future(task)
        self._tasks.add(spawned)
        spawned.add_done_callback(self._tasks.discard)
