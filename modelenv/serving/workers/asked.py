"""A request on its way to a worker and back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from .channel import Answer

Left = Callable[[], Awaitable[None]]
"""Returns once the client has left."""


class Asked:
    """A question to a worker, and the future of its answer."""

    __slots__ = ("began", "body", "deadline", "future", "head", "left", "lookout", "since")

    def __init__(
        self,
        head: Mapping[str, Any],
        body: Sequence[bytes],
        future: asyncio.Future[Answer],
        since: float,
        timeout: float,
        left: Left | None,
    ) -> None:
        self.head = head
        self.body = body
        self.future = future
        self.since = since
        """The time when it came, by `perf_counter`."""
        self.began = 0.0
        """The time when a worker got it."""
        self.deadline = since + timeout
        self.left = left
        self.lookout: asyncio.Task[None] | None = None
        """The task that watches whether the client of a long wait is still there."""

    def answer(self, answer: Answer, now: float) -> None:
        """Pass the answer to the waiting caller, with the seconds that it took."""
        self.dismiss()
        if not self.future.done():
            told = answer[0]
            told["queued"] = self.began - self.since
            told["predicted"] = now - self.began
            self.future.set_result(answer)

    def refuse(self, error: Exception) -> None:
        """Set the error that the waiting caller gets."""
        self.dismiss()
        if not self.future.done():
            self.future.set_exception(error)

    def dismiss(self) -> None:
        """Stop watching the client."""
        if self.lookout is not None:
            self.lookout.cancel()
            self.lookout = None
