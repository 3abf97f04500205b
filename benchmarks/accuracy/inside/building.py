"""Build a case's model as `python train.py` does, and time what is done with it then.

The standard library only: this runs in the environments of the tools.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--main", action="store_true", help="run train.py as __main__")
    parser.add_argument("--output", required=True, help="the folder that the tool is to write")
    parser.add_argument("--report", type=Path, required=True, help="a JSON file: what came of it")
    parser.add_argument("--options", type=json.loads, default={})
    return parser.parse_args()


def build(given: argparse.Namespace) -> tuple[Any, Any]:
    """Return the model and its example, with the `sys.path` that a script has in its folder."""
    sys.path.insert(0, str(given.train.parent))
    if given.main:
        names = sys.modules["__main__"].__dict__
        names["__file__"] = str(given.train)
        exec(compile(given.train.read_bytes(), str(given.train), "exec", dont_inherit=True), names)
    else:
        names = import_module(given.train.stem).__dict__
    built: tuple[Any, Any] = names["build"]()
    return built


class Stopwatch:
    """Wall and CPU seconds, those of awaited children too."""

    def __init__(self) -> None:
        self._wall = time.perf_counter()
        self._cpu = sum(os.times()[:4])

    def read(self) -> dict[str, float]:
        cpu = sum(os.times()[:4]) - self._cpu
        return {"wall": time.perf_counter() - self._wall, "cpu": cpu}


def failed(error: Exception) -> dict[str, Any]:
    return {"failed": {"type": type(error).__name__, "message": str(error)}}
