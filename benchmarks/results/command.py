"""The begin and the end of each benchmark: its parser, and what it shows and keeps."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from .figures import Figure, Found, bounded, show
from .machine import these_versions, this_machine
from .record import Record, write


def parser_of(name: str, description: str | None) -> argparse.ArgumentParser:
    """Return a parser with what all benchmarks have."""
    parser = argparse.ArgumentParser(
        prog=f"python -m benchmarks {name}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(benchmark=name, began=time.monotonic())
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    return parser


def conclude(
    options: argparse.Namespace,
    figures: Sequence[Figure],
    *,
    good: bool = True,
    details: Mapping[str, Any] | None = None,
) -> int:
    """Show what has a bound, and write all where `--json` says so; return the exit code.

    That is 1 where `good` is false: where something else is wrong than the time that it takes.
    """
    if bounded(figures):
        print(f"\n{show(figures)}\n", flush=True)
    if options.json:
        write(options.json, Record([found(options, figures, good, details or {})]))
    return int(not good)


def found(
    options: argparse.Namespace,
    figures: Sequence[Figure],
    good: bool,
    details: Mapping[str, Any],
) -> Found:
    """Return what a run found, with where, when and with what."""
    return Found(
        options.benchmark,
        tuple(figures),
        this_machine(),
        these_versions(),
        datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%MZ"),
        time.monotonic() - options.began,
        quick=getattr(options, "quick", False),
        good=good,
        details=details,
    )
