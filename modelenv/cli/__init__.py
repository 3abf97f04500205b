"""The command line. Help needs no further imports; subcommands are imported when called."""

from __future__ import annotations

import gc
import os
import sys

from ..base import VERSION
from .shared.streams import open_closed

_COMPLETE = "_MODELENV_COMPLETE"
"""The variable by which a shell asks for completions; click reads it."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit with its status."""
    open_closed()
    words = sys.argv[1:] if arguments is None else arguments
    if arguments is None and _COMPLETE in os.environ:  # noqa: TID251  # a door: no word is read yet
        _run_alone(words)
    elif words in ([], ["-h"], ["--help"]):
        from .commands import help_text

        _print(help_text())
    elif words == ["--version"]:
        _print(f"modelenv {VERSION}")
    elif arguments is None:
        _run_alone(words)
    else:
        from .group import run

        run(words)


def _run_alone(words: list[str]) -> None:
    """Run a subcommand in this process, which exists for it alone.

    Loaded objects are needed to its end, so garbage collection would examine them for nothing.
    """
    collects = gc.isenabled()
    gc.disable()
    from .group import run

    gc.freeze()
    if collects:
        gc.enable()
    try:
        run(words)
    finally:
        gc.freeze()  # at exit the interpreter would examine all of it twice


def _print(text: str) -> None:
    """Print a text; exit with 1 if the reader has closed, and 2 if writing fails."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        from .shared.terminal import drop_output

        drop_output()
        sys.exit(1)
    except OSError as refused:
        from .shared.terminal import give_up_output

        give_up_output(refused)
        sys.exit(2)
