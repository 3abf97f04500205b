"""Report the warnings that libraries show while a model runs; they are still shown as usual.

Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_MOST = 50
_LONGEST = 1000
_FOLDERS = ("site-packages", "dist-packages")


def listen(say: Callable[..., None]) -> None:
    """Report the first 50 warnings that are shown in this process, through `say`.

    Warnings that the filters ignore are not shown; those of a library with its own way of showing
    warnings are not noticed.
    """
    import warnings

    shown, owner = warnings.showwarning, os.getpid()
    heard: set[tuple[str, str]] = set()

    def show(
        message: Any, category: Any, filename: str, lineno: int, file: Any = None, line: Any = None
    ) -> None:
        kind, text = _named(category), _said(message)
        ours = file is None and os.getpid() == owner  # false in a child that the model forked
        if ours and (kind, text) not in heard and len(heard) < _MOST:
            heard.add((kind, text))
            say("warned", category=kind, message=text, place="%s:%d" % (_short(filename), lineno))
        shown(message, category, filename, lineno, file, line)

    warnings.showwarning = show


def _named(category: Any) -> str:
    """Return the name of a class: ``UserWarning``, ``sklearn.exceptions.FitFailedWarning``."""
    name = str(category.__qualname__)
    return name if category.__module__ == "builtins" else "%s.%s" % (category.__module__, name)


def _said(message: object) -> str:
    try:
        return " ".join(str(message).split())[:_LONGEST]
    except Exception as trouble:  # noqa: BLE001  # any class's __str__
        return "(it cannot be read: %s)" % type(trouble).__name__


def _short(filename: str) -> str:
    """Return a file's path relative to its distribution: ``sklearn/base.py``."""
    parts = filename.replace(os.sep, "/").split("/")
    for folder in _FOLDERS:
        if folder in parts:
            return "/".join(parts[len(parts) - parts[::-1].index(folder) :])[:_LONGEST]
    return parts[-1][:_LONGEST]
