"""Background threads that fetch pages before they are needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from concurrent.futures import Future, ThreadPoolExecutor

_THREADS = 12


class Prefetch:
    """Run work ahead of its need; one thread asks, and waits for what it needs."""

    def __init__(self) -> None:
        self._running: dict[Hashable, Future[object]] = {}
        self._pool: ThreadPoolExecutor | None = None

    def start(self, key: Hashable, work: Callable[[], object]) -> None:
        """Begin work under a key, once."""
        from concurrent.futures import ThreadPoolExecutor

        if self._pool is None:
            self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="index")
        if key not in self._running:
            self._running[key] = self._pool.submit(work)

    def wait(self, key: Hashable) -> None:
        """Wait for the work under a key; raise what it raised."""
        if key in self._running:
            self._running[key].result()

    def close(self) -> None:
        """Drop work that was not asked for; work that starts later runs."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
            going = ((key, each) for key, each in self._running.items() if not each.cancelled())
            self._running = dict(going)
