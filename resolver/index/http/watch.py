"""Progress messages about a slow index: the request, and how much of the answer has arrived."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PATIENCE = 2.0


class Watch:
    """Call `tell` while answers are overdue: after `patience` seconds, then less and less often.

    It is called from a thread that exists only during a wait.
    """

    def __init__(
        self, tell: Callable[[str], None] | None = None, patience: float = _PATIENCE
    ) -> None:
        self._tell = tell
        self._patience = patience
        self._lock = Lock()
        self._open: dict[object, str] = {}
        self._asked = 0
        self._answered = 0
        self._over = Event()

    def note(self, text: str) -> None:
        """Report a text at once."""
        if self._tell is not None:
            self._tell(text)

    @contextmanager
    def asking(self, url: str) -> Iterator[None]:
        """Count a request, and its answer at the end of the block."""
        if self._tell is None:
            yield
            return
        question = object()
        with self._lock:
            self._asked += 1
            self._open[question] = url
            if len(self._open) == 1:
                self._over = Event()
                watching = Thread(
                    target=self._wait, args=(self._over,), daemon=True, name="waiting"
                )
                watching.start()
        try:
            yield
        finally:
            with self._lock:
                self._answered += 1
                del self._open[question]
                if not self._open:
                    self._over.set()

    def _wait(self, over: Event) -> None:
        pause = self._patience
        while not over.wait(pause):
            with self._lock:
                waited_for = list(self._open.values())
                said = f"{self._answered} of {self._asked} answered"
            if waited_for:
                self.note(f"asking {_told(waited_for[0])} ({said})")
            pause *= 2


def _told(url: str) -> str:
    """Return host and file of an address, without the parts that may hold a login."""
    parts = urlsplit(url)
    name = unquote(parts.path.rstrip("/").rpartition("/")[2])
    return f"{parts.hostname or 'a server'} for {name}"
