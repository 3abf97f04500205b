"""Time commands in turn, so that a machine that drifts drifts for all of them."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    wall: float
    """Seconds."""
    cpu: float
    """User and system seconds, of children too."""


def environment() -> dict[str, str]:
    """Return the environment to time in: bytecode is written and used."""
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONWARNINGS": "ignore"}


def run(command: Sequence[str]) -> Run:
    """Run a command to its end; its last word on standard output, if a number, is its wall time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    ended = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if ended.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{ended.stdout}\n{ended.stderr}")
    words = ended.stdout.split()
    if words and words[-1].startswith("seconds="):
        wall = float(words[-1].partition("=")[2])
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(wall, cpu)


def interleave(
    commands: Mapping[str, Callable[[], Sequence[str]]], runs: int
) -> dict[str, list[Run]]:
    """Run each command once to warm up, then all in turn, `runs` times."""
    for make in commands.values():
        run(make())
    results: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, make in commands.items():
            results[name].append(run(make()))
    return results


def table(results: Mapping[str, Sequence[Run]], floor: str) -> str:
    """Return medians and the medians of the ratios to the floor of the same round, as Markdown."""
    lines = ["| what | wall s | min to max | x floor | CPU s |", "|---|---|---|---|---|"]
    for name, runs in results.items():
        walls = [item.wall for item in runs]
        ratios = [item.wall / base.wall for item, base in zip(runs, results[floor], strict=True)]
        lines.append(
            f"| {name} | {statistics.median(walls):.3f} | {min(walls):.3f} to {max(walls):.3f} |"
            f" {statistics.median(ratios):.2f} | {statistics.median(r.cpu for r in runs):.2f} |"
        )
    return "\n".join(lines)
