"""Parallel work whose results come in the order of the items."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")

AHEAD = 2
"""The largest number of items that are read ahead, per worker."""


def in_order(
    items: Iterable[Item], workers: Sequence[Callable[[Item], Made]], end: Callable[[], None]
) -> Iterator[Made]:
    """Yield the result for each item; items are read only when a worker is free.

    A single worker runs in this thread, several in threads of their own, with items read ahead. If
    the generator is closed or interrupted, `end` is called, which must end the processes for which
    the workers wait.
    """
    try:
        if len(workers) == 1:
            yield from map(workers[0], items)
        else:
            yield from _at_once(items, workers, end)
    finally:
        end()


def _at_once(
    items: Iterable[Item], workers: Sequence[Callable[[Item], Made]], end: Callable[[], None]
) -> Iterator[Made]:
    free: SimpleQueue[Callable[[Item], Made]] = SimpleQueue()
    for worker in workers:
        free.put(worker)

    def work(item: Item) -> Made:
        worker = free.get()
        try:
            return worker(item)
        finally:
            free.put(worker)

    waiting: deque[Future[Made]] = deque()
    with ThreadPoolExecutor(len(workers), "modelenv-batch") as threads:
        try:
            for asking in _asked(items, threads, work):
                waiting.append(asking)
                if len(waiting) >= AHEAD * len(workers):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for each in waiting:
                each.cancel()
            end()


def _asked(
    items: Iterable[Item], threads: ThreadPoolExecutor, work: Callable[[Item], Made]
) -> Iterator[Future[Made]]:
    """Yield a future for each item; an item that cannot be read raises when its turn comes."""
    source = iter(items)
    while True:
        try:
            item = next(source)
        except StopIteration:
            return
        except Exception as error:  # noqa: BLE001  # the caller's iterator may raise anything
            failed: Future[Made] = Future()
            failed.set_exception(error)
            yield failed
            return
        yield threads.submit(work, item)
