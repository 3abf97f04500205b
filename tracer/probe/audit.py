"""The one audit hook of a process (PEP 578): not removable, so it sleeps between traces."""

from __future__ import annotations

import sys
from _thread import get_ident

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Listener = Callable[[str, tuple[Any, ...]], None]

EVENTS = frozenset(
    {
        "ctypes.dlopen",
        "exec",
        "import",
        "open",
        "os.exec",
        "os.posix_spawn",
        "os.spawn",
        "os.system",
        "socket.connect",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "sqlite3.connect",
        "subprocess.Popen",
    }
)


class Audit:
    """Hand the events of this process to whoever listens.

    What a listener does raises events itself: those are not heard.
    """

    def __init__(self) -> None:
        self._listeners: tuple[Listener, ...] = ()
        self._installed = False
        self._busy: set[int] = set()

    def listen(self, listener: Listener) -> None:
        """Begin to hand events to `listener`."""
        self._listeners += (listener,)
        if not self._installed:
            self._installed = True
            sys.addaudithook(self._heard)

    def leave(self, listener: Listener) -> None:
        """Hand no more events to `listener`."""
        self._listeners = tuple(each for each in self._listeners if each != listener)

    def __contains__(self, listener: object) -> bool:
        """Tell whether `listener` is handed events."""
        return listener in self._listeners

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._listeners or event not in EVENTS:
            return
        thread = get_ident()
        if thread in self._busy:
            return
        self._busy.add(thread)
        try:
            for listener in self._listeners:
                listener(event, arguments)
        finally:
            self._busy.discard(thread)


AUDIT = Audit()
