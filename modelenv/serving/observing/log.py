"""The log of a server: one line per request and event, written by a thread of its own."""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable
from json.encoder import encode_basestring_ascii as quoted
from typing import Any, Literal, TypeGuard

from ...base.text import visible

Form = Literal["json", "text"]

_PAUSE = 0.1  # seconds, at most, before a line is written
_MOST = 64_000_000  # bytes kept while nobody reads
_USUAL = 500  # bytes assumed for a line that is not formatted yet
_LONGEST = 500  # characters of the reason for a refusal
_MOST_SHOWN = 10_000  # characters that are searched for secrets before a text is shortened
_REST = 2.0  # seconds at the end for unwritten lines


class Log:
    """Lines on a file descriptor, as JSON or as text.

    A thread writes them, so that serving does not wait for the reader of the log. If nobody reads,
    at most 64 MB are kept; lost lines are counted, and the number is logged later.
    """

    def __init__(
        self, descriptor: int, form: Form = "json", hide: Callable[[str], str] = str
    ) -> None:
        self.form = form
        self._descriptor = descriptor
        self._hide = hide
        """Masks secrets in a text."""
        self._lines: list[str | Callable[[], str]] = []
        self._size = 0
        self._lost = 0
        self._is_cut = False
        """Whether the last write ended within a line."""
        self._signal = threading.Event()
        self._closing = False
        self._clock = _Clock()
        self._thread = threading.Thread(target=self._write, name="modelenv-log", daemon=True)
        self._thread.start()

    def event(self, name: str, **told: Any) -> None:
        """Log an event; values that are None or empty are left out."""
        said = {key: value for key, value in told.items() if value not in (None, "")}
        hidden = {key: self._hide(v) if isinstance(v, str) else v for key, v in said.items()}
        self.line(self.as_json(name, hidden) if self.form == "json" else _as_text(name, hidden))

    def line(self, text: str | Callable[[], str]) -> None:
        """Queue a line, to be written within a tenth of a second; a function is called then."""
        if self._size > _MOST:
            self._lost += 1
            return
        self._lines.append(text)
        self._size += len(text) if isinstance(text, str) else _USUAL
        if not self._signal.is_set():
            self._signal.set()

    def shown(self, text: str) -> str:
        """Return an untrusted text for the log, without secrets and shortened."""
        hidden = self._hide(text[:_MOST_SHOWN])
        if len(hidden) > _LONGEST:
            return f"{hidden[:_LONGEST]}... ({len(text)} characters)"
        return hidden

    def now(self, moment: float | None = None) -> str:
        """Return a time in UTC to the millisecond: the current one, or a `time.time` value."""
        return self._clock.shown(time.time() if moment is None else moment)

    def as_json(self, name: str, told: dict[str, Any]) -> str:
        """Return a line of JSON in ASCII; untrusted text cannot break the line."""
        parts = (f", {quoted(key)}: {_json(value)}" for key, value in told.items())
        return f'{{"time": "{self.now()}", "event": {quoted(name)}{"".join(parts)}}}'

    def close(self) -> None:
        """Write the remaining lines, and stop the thread."""
        self._closing = True
        self._signal.set()
        self._thread.join(_REST)

    def _write(self) -> None:
        while not self._closing or self._lines:
            self._signal.wait()
            if not self._closing:
                time.sleep(_PAUSE)
            self._signal.clear()
            taken, self._lines = self._lines, []
            lines = [each if isinstance(each, str) else each() for each in taken]
            lost, self._lost, self._size = self._lost, 0, 0
            if lost:
                lines.append(self.as_json("log_lines_lost", {"count": lost}))
            if lines:
                missing = self._put(lines)
                if missing:  # the number of lines that were lost before these
                    self._lost += missing - bool(lost) + lost

    def _put(self, lines: list[str]) -> int:
        """Write lines, even if they are read slowly; return how many could not be written."""
        text = "\n".join((*lines, ""))
        data = (f"\n{text}" if self._is_cut else text).encode("utf-8", "backslashreplace")
        left = memoryview(data)
        try:
            while left:
                try:
                    left = left[os.write(self._descriptor, left) :]
                except BlockingIOError:  # the descriptor was set to non-blocking by our starter
                    select.select((), (self._descriptor,), (), _PAUSE)
        except OSError:  # the reader is gone, or the disk is full
            pass
        written = len(data) - len(left)
        if written:
            self._is_cut = data[written - 1 : written] != b"\n"
        return min(bytes(left).count(b"\n"), len(lines))


class _Clock:
    """The time as text, formatted once a second."""

    def __init__(self) -> None:
        self._last = (-1, "")

    def shown(self, moment: float) -> str:
        second = int(moment)
        last, text = self._last
        if second != last:
            text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
            self._last = (second, text)
        return f"{text}.{int((moment - second) * 1000):03d}Z"


def _json(value: Any) -> str:
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if _is_number(value):
        return f"{value:.6g}" if isinstance(value, float) else str(value)
    return quoted(str(value))


def _is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float)


def _as_text(name: str, told: dict[str, Any]) -> str:
    said = ", ".join(f"{key} {value}" for key, value in told.items())
    event = name.replace("_", " ")
    text = visible(f"{time.strftime('%H:%M:%S')} {f'{event}: {said}' if said else event}")
    return text.replace("\n", "\n    ")
