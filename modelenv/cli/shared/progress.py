"""Progress on standard error: live on a terminal, or a line per stage if requested."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Literal

import click

from .look.beside import tell_beside, tell_lines
from .look.loudness import is_quiet
from .terminal import echo, shown

if TYPE_CHECKING:
    from .look.blocks import Page

Mode = Literal["auto", "plain", "off"]

_META = "modelenv.progress"
_TICK = 0.2
_PAUSE = 10.0
"""Seconds between two lines of one stage, in the form for logs."""
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
    """A function to call with each stage as it begins; the ``with`` block ends the last one.

    On a terminal a stage is one line with its seconds, updated while it lasts. In the form for logs
    each stage is a line that begins with the seconds since the command's start.
    """

    def __init__(self, mode: Mode, *, terminal: bool, dim: bool) -> None:
        self._plain = mode == "plain" or (mode == "auto" and terminal and _is_dumb())
        self._live = terminal and mode == "auto" and not self._plain
        self._dim = dim and terminal
        self._began = time.perf_counter()
        self._stage: _Stage | None = None
        self._lined = 0.0
        self._turn = threading.RLock()  # reports of a slow index come from another thread

    @classmethod
    def of_command(cls) -> Progress:
        """Return the progress that the running command was asked to show."""
        from ...base.settings import Settings

        asked: Mode = click.get_current_context().meta.get(_META, "auto")
        mode: Mode = "off" if is_quiet() else asked
        colours = Settings.from_environment().colours
        return cls(mode, terminal=sys.stderr.isatty(), dim=colours)

    @property
    def tells(self) -> bool:
        """Whether it is shown at all."""
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
        """End the last stage, so that later output begins on a new line."""
        self._end()

    def __call__(self, what: str) -> None:
        """Begin a stage."""
        with self._turn:
            self._end()
            if self._live:
                self._stage = _Stage(_cut(shown(what)), self._styled)
            else:
                self.line(what)

    def again(self, what: str) -> None:
        """Update the text of the current stage; another first word begins another stage."""
        with self._turn:
            if self._stage is not None and self._stage.is_of(what):
                self._stage.tell(_cut(shown(what)))
            elif self._live:
                self(what)
            elif self._plain and time.perf_counter() - self._lined >= _PAUSE:
                self._lined = time.perf_counter()
                self.line(what)

    def line(self, what: str) -> None:
        """Begin a stage in which other code writes to the terminal, or replaces this process."""
        self._end()
        if self._plain:
            passed = time.perf_counter() - self._began
            echo(f"{passed:7.1f} s  {what}", err=True)
        elif self._live:
            click.echo(self._styled(f"{shown(what)} …"), err=True)

    def note(self, text: str, make: Callable[[], Page] | None = None) -> None:
        """Print a text that stays, whether or not progress is shown; `make` makes its page."""
        self._end()
        tell_lines(text) if make is None else tell_beside(text, make)

    def _end(self) -> None:
        with self._turn:
            if self._stage is not None:
                self._stage.end()
                self._stage = None

    def _styled(self, text: str) -> str:
        return click.style(text, dim=True) if self._dim else text


class _Stage:
    """A stage in progress, on one line that is rewritten.

    Its thread ends with it: none may run while other code forks.
    """

    def __init__(self, what: str, styled: Callable[[str], str]) -> None:
        self._what = what
        self._styled = styled
        self._began = time.perf_counter()
        self._width = 0
        """The length of the previous line, which has to be overwritten."""
        self._over = threading.Event()
        self._write("")
        self._thread = threading.Thread(target=self._tick, daemon=True)
        self._thread.start()

    def is_of(self, what: str) -> bool:
        """Whether a text belongs to this stage: it has the same first word."""
        return self._what.split(" ", 1)[0] == what.split(" ", 1)[0]

    def tell(self, what: str) -> None:
        """Change the text of the stage."""
        self._what = what

    def end(self) -> None:
        """Write its duration."""
        self._over.set()
        self._thread.join()
        self._write("\n")

    def _tick(self) -> None:
        while not self._over.wait(_TICK):
            self._write("")

    def _write(self, end: str) -> None:
        passed = time.perf_counter() - self._began
        dots = "" if self._what.endswith("…") else " …"
        text = f"{self._what}{dots} {passed:.1f} s"
        gone = " " * (self._width - len(text))
        self._width = len(text)
        click.echo(f"\r{self._styled(text)}{gone}{end}", nl=False, err=True)


def _cut(what: str) -> str:
    """Return a text cut to fit one line of the terminal, with the seconds."""
    try:
        columns = os.get_terminal_size(sys.stderr.fileno()).columns or _WIDTH
    except (OSError, ValueError):
        columns = _WIDTH
    most = max(columns - 14, 10)
    first = what.partition("\n")[0]
    return first if len(first) <= most else f"{first[: most - 1]}…"


def _is_dumb() -> bool:
    """Return whether the terminal cannot rewrite a line."""
    from ...base.settings import Settings

    return Settings.from_environment().environment.get("TERM") == "dumb"
