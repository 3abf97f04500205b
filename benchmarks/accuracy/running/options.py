"""The options of every command here: with what environments are built, and where they are kept."""

from __future__ import annotations

import fcntl
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .environments import Builder

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator


def add_builder_options(parser: argparse.ArgumentParser) -> None:
    uv = shutil.which("uv")
    parser.add_argument("--uv", default=uv, required=not uv, help="default: the one on PATH")
    parser.add_argument("--python", default=sys.executable, help="default: this interpreter")
    parser.add_argument(
        "--cache",
        type=Path,
        default=Path.home() / ".cache" / "modelenv-benchmarks",
        help="where environments are kept; on uv's file system, so that they are linked",
    )


def builder_of(given: argparse.Namespace) -> Builder:
    return Builder(uv=given.uv, python=given.python, cache=given.cache.resolve())


@contextmanager
def exclusive(builder: Builder) -> Iterator[None]:
    """Wait until nobody else uses the cache: both would hide the same folders."""
    builder.cache.mkdir(parents=True, exist_ok=True)
    with (builder.cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
