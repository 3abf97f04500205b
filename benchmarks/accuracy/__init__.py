"""The accuracy benchmark: does what a tool captured run the model elsewhere?"""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `python -m benchmarks accuracy` with these arguments; return its exit code."""
    from . import command

    return command.main(arguments)
