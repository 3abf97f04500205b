"""End all that a worker started, also what left its process group.

A model may start processes in sessions of their own. They inherit the environment, and in it a
mark that the worker was started with: where the system shows the environments of processes
(Linux), the marked ones are found by it. A worker inside a worker bears both marks. What was
started with an environment of its own bears none: it is found among the descendants of the worker
while that lives, and named by the worker itself when it ends.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

MARK = "MODELENV_RUN"

_PROCESSES = Path("/proc")
_ROUNDS = 20


def end(pids: Iterable[object]) -> None:
    """Kill processes by their numbers; whoever names them may be mistaken."""
    for pid in pids:
        if isinstance(pid, int) and pid > 1 and pid != os.getpid():
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def descendants(pid: int) -> list[int]:
    """List what a living process started, and what that started, whatever became of its marks."""
    found: list[int] = []
    waiting = [pid]
    while waiting:
        for file in _PROCESSES.glob(f"{waiting.pop()}/task/*/children"):
            with suppress(OSError):
                children = list(map(int, file.read_bytes().split()))
                found += children
                waiting += children
    return found


def end_marked(mark: str) -> int:
    """Kill every process that bears the mark, until none is left; return how many there were."""
    killed: set[int] = set()
    for _ in range(_ROUNDS):  # those that fork while they are looked for
        found = [pid for pid in _marked(mark) if pid not in killed]
        if not found:
            break
        for pid in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        killed.update(found)
    return len(killed)


def _marked(mark: str) -> Iterator[int]:
    name, wanted = f"{MARK}=".encode(), mark.encode()
    for folder in _PROCESSES.glob("[0-9]*"):
        with suppress(OSError):
            for variable in (folder / "environ").read_bytes().split(b"\0"):
                if variable.startswith(name) and wanted in variable:
                    yield int(folder.name)
