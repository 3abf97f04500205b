"""Find the processes of a run and end them, and only those that provably belong to it.

A process provably belongs to a run by its ancestry, seen while the run was alive, or by a mark in
its environment, which everything that the worker starts inherits and nothing else can know; a
worker inside a worker has both marks. A process id alone proves nothing, since the system reuses
those of ended processes. So a process is identified by its id and its start time, and held while it
is inspected and killed.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MARK = "MODELENV_RUN"

_PROCESSES = Path("/proc")
_ROUNDS = 20
_DEAD = "ZX"


@dataclass(frozen=True, slots=True)
class KnownProcess:
    """A process that cannot be confused with a later one of the same id."""

    number: int
    began: int
    """Its start time in ticks of the machine's clock (field 22 of ``/proc/PID/stat``)."""

    @property
    def lives(self) -> bool:
        """Whether it is alive, and not a zombie."""
        status = _Status.of(self.number)
        return status is not None and status.began == self.began and status.state not in _DEAD

    def __str__(self) -> str:
        """Return its id, and its name if it still has one."""
        with suppress(OSError):
            name = (_PROCESSES / f"{self.number}" / "comm").read_bytes()
            return f"{self.number} ({name.decode('utf-8', 'replace').strip()})"
        return str(self.number)


@dataclass(frozen=True, slots=True)
class _Status:
    """The state of a process, as the system reports it."""

    state: str
    parent: int
    began: int

    @classmethod
    def of(cls, number: int) -> _Status | None:
        """Return the state; None if there is no such process, or no way to know (not Linux)."""
        try:
            told = (_PROCESSES / f"{number}" / "stat").read_bytes()
        except OSError:
            return None
        state, parent, *rest = told.rpartition(b")")[2].split()
        return cls(state.decode("ascii"), int(parent), int(rest[17]))


def descendants(number: int) -> set[KnownProcess]:
    """Return the descendants of a living process, with or without marks."""
    children_of = _children()
    found: set[KnownProcess] = set()
    waiting = [number]
    while waiting:
        parent = waiting.pop()
        for child in children_of(parent):
            status = _Status.of(child)
            if status is not None and status.parent == parent:
                known = KnownProcess(child, status.began)
                waiting += [] if known in found else [child]
                found.add(known)
    return found


def memory_of(number: int) -> int | None:
    """Return the bytes of memory that a process and its descendants have in use (resident).

    None if it is gone, or if the system does not tell (not Linux).
    """
    pages = [_pages(each) for each in (number, *(known.number for known in descendants(number)))]
    told = [each for each in pages if each is not None]
    return sum(told) * os.sysconf("SC_PAGE_SIZE") if told else None


def _pages(number: int) -> int | None:
    try:
        return int((_PROCESSES / f"{number}" / "statm").read_bytes().split()[1])
    except (OSError, IndexError):
        return None


def end(processes: Iterable[KnownProcess]) -> None:
    """Kill processes, unless their ids belong to other processes by now."""
    for each in processes:
        _kill(each.number, lambda each=each: each.lives)  # type: ignore[misc]


def end_marked(mark: str) -> int:
    """Kill every process that has the mark, until none is left; return their number."""
    killed: set[int] = set()
    for _ in range(_ROUNDS):  # a process may fork while others are looked for
        found = [pid for pid in _numbers() if pid not in killed and _bears(pid, mark)]
        if not found:
            break
        for pid in found:
            _kill(pid, lambda pid=pid: _bears(pid, mark))  # type: ignore[misc]
        killed.update(found)
    return len(killed)


def _bears(pid: int, mark: str) -> bool:
    """Return whether a process has the mark and is alive."""
    name, wanted = f"{MARK}=".encode(), mark.encode()
    with suppress(OSError):
        variables = (_PROCESSES / f"{pid}" / "environ").read_bytes().split(b"\0")
        return any(each.startswith(name) and wanted in each for each in variables)
    return False


def _kill(pid: int, is_meant: Callable[[], bool]) -> None:
    """Kill a process if `is_meant` confirms it, and not a later one of the same id."""
    if sys.platform == "win32":  # it offers no way to identify them
        return
    if sys.platform != "linux" or not hasattr(os, "pidfd_open"):
        with suppress(OSError):
            if is_meant():
                os.kill(pid, signal.SIGKILL)
        return
    with suppress(OSError):
        held = os.pidfd_open(pid)
        try:
            if is_meant():
                signal.pidfd_send_signal(held, signal.SIGKILL)
        finally:
            os.close(held)


def _numbers() -> Iterator[int]:
    with suppress(OSError):
        for folder in _PROCESSES.iterdir():
            if folder.name.isdigit():
                yield int(folder.name)


def _children() -> Callable[[int], Iterable[int]]:
    """Return a function that lists the children of a process, as the kernel lists them.

    Some kernels are built without these lists; then the parents of all processes are read once.
    """
    if any(_PROCESSES.glob("self/task/*/children")):
        return _listed_children
    by_parent: dict[int, list[int]] = defaultdict(list)
    for number in _numbers():
        status = _Status.of(number)
        if status is not None:
            by_parent[status.parent].append(number)
    return lambda parent: by_parent.get(parent, ())


def _listed_children(parent: int) -> Iterator[int]:
    try:
        threads = list((_PROCESSES / f"{parent}" / "task").iterdir())
    except OSError:  # it has ended
        return
    for thread in threads:
        with suppress(OSError):
            yield from map(int, (thread / "children").read_bytes().split())
