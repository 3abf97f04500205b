"""What does a large artifact cost, against ``cp -r`` of it, with and without its hash?

It is one file, and the same bytes in eight; where it may be linked nothing is copied.

python -m benchmarks artifacts [--megabytes N] [--runs N]
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from .timing import interleave, table

FLOOR = "floor: cp -r"
SAVE = """
import shutil, sys, time
import modelenv
shutil.rmtree(sys.argv[2], ignore_errors=True)
began = time.perf_counter()
modelenv.save_model(len, sys.argv[2], input_example=[1], artifacts={"big": sys.argv[1]}, %s)
print("seconds=%%.3f" %% (time.perf_counter() - began))
"""


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks artifacts", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        _fill(Path(folder, "artifact"), options.megabytes, 1)
        _fill(Path(folder, "eight"), options.megabytes, 8)
        results = interleave(_commands(Path(folder)), options.runs)
    print(
        f"Python {platform.python_version()}, {options.megabytes} MB,"
        f" medians of {options.runs} interleaved runs\n"
    )
    print(table(results, FLOOR))
    return 0


def _fill(folder: Path, megabytes: int, files: int) -> None:
    """Write random bytes into a number of files."""
    folder.mkdir()
    for number in range(files):
        with (folder / f"weights{number}.bin").open("wb") as stream:
            for _ in range(megabytes // files):
                stream.write(os.urandom(1_000_000))


def _commands(folder: Path) -> dict[str, Callable[[], list[str]]]:
    source = folder / "artifact"

    def copy() -> list[str]:
        target = folder / "copy"
        return ["sh", "-c", f"rm -rf '{target}' && cp -r '{source}' '{target}'"]

    def save(how: str = "", what: Path = source) -> Callable[[], list[str]]:
        command = [sys.executable, "-c", SAVE % how, str(what), str(folder / "model")]
        return lambda: command

    (folder / "empty").mkdir()
    return {
        FLOOR: copy,
        "save_model, an empty artifact": save(what=folder / "empty"),
        "save_model, no hashes, no proof": save("hashes=False, prove=False"),
        "save_model, no hashes": save("hashes=False"),
        "save_model": save(),
        "save_model, in eight files": save(what=folder / "eight"),
        "save_model, links": save("link_artifacts=True"),
        "save_model, links, in eight files": save("link_artifacts=True", folder / "eight"),
    }
