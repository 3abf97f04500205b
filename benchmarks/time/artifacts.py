"""What does a large artifact cost, against ``cp -r`` of it, with and without its hash?

    python -m benchmarks artifacts [--megabytes N] [--files N ...] [--runs N] [--python PYTHON ...]

The same bytes are one file, and then each of these numbers of files.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ..results.figures import Figure
from ..results.timing import interleave, ratio_of, table
from .bounds import Measured
from .pythons import measured, parser_of

ENOUGH = 1000
"""Megabytes from which on the bound is meant: less takes no longer than the prediction."""
FLOOR = "floor: cp -r"
SEALED = "save_model"
LINKED = "save_model, linked"
SAVE = """
import shutil, sys, time
import modelenv
shutil.rmtree(sys.argv[2], ignore_errors=True)
began = time.perf_counter()
modelenv.save_model(len, sys.argv[2], input_example=[1], artifacts={"big": sys.argv[1]}, %s)
print("seconds=%%.3f" %% (time.perf_counter() - began))
"""


def main(arguments: Sequence[str]) -> int:
    parser = parser_of("artifacts", __doc__, runs=5)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--files", type=int, nargs="*", default=[10, 10_000])
    return measured(parser, arguments, _measure)


def _measure(options: argparse.Namespace) -> Measured:
    size = f"{options.megabytes:,} MB"
    print(f"Python {platform.python_version()}, medians of {options.runs} interleaved runs\n")
    bounds = [*_one_file(options.megabytes, size, options.runs)]
    for count in options.files:
        _several(options.megabytes, size, count, options.runs)
    return Measured(bounds)


def _one_file(megabytes: int, size: str, runs: int) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        source = _artifact(Path(folder), megabytes, 1)
        results = interleave(_commands(source, Path(folder)), runs)
    print(f"{size} in one file\n\n{table(results, FLOOR)}\n")
    most = 1.60 if megabytes >= ENOUGH else None
    for name in (SEALED, LINKED):
        how = " and links" if name == LINKED else ""
        ratio = ratio_of(results[name], results[FLOOR])
        yield Figure(f"save of {size} with hashes{how}", ratio, "x cp -r", most=most)


def _several(megabytes: int, size: str, count: int, runs: int) -> None:
    """Time the same bytes in more files."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        source = _artifact(Path(folder), megabytes, count)
        every = _commands(source, Path(folder))
        results = interleave({name: every[name] for name in (FLOOR, SEALED, LINKED)}, runs)
    print(f"{size} in {count:,} files\n\n{table(results, FLOOR)}\n")


def _artifact(folder: Path, megabytes: int, count: int) -> Path:
    """Write so many random bytes into so many files of one size; return their folder."""
    source = folder / "artifact"
    source.mkdir()
    size = megabytes * 1_000_000 // count
    for number in range(count):
        with (source / f"weights-{number}.bin").open("wb") as stream:
            for done in range(0, size, 1_000_000):
                stream.write(os.urandom(min(1_000_000, size - done)))
    return source


def _commands(source: Path, folder: Path) -> dict[str, Callable[[], list[str]]]:
    def copy() -> list[str]:
        target = folder / "copy"
        return ["sh", "-c", f"rm -rf '{target}' && cp -r '{source}' '{target}'"]

    def save(how: str) -> Callable[[], list[str]]:
        command = [sys.executable, "-c", SAVE % how, str(source), str(folder / "model")]
        return lambda: command

    (folder / "empty").mkdir()
    without = SAVE % "hashes=False"
    return {
        FLOOR: copy,
        "save_model, no hashes, an empty artifact": lambda: [
            *(sys.executable, "-c", without),
            *(str(folder / "empty"), str(folder / "model")),
        ],
        "save_model, no hashes, no proof": save("hashes=False, prove=False"),
        "save_model, no hashes": save("hashes=False"),
        SEALED: save(""),
        LINKED: save("link_artifacts=True"),
    }
