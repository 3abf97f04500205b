"""The command. Its help costs no import; a subcommand is loaded when it is called."""

from __future__ import annotations

import sys

from ..base.version import VERSION


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit with its code."""
    words = sys.argv[1:] if arguments is None else arguments
    if words in ([], ["-h"], ["--help"]):
        from .commands import help_text

        print(help_text())
    elif words == ["--version"]:
        print(f"modelenv {VERSION}")
    else:
        from .group import run

        run(words)
