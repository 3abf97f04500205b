"""A benchmark as a command: under this interpreter, or under each of several."""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from ..results import command, record
from ..results.figures import Found
from ..results.timing import environment
from .bounds import Measured

Measure = Callable[[argparse.Namespace], Measured]
HELP = "an interpreter to run it under, or a command that starts one; several may be named"


def parser_of(name: str, description: str | None, runs: int) -> argparse.ArgumentParser:
    """Return a parser with the options that all of them have."""
    parser = command.parser_of(name, description)
    parser.add_argument("--runs", type=int, default=runs, help=f"rounds; default: {runs}")
    parser.add_argument("--python", nargs="+", metavar="PYTHON", help=HELP)
    return parser


def measured(parser: argparse.ArgumentParser, arguments: Sequence[str], measure: Measure) -> int:
    """Run a benchmark as its arguments say, here or under `--python`; return the exit code."""
    options = parser.parse_args(arguments)
    if options.python:
        return _under_each(options, without_pythons(arguments))
    found = measure(options)
    details = {"stages": found.stages} if found.stages else {}
    return command.conclude(options, found.figures, details=details)


def _under_each(options: argparse.Namespace, arguments: Sequence[str]) -> int:
    """Run a benchmark under each of the interpreters, and write what all of them found."""
    codes: list[int] = []
    found: list[Found] = []
    with tempfile.TemporaryDirectory() as folder:
        for number, python in enumerate(options.python):
            file = Path(folder, f"{number}.json")
            codes.append(under(python, options.benchmark, [*arguments, "--json", str(file)]))
            found += record.read(file).found
    if options.json:
        record.write(options.json, record.Record(found))
    return max(codes)


def without_pythons(arguments: Sequence[str]) -> list[str]:
    """Return the other arguments, without the file that all of them are written to."""
    early = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    early.add_argument("--python", nargs="+")
    early.add_argument("--json")
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
