"""Warnings of modelenv, printed as lines of the command."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import click

from .beside import tell_note
from .loudness import is_quiet


@contextmanager
def notes_as_lines() -> Iterator[None]:
    """Print warnings within the block as notes on standard error, without code locations.

    Only modelenv's own warnings change; those of other libraries are printed as usual.
    """
    with warnings.catch_warnings():
        usual = warnings.showwarning

        def show(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            from pathlib import Path

            ours = {Path(__file__).parents[2], Path(click.__file__).parent}
            if is_quiet() and issubclass(category, UserWarning):
                return
            if issubclass(category, UserWarning) and not ours.isdisjoint(Path(filename).parents):
                tell_note(str(message), plain=f"modelenv: note: {message}")
            else:
                usual(message, category, filename, lineno, file, line)

        warnings.showwarning = show
        yield
