"""The page of a failure in a model's code: the user's own lines first, the innermost on top."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .....base.telling.frames import in_library, is_of_user
from .....base.text import counted
from ..blocks import Block, Excerpt, Facts, Frames, Page, Prose

if TYPE_CHECKING:
    from .....repair.reading.chain import CodeFrame, Raised

_MOST_FRAMES = 3
_MOST_LINES = 12
"""Of what a program printed last."""


def failure(detail: str, *, whole: bool, hint: str = "") -> Page:
    """Return the page of a traceback as text, or of the end of what a program printed.

    `whole` leaves nothing out; else `hint` is what shows all of it: an option of the command.
    """
    from .....repair.reading.chain import read_chain

    lines = detail.rstrip().split("\n")
    chain = read_chain(lines)
    if not (chain and chain[-1].frames):
        title = "what was printed last"
        if whole or len(lines) <= _MOST_LINES:
            return (Excerpt(title, tuple(lines)),)
        more = _aside(hint, f"all {len(lines)} lines")
        return (Excerpt(title, tuple(lines[-_MOST_LINES:])), *more)
    if whole:
        return (Excerpt("", tuple(lines)),)
    return (*_iter_short(chain), *_aside(hint, "the whole traceback"))


def _aside(hint: str, what: str) -> Iterator[Block]:
    if hint:
        yield Prose(f"{hint} shows {what}", is_aside=True)


def _iter_short(chain: Sequence[Raised]) -> Iterator[Block]:
    *causes, last = chain
    own = [each for each in last.frames if is_of_user(each.file)]
    others = [each for each in last.frames if not is_of_user(each.file)]
    if own:
        yield _innermost(own, "in your code, the innermost line first")
        below = last.frames[last.frames.index(own[-1]) + 1 :]
        if below:
            said = f"{counted(len(below), 'line')} of libraries, the last {_name(below[-1])}"
            yield Facts("below them", (said,), folds=False)
    else:
        yield _innermost(others, "in libraries, the innermost line first")
    causes = [each for each in causes if each.type]
    if causes:
        yield Facts("before it", tuple(map(str, causes)), folds=False, apart=True)


def _innermost(frames: Sequence[CodeFrame], title: str) -> Frames:
    chosen = frames[: -_MOST_FRAMES - 1 : -1]
    shown = tuple((_name(each), each.code) for each in chosen)
    return Frames(title, shown, len(frames) - len(shown))


def _name(frame: CodeFrame) -> str:
    """Return the place of a frame as it is opened from the working folder, and its function."""
    file = _near(frame.file) if is_of_user(frame.file) else in_library(frame.file)
    place = f"{file}:{frame.line}"
    return place if frame.function == "<module>" else f"{place} in {frame.function}"


def _near(file: str) -> str:
    """Return a path relative to the working folder, if it is below that."""
    try:
        here = os.fspath(Path.cwd())
    except FileNotFoundError:  # the folder is gone
        return file
    return os.path.relpath(file, here) if file.startswith(here + os.sep) else file
