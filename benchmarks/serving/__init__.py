"""The serving benchmark: modelenv's server beside MLflow's and MLServer's."""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `python -m benchmarks serving` with these arguments; return its exit code."""
    from . import command

    return command.main(arguments)
