"""The queue of one model: the request that has waited longest gets the next free worker."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any

from ...worker.frames import BrokenFrameError
from ..errors import (
    RequestError,
    client_left,
    not_ready,
    out_of_memory,
    timed_out,
    too_busy,
    worker_died,
    worker_lied,
)
from .asked import Asked, Left
from .batch import JOINED, LARGEST, Batch, size_of
from .channel import Answer, LyingError
from .crew import Crew, Reason, Start, WorkerProcess

_TICK = 0.1  # seconds between two checks for late requests and for clients that have left
_STARTING = "its workers are being started"
_STOPPING = "the server is stopping"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits on the resources that a model may use."""

    workers: int = 1
    timeout: float = 60.0
    """Seconds from a request to its answer, including the wait."""
    queue: int = 100
    """The largest number of requests that wait for a worker."""
    batch: int = 1
    """The largest number of requests that a worker gets at once."""
    batch_wait: float = 0.0
    """Seconds that a free worker waits for more requests."""
    pause: float = 1.0
    """Seconds before workers that keep dying are started again; each further pause doubles."""


@dataclass(slots=True)
class Counts:
    """The counts of requests so far."""

    refused: int = 0
    """Requests that found the queue full."""
    queued: float = 0.0
    """Seconds that requests waited for a worker."""
    predicted: float = 0.0
    """Seconds that workers took to answer."""


