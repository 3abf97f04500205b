"""The command. Its help costs no import; a subcommand is loaded when it is called."""

from __future__ import annotations

import sys

from ..base.version import VERSION
from .shared.streams import open_closed


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit with its code."""
    open_closed()
    words = sys.argv[1:] if arguments is None else arguments
    if words in ([], ["-h"], ["--help"]):
        from .commands import help_text

        _print(help_text())
    elif words == ["--version"]:
        _print(f"modelenv {VERSION}")
    else:
        from .group import run

        run(words)


def _print(text: str) -> None:
    """Print a text; exit with 1 where nobody reads on, and 2 where it cannot be written."""
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
