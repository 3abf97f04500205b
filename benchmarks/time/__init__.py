"""What modelenv's own work costs: every bound, in one command.

    python -m benchmarks time [--python PYTHON ...] [--mlflow PYTHON ...] [--before CHECKOUT]
        [--only NAME ...] [--once NAME ...] [--rounds N] [--table FILE]

Runs the benchmarks of this room under each interpreter, and shows what each figure may be at most
beside what it is. `--table` writes that between the markers of FILE, and where the time of a save
goes under the first interpreter.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..results import record
from ..results.command import parser_of
from ..results.figures import Found, bounded
from .bounds import NoMarkersError, beside, check_markers, insert
from .pythons import HELP, under

ROUNDS = {"capture": 1.0, "scale": 0.6, "startup": 1.4, "tracing": 1.4, "artifacts": 0.6}
"""The benchmarks that have bounds, and their rounds to one of `capture`, which takes longest."""
LEAST = 3


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    if options.table:
        try:
            check_markers(options.table)
        except NoMarkersError as error:
            print(error, file=sys.stderr)
            return 2
    found: dict[str, list[Found]] = {}
    names, before = options.only, options.before
    for python in options.python:
        version = _version(python)
        print(f"# Python {version}\n", flush=True)
        found[version] = _figures(python, names, before, options)
        names, before = [name for name in names if name not in options.once], None
    figures = {
        version: [figure for each in several for figure in bounded(each.figures)]
        for version, several in found.items()
    }
    text = beside(figures)
    print(f"\n{text}")
    if options.table:
        insert(options.table, "bounds", text)
        staged = (each.details.get("stages") for several in found.values() for each in several)
        if stages := next(filter(None, staged), ""):
            insert(options.table, "stages", stages)
    if options.json:
        record.write(
            options.json, record.Record([each for some in found.values() for each in some])
        )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = parser_of("time", __doc__)
    parser.add_argument("--python", nargs="+", default=[shlex.quote(sys.executable)], help=HELP)
    parser.add_argument("--mlflow", nargs="+", default=[], metavar="PYTHON")
    parser.add_argument("--before", metavar="CHECKOUT", help="under the first Python only")
    parser.add_argument("--only", nargs="+", choices=list(ROUNDS), default=list(ROUNDS))
    parser.add_argument(
        "--once", nargs="+", choices=list(ROUNDS), default=[], help="those of the first Python only"
    )
    parser.add_argument("--rounds", type=int, default=5, help="of capture; default: 5")
    parser.add_argument("--table", type=Path, metavar="FILE")
    return parser


def _figures(
    python: str, names: Sequence[str], before: str | None, options: argparse.Namespace
) -> list[Found]:
    """Run the benchmarks under an interpreter; return what all of them find."""
    found: list[Found] = []
    for name in names:
        runs = max(LEAST, round(options.rounds * ROUNDS[name]))
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "bounds.json")
            words = ["--runs", str(runs), "--json", str(file), *_more(name, before, options)]
            print(f"## {name}\n", flush=True)
            if under(python, name, words):
                sys.exit(f"{name} did not end well under {python}")
            found += record.read(file).found
    return found


def _more(name: str, before: str | None, options: argparse.Namespace) -> list[str]:
    """Return the words that a benchmark gets besides: what has no bound is left out."""
    several: Mapping[str, Sequence[str]] = {
        "capture": [
            *(["--mlflow", *options.mlflow] if options.mlflow else ()),
            *(["--before", before] if before else ()),
        ],
        "tracing": ["--only", "imports", "predictions", "--contexts", "observer", "trace()"],
        "artifacts": ["--files"],
    }
    return list(several.get(name, ()))


def _version(python: str) -> str:
    asked = "import platform; print(platform.python_version())"
    done = subprocess.run(
        [*shlex.split(python), "-c", asked], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
