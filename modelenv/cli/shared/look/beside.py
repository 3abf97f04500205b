"""Tell what stands beside the result, on standard error: refusals, notes, tracebacks."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..terminal import echo, echo_styled, shown
from .loudness import VERBOSE, is_verbose

if TYPE_CHECKING:
    from .blocks import Page


def tell_beside(plain: str, make: Callable[[], Page]) -> None:
    """Print a page on standard error where that is a terminal, else the plain text."""
    from .screen import screen_of

    screen = screen_of(sys.stderr)
    if screen is None:
        echo(plain, err=True)
        return
    from .draw import Pen

    pen = Pen(screen, shown, verbose=is_verbose())
    echo_styled(pen.draw(make()), err=True)


def is_log() -> bool:
    """Return whether standard error is kept for later, when nobody can ask for more of it."""
    return not sys.stderr.isatty()


def tell_value(value: Any) -> None:
    """Print a value where standard output is not ours."""

    def make() -> Page:
        from .tell import page_of

        return page_of(value)

    tell_beside(str(value), make)


def tell_note(said: str, *, plain: str | None = None) -> None:
    """Print a note; `plain` is what a pipe gets, None: the note with the word in front."""

    def make() -> Page:
        from ....base.text import NOTE
        from .blocks import Facts

        return (Facts(NOTE, (said,), "fair", folds=False),)

    tell_beside(f"note: {said}" if plain is None else plain, make)


def tell_lines(said: str) -> None:
    """Print sentences, a line each; what is indented is to be copied, or stands as it is."""

    def make() -> Page:
        from .pages.refusals import lines

        return tuple(lines(said.split("\n")))

    tell_beside(said, make)


def tell_failure(detail: str) -> None:
    """Print a traceback of a model's code, or the end of what it printed, its own frames first."""

    def make() -> Page:
        from .blocks import Gap
        from .pages.tracebacks import failure

        return (Gap(), *failure(detail, whole=is_verbose() or is_log(), hint=VERBOSE))

    tell_beside(detail, make)
