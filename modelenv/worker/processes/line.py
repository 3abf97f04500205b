"""The connection from a process that holds a model to the one that asks it, over frames.

Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from contextlib import contextmanager

from .. import frames
from . import own, subinterpreters

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any


class WorkerLine:
    """The connection to the asking process, for use in this process only."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._memory = frames.BodyMemory()
        self._owner = os.getpid()

    def say(self, head: dict[str, Any], body: Sequence[Any] = ()) -> None:
        """Send a message; in a forked child of the model, end the child instead."""
        if os.getpid() != self._owner:
            os._exit(0)
        frames.Frame(head, body, self._memory).send(self._connection)

    def hear(self) -> Any:
        """Return the head and body of the next message; None if the other side is gone."""
        try:
            return frames.receive(self._connection)
        except (frames.BrokenFrameError, OSError):
            return None


@contextmanager
def opened(arguments: list[str], here: str) -> Iterator[tuple[dict[str, Any], WorkerLine]]:
    """Yield the job and the connection of a program in the folder `here`.

    The `arguments` are the job's file and the socket's descriptor. The interpreter's description is
    sent first, then the job's path and limits are applied.
    """
    own.give_way()
    with open(arguments[0], encoding="utf-8") as file:
        job = json.load(file)
    with socket.socket(fileno=int(arguments[1])) as connection:
        connection.set_inheritable(False)
        line = WorkerLine(connection)
        line.say({"executable": sys.executable, "prefix": sys.prefix, "version": sys.version})
        own.set_path(here, job["path"], job["code"])
        subinterpreters.share_path()
        if job["memory"]:
            own.limit_memory(job["memory"])
        yield job, line
