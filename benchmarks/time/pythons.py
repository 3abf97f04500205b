"""A benchmark as a command: under this interpreter, or under each of several."""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from ..timing import environment
from .bounds import Figures, show, write

Measure = Callable[[argparse.Namespace], Figures]
HELP = "an interpreter to run it under, or a command that starts one; several may be named"


def parser_of(name: str, description: str | None, runs: int) -> argparse.ArgumentParser:
    """Return a parser with the options that all of them have."""
    parser = argparse.ArgumentParser(
        prog=f"python -m benchmarks {name}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--runs", type=int, default=runs, help=f"rounds; default: {runs}")
    parser.add_argument("--python", nargs="+", metavar="PYTHON", help=HELP)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what has a bound there")
    return parser


def measured(
    name: str, parser: argparse.ArgumentParser, arguments: Sequence[str], measure: Measure
) -> int:
    """Run a benchmark as its arguments say, and show what has a bound; return the exit code."""
    options = parser.parse_args(arguments)
    if options.python:
        rest = without_pythons(arguments)
        return max(under(python, name, rest) for python in options.python)
    figures = measure(options)
    if figures.bounds:
        print(f"\n{show(figures.bounds)}\n", flush=True)
    if options.json:
        write(options.json, figures)
    return 0


def without_pythons(arguments: Sequence[str]) -> list[str]:
    """Return the other arguments."""
    early = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    early.add_argument("--python", nargs="+")
    return early.parse_known_args(arguments)[1]


def under(python: str, name: str, arguments: Sequence[str]) -> int:
    """Run a benchmark under another interpreter; return its exit code."""
    command = [*shlex.split(python), "-m", "benchmarks", name, *arguments]
    sys.stdout.flush()
    return subprocess.run(command, env=environment(), check=False).returncode


def peer_of(pythons: Sequence[str]) -> str | None:
    """Return the first of these interpreters that starts and is of this version, without micro."""
    wanted = f"{sys.version_info[0]}.{sys.version_info[1]}"
    asked = "import sys; print('%d.%d' % sys.version_info[:2])"
    for python in pythons:
        try:
            done = subprocess.run(
                [python, "-I", "-c", asked], capture_output=True, text=True, check=False
            )
        except OSError:
            continue
        if done.stdout.strip() == wanted:
            return python
    return None
