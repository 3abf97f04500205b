"""Work that several do at once, handed out in the order in which it came."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")

AHEAD = 2
"""How many items are read for each of several who work, at most."""


def in_order(
    items: Iterable[Item], workers: Sequence[Callable[[Item], Made]], end: Callable[[], None]
) -> Iterator[Made]:
    """Yield what is made of each item, which are read only as there is somebody for them.

    One worker is asked here; each of several in a thread, and then items are read ahead. Whoever
    closes this, or is interrupted in it, has `end` called, which ends what the workers wait for.
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
    """Yield what each item will be; one that cannot be read raises once its turn has come."""
    source = iter(items)
    while True:
        try:
            item = next(source)
        except StopIteration:
            return
        except Exception as error:  # noqa: BLE001  # whoever reads them may raise anything
            failed: Future[Made] = Future()
            failed.set_exception(error)
            yield failed
            return
        yield threads.submit(work, item)
