"""Tell on standard error what is being done: live on a terminal, a line a stage where asked."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Literal

import click

from .look.loudness import is_quiet
from .terminal import echo, shown

Mode = Literal["auto", "plain", "off"]

_META = "modelenv.progress"
_TICK = 0.2
_PAUSE = 10.0
"""Seconds between two lines of one stage, where each is a line of a log."""
_WIDTH = 80


def _choose(ctx: click.Context, _: click.Parameter, mode: Mode) -> None:
    ctx.meta[_META] = mode


progress_option = click.option(
    "--progress",
    type=click.Choice(["auto", "plain", "off"]),
    default="auto",
    show_default=True,
    expose_value=False,
    callback=_choose,
    help="Tell each stage on standard error: live on a terminal, a line each, or not at all.",
)


class Progress:
    """A function that is told each stage as it begins; the end of a ``with`` block ends the last.

    On a terminal a stage is a line with the seconds that it takes, which go on while it lasts. A
    line each, as for a log, begins with the seconds since the command began.
    """

    def __init__(self, mode: Mode, *, terminal: bool, dim: bool) -> None:
        self._plain = mode == "plain" or (terminal and _is_dumb())
        self._live = terminal and mode == "auto" and not self._plain
        self._dim = dim and terminal
        self._began = time.perf_counter()
        self._stage: _Stage | None = None
        self._lined = 0.0
        self._turn = threading.RLock()  # who waits for an index tells it from another thread

    @classmethod
    def of_command(cls) -> Progress:
        """Return what the command that runs was asked to tell."""
        from ...base.settings import Settings

        asked: Mode = click.get_current_context().meta.get(_META, "auto")
        mode: Mode = "off" if is_quiet() else asked
        colours = Settings.from_environment().colours
        return cls(mode, terminal=sys.stderr.isatty(), dim=colours)

    @property
    def tells(self) -> bool:
        """Whether anybody sees it."""
        return self._live or self._plain

    def __enter__(self) -> Progress:
        """Return the function."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the last stage: what is printed next stands on a line of its own."""
        self._end()

    def __call__(self, what: str) -> None:
        """Tell that a stage begins."""
        with self._turn:
            self._end()
            if self._live:
                self._stage = _Stage(_cut(shown(what)), self._styled)
            else:
                self.line(what)

    def again(self, what: str) -> None:
        """Tell how far the stage is that goes on: another stage begins with another first word."""
        with self._turn:
            if self._stage is not None and self._stage.is_of(what):
                self._stage.tell(_cut(shown(what)))
            elif self._live:
                self(what)
            elif self._plain and time.perf_counter() - self._lined >= _PAUSE:
                self._lined = time.perf_counter()
                self.line(what)

    def line(self, what: str) -> None:
        """Tell that a stage begins in which the terminal, and this process, is somebody else's."""
        self._end()
        if self._plain:
            passed = time.perf_counter() - self._began
            echo(f"{passed:7.1f} s  {what}", err=True)
        elif self._live:
            click.echo(self._styled(f"{shown(what)} …"), err=True)

    def note(self, text: str) -> None:
        """Print a text that is to stay, whoever looks."""
        self._end()
        echo(text, err=True)

    def _end(self) -> None:
        with self._turn:
            if self._stage is not None:
                self._stage.end()
                self._stage = None

    def _styled(self, text: str) -> str:
        return click.style(text, dim=True) if self._dim else text


class _Stage:
    """A stage that lasts, on a line of its own that is written again and again.

    Its thread ends with it: none may be there while somebody else's code forks.
    """

    def __init__(self, what: str, styled: Callable[[str], str]) -> None:
        self._what = what
        self._styled = styled
        self._began = time.perf_counter()
        self._width = 0
        """How long the line is that it has to cover."""
        self._over = threading.Event()
        self._write("")
        self._thread = threading.Thread(target=self._tick, daemon=True)
        self._thread.start()

    def is_of(self, what: str) -> bool:
        """Whether a text is of this stage: it has its first word."""
        return self._what.split(" ", 1)[0] == what.split(" ", 1)[0]

    def tell(self, what: str) -> None:
        """Say something else of it from now on."""
        self._what = what

    def end(self) -> None:
        """Write how long it took."""
        self._over.set()
        self._thread.join()
        self._write("\n")

    def _tick(self) -> None:
        while not self._over.wait(_TICK):
            self._write("")

    def _write(self, end: str) -> None:
        passed = time.perf_counter() - self._began
        text = f"{self._what} … {passed:.1f} s"
        gone = " " * (self._width - len(text))
        self._width = len(text)
        click.echo(f"\r{self._styled(text)}{gone}{end}", nl=False, err=True)


def _cut(what: str) -> str:
    """Return a text that with the seconds fits on one line of the terminal."""
    try:
        columns = os.get_terminal_size(sys.stderr.fileno()).columns or _WIDTH
    except (OSError, ValueError):
        columns = _WIDTH
    most = max(columns - 14, 10)
    first = what.partition("\n")[0]
    return first if len(first) <= most else f"{first[: most - 1]}…"


def _is_dumb() -> bool:
    """Tell whether the terminal can write no line again."""
    from ...base.settings import Settings

    return Settings.from_environment().environment.get("TERM") == "dumb"
