"""Time commands in turn, so that a machine that drifts drifts for all of them."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

WORDS = ("seconds", "spent", "memory", "proofs", "right", "wrong")
"""What a program may say of itself, as ``name=number`` on its last line."""
STAGE = "stage:"
"""How the names of what it says of its stages begin; those are seconds."""


@dataclass(frozen=True, slots=True)
class Command:
    """A program, with variables of its own and the folder that it is started in."""

    words: Sequence[str]
    variables: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Run:
    wall: float
    """Seconds."""
    cpu: float
    """User and system seconds, of children too."""
    said: Mapping[str, float] = field(default_factory=dict)
    """What the program said of itself."""


def environment() -> dict[str, str]:
    """Return the environment to time in: bytecode is written and used."""
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONWARNINGS": "ignore"}


def run(command: Sequence[str] | Command) -> Run:
    """Run a command to its end.

    Where its last line says ``seconds=``, that is its wall time; ``spent=`` is CPU time that does
    not count.
    """
    given = command if isinstance(command, Command) else Command(command)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    ended = subprocess.run(
        given.words,
        cwd=given.folder,
        env={**environment(), **given.variables},
        capture_output=True,
        text=True,
        check=False,
    )
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if ended.returncode != 0:
        sys.exit(f"{' '.join(given.words)}\n{ended.stdout}\n{ended.stderr}")
    said = _said(ended.stdout)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(said.get("seconds", wall), cpu - said.get("spent", 0.0), said)


def interleave(
    commands: Mapping[str, Callable[[], Sequence[str] | Command]], runs: int
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
        ratio = ratio_of(runs, results[floor])
        lines.append(
            f"| {name} | {statistics.median(walls):.3f} | {min(walls):.3f} to {max(walls):.3f} |"
            f" {ratio:.2f} | {statistics.median(r.cpu for r in runs):.2f} |"
        )
    return "\n".join(lines)


def ratio_of(runs: Sequence[Run], base: Sequence[Run], *, cpu: bool = False) -> float:
    """Return the median of the ratios within a round: of wall time, or of CPU time."""
    pairs = list(zip(runs, base, strict=True))
    if cpu:
        return statistics.median(one.cpu / other.cpu for one, other in pairs)
    return statistics.median(one.wall / other.wall for one, other in pairs)


def _said(output: str) -> dict[str, float]:
    lines = output.splitlines()
    pairs = [word.partition("=") for word in lines[-1].split()] if lines else []
    return {
        name: float(value)
        for name, _, value in pairs
        if value and (name in WORDS or name.startswith(STAGE))
    }