class Pool:
    """The workers of one model, and the requests that wait for them."""

    def __init__(
        self,
        start: Start,
        limits: Limits,
        log: Callable[[str], None],
        unheard: Callable[[Mapping[str, Any]], None] = lambda _: None,
    ) -> None:
        self.limits = limits
        self._unheard = unheard
        """Called with a worker's report of touches, if nobody waits for its answer."""
        self.counts = Counts()
        self.crew = Crew(
            start=start,
            log=log,
            admit=self._admit,
            give_up=self._refuse_all,
            pause=limits.pause,
        )
        self._idle: deque[WorkerProcess] = deque()
        self._busy: dict[WorkerProcess, Asked] = {}
        self._waiting: deque[Asked] = deque()
        self._pace = 0.0  # recent seconds per request
        self._ticking = False
        self._tick = min(_TICK, limits.timeout / 4)
        self.closing = False
        """Whether it takes no more requests."""

    @property
    def ready(self) -> bool:
        """Whether a worker is alive with its model loaded."""
        return bool(self.crew.alive) and not self.closing

    @property
    def cause(self) -> str | None:
        """The reason why it is not ready; None if it is."""
        if self.closing:
            return _STOPPING
        return None if self.crew.alive else self.crew.trouble or _STARTING

    @property
    def waiting(self) -> int:
        """The number of requests that wait for a worker."""
        return len(self._waiting)

    @property
    def busy(self) -> int:
        """The number of workers that are predicting."""
        return len(self._busy)

    async def open(self) -> None:
        """Start the workers, and return once the first is ready. Raises ModelenvError."""
        await self.crew.open(self.limits.workers)

    async def ask(
        self, head: Mapping[str, Any], body: Sequence[bytes], left: Left | None = None
    ) -> Answer:
        """Return a worker's answer to a request. Raises RequestError.

        `left` is awaited during a long wait: a client that has left loses its place in the queue.
        """
        loop = asyncio.get_running_loop()
        asked = Asked(head, body, loop.create_future(), perf_counter(), self.limits.timeout, left)
        if self.closing:
            raise not_ready(_STOPPING)
        if not self._idle:
            self._queue(asked)
        elif self.limits.batch_wait and head.get("content") in JOINED:
            self._queue(asked)
            if len(self._waiting) >= self.limits.batch:
                self._give_all()
            else:
                loop.call_later(self.limits.batch_wait, self._give_all)
        else:
            self._give(self._idle.popleft(), asked)
        if not self._ticking:
            self._ticking = True
            loop.call_later(self._tick, self._look)
        try:
            return await asked.future
        except asyncio.CancelledError:
            self._forget(asked)
            raise

    async def drain(self, grace: float) -> None:
        """Return once all requests are answered, at the latest after `grace` seconds."""
        end = perf_counter() + grace
        while (self._busy or self._waiting) and perf_counter() < end:
            await asyncio.sleep(0.02)

    async def close(self) -> None:
        """Refuse unanswered requests, and end all workers."""
        self.closing = True
        self._refuse_all(_STOPPING)
        for asked in self._busy.values():
            asked.refuse(not_ready(_STOPPING))
        self._idle.clear()
        await self.crew.close()

    def _queue(self, asked: Asked) -> None:
        crew = self.crew
        if not crew.alive and crew.trouble is not None:
            raise not_ready(crew.trouble)
        if len(self._waiting) >= self.limits.queue:
            self.counts.refused += 1
            ahead = len(self._waiting) / max(1, len(crew.alive))
            raise too_busy(min(60, max(1, math.ceil(ahead * self._pace))))
        self._waiting.append(asked)

    def _give_all(self) -> None:
        while self._idle and self._waiting:
            self._free(self._idle.popleft())

    def _give(self, worker: WorkerProcess, asked: Asked) -> None:
        if self.limits.batch > 1:
            asked = self._with_others(asked)
        asked.began = perf_counter()
        asked.dismiss()
        self.counts.queued += asked.began - asked.since
        self._busy[worker] = asked
        worker.channel.put(asked.head, asked.body, partial(self._answered, worker))

    def _with_others(self, asked: Asked) -> Asked:
        """Return a request together with waiting ones that can be joined with it."""
        items, size = [asked], size_of(asked)
        while self._waiting and len(items) < self.limits.batch:
            following = self._waiting[0]
            size += size_of(following)
            contents = {asked.head.get("content"), following.head.get("content")}
            if size > LARGEST or not contents <= {*JOINED}:
                break
            self._waiting.popleft()
            if not following.future.done():
                following.dismiss()
                items.append(following)
        return Batch(items) if len(items) > 1 else asked

    def _answered(self, worker: WorkerProcess, answer: Answer | BrokenFrameError) -> None:
        """Process a worker's answer, and give the worker its next request."""
        asked = self._busy.pop(worker, None)
        if asked is None:  # the request took too long, and the worker is being ended
            return
        if isinstance(answer, BrokenFrameError):
            self._lost(worker, asked, answer)
            return
        now = perf_counter()
        seconds = now - asked.began
        self.counts.predicted += seconds
        self._pace += (seconds - self._pace) / 16
        told = answer[0]
        if told.get("last"):  # the model has run out of memory, and its process ends
            if isinstance(asked, Batch) and asked.keep(answer, now):
                self.crew.crashes = 0
            said = "ran out of memory"
            self._end(worker, asked, "memory", said, lambda _: out_of_memory(), told)
            return
        self.crew.crashes = 0
        if self.crew.unproven:
            self.crew.prove(worker)
        if "seen" in told and asked.future.done():
            self._unheard(told)
        asked.answer(answer, now)
        self._free(worker)

    def _lost(self, worker: WorkerProcess, asked: Asked, failure: BrokenFrameError) -> None:
        if isinstance(failure, LyingError):
            said = f"was ended, since {failure}"
            self._end(worker, asked, "lied", said, lambda _: worker_lied(str(failure)))
        else:
            self._end(worker, asked, "died", "is gone", worker_died)

    def _end(
        self,
        worker: WorkerProcess,
        asked: Asked,
        reason: Reason,
        said: str,
        error: Callable[[str], RequestError],
        told: Mapping[str, Any] | None = None,
    ) -> None:
        """Replace a worker whose request failed, and answer the request with the error."""
        met = told or _told(worker)
        self.crew.replace(worker, reason, said, lambda how: asked.refuse(_telling(error(how), met)))
        if self.closing:
            asked.refuse(not_ready(_STOPPING))

    def _admit(self, worker: WorkerProcess) -> None:
        worker.channel.on_end = partial(self._gone, worker)
        if worker.channel.failure is not None:
            self._gone(worker, worker.channel.failure)
        else:
            self._free(worker)

    def _gone(self, worker: WorkerProcess, failure: BrokenFrameError) -> None:
        """Replace a worker that died, or sent a message, without a request."""
        if worker in self._idle:
            self._idle.remove(worker)
        lied = isinstance(failure, LyingError)
        said = f"was ended, since {failure}" if lied else "is gone, without a request"
        self.crew.replace(worker, "lied" if lied else "died", said, lambda _: None)

    def _free(self, worker: WorkerProcess) -> None:
        """Give a worker the request that has waited longest, or leave it idle."""
        while self._waiting:
            asked = self._waiting.popleft()
            if not asked.future.done():
                self._give(worker, asked)
                return
        self._idle.append(worker)

    def _look(self) -> None:
        """End workers that take too long, and drop requests whose clients have left."""
        loop = asyncio.get_running_loop()
        now = perf_counter()
        late = timed_out(self.limits.timeout)
        for worker, asked in list(self._busy.items()):
            if now >= asked.deadline:
                asked.refuse(_telling(timed_out(self.limits.timeout), _told(worker)))
            if now >= asked.began + self.limits.timeout:
                del self._busy[worker]
                self._end(worker, asked, "timeout", "took too long", lambda _: late)
        while self._waiting and now >= self._waiting[0].deadline:
            self._waiting.popleft().refuse(late)
        for asked in self._waiting:
            if asked.left is not None and asked.lookout is None:
                asked.lookout = loop.create_task(self._look_out(asked, asked.left))
        self._ticking = bool(self._busy or self._waiting)
        if self._ticking:
            loop.call_later(self._tick, self._look)

    async def _look_out(self, asked: Asked, left: Left) -> None:
        """Withdraw a waiting request when its client has left."""
        await left()
        if asked in self._waiting:
            self._waiting.remove(asked)
            asked.lookout = None
            asked.refuse(client_left())

    def _forget(self, asked: Asked) -> None:
        """Take a request that nobody waits for out of the queue; a worker that has it goes on."""
        asked.dismiss()
        if asked in self._waiting:
            self._waiting.remove(asked)

    def _refuse_all(self, cause: str) -> None:
        """Refuse all waiting requests with the reason why there is no worker."""
        while self._waiting:
            self._waiting.popleft().refuse(not_ready(cause))


def _told(worker: WorkerProcess) -> Mapping[str, Any] | None:
    """Return a worker's report of touches for a request that it does not answer, or None."""
    met = worker.met
    return {"failed": "predict", "seen": met} if met else None


def _telling(error: RequestError, told: Mapping[str, Any] | None) -> RequestError:
    error.worker_told = told
    return error


__all__ = ["Answer", "Counts", "Limits", "Pool", "Start", "WorkerProcess"]
