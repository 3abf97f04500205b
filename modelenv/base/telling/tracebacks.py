"""Tracebacks for notebooks: the user's own lines and the message, without modelenv's frames."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from traceback import FrameSummary

from .frames import is_of_user

_ROOT = Path(__file__).parents[3]
_OURS = tuple(
    f"{_ROOT / package}{os.sep}" for package in ("modelenv", "resolver", "envfiles", "tracer")
)
_CELL = "<ipython-input-"
_BECAUSE = "\nThe above exception was the direct cause of the following exception:\n"
# Not traceback.print_last(), which prints nothing in Python 3.12.1 and 3.13.0.
_LEFT_OUT = (
    "(the frames of modelenv are left out; all of them:"
    " `import sys, traceback; traceback.print_exception(sys.last_value)`)"
)


def rendered(error: BaseException, code: str) -> list[str]:
    """Return the lines of an error with a `code`, as IPython's ``_render_traceback_`` gives them.

    They are the user's frames that led to modelenv, the causes with the user's frames in them, and
    the message.

    >>> rendered(ValueError("no such folder"), "ME0002")[0]
    'ValueError: no such folder [ME0002]'
    """
    return [*_iter_causes(error), *_leading(error), f"{_said(error)} [{code}]", _LEFT_OUT]


def _iter_causes(error: BaseException) -> Iterator[str]:
    """Yield the lines of what an error was raised from, the first cause first."""
    cause = error.__cause__
    if cause is not None:
        frames = [each for each in traceback.extract_tb(cause.__traceback__) if _is_users(each)]
        if frames:  # a cause within modelenv: the message says it
            yield from _iter_causes(cause)
            yield from _lines(frames)
            yield _said(cause)
            yield _BECAUSE


def _leading(error: BaseException) -> list[str]:
    """Return the lines of the frames up to the first of modelenv."""
    frames = traceback.extract_tb(error.__traceback__)
    outer = takewhile(lambda each: not each.filename.startswith(_OURS), frames)
    return _lines([each for each in outer if _is_users(each)])


def _is_users(frame: FrameSummary) -> bool:
    file = frame.filename
    return file.startswith(_CELL) or (is_of_user(file) and not file.startswith(_OURS))


def _lines(frames: list[FrameSummary]) -> list[str]:
    return [line.rstrip("\n") for line in traceback.format_list(frames)]


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
