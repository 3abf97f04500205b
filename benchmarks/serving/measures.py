"""The measurements, in rounds of everything that is compared, one after the other."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from . import processes
from .channel import trips
from .servers import Load, Plan, Server, of_bare, running

_CONNECTIONS = 8
_PACE = 100.0
"""Requests in a second at which CPU is compared: all can answer so many."""
_ROW = 30 * 8
_ROWS = 10_000


@dataclass(slots=True)
class Figures:
    """All that was measured; each list has a figure for each round."""

    loads: dict[str, list[Load]] = field(default_factory=dict)
    memory: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Megabytes of the web process, and of all, after the loads."""
    web: dict[str, list[Load]] = field(default_factory=dict)
    channel: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    """The seconds of a trip: p10, p50 and p99."""
    starts: dict[str, list[float]] = field(default_factory=dict)


def load(plans: Sequence[Plan], rounds: int, seconds: float, found: Figures) -> None:
    """Ask each server as fast as it answers."""
    with ExitStack() as stack:
        started = [stack.enter_context(running(plan)) for plan in plans]
        _check(started)
        for number in range(rounds + 1):
            for server in started:
                told = server.load(seconds, _CONNECTIONS)
                if number:  # the first warms up
                    found.loads.setdefault(server.plan.name, []).append(told)
        for server in started:
            all_ = sum(map(processes.memory, processes.tree(server.pid)))
            found.memory[server.plan.name] = processes.memory(server.web), all_


def web(plan: Plan, rounds: int, seconds: float, found: Figures) -> None:
    """Ask our server, and one with nothing behind it, equally often."""
    with ExitStack() as stack:
        ours = stack.enter_context(running(plan))
        bare = of_bare(plan.folder, plan.question, len(ours.answer))
        pair = [ours, stack.enter_context(running(bare))]
        for number in range(rounds + 1):
            for server in pair:
                told = server.load(seconds, _CONNECTIONS, _PACE)
                if number:
                    found.web.setdefault(server.plan.name, []).append(told)


def channel(rounds: int, found: Figures) -> None:
    """Send bodies to a worker that does nothing with them."""
    for name, size in (("one row", _ROW), (f"{_ROWS:,} x 30", _ROW * _ROWS)):
        waits = sorted(wait for _ in range(rounds) for wait in trips(size, 40))
        count = len(waits)
        found.channel[name] = waits[count // 10], waits[count // 2], waits[int(count * 0.99)]


def start(plans: Sequence[Plan], runs: int, found: Figures) -> None:
    """Start each server, and wait for its first answer."""
    for number in range(runs + 1):
        for plan in plans:
            with running(plan) as server:
                if number:  # the first fills caches, and builds environments that are kept
                    found.starts.setdefault(plan.name, []).append(server.seconds)


def _check(started: Sequence[Server]) -> None:
    """End where two servers predict otherwise."""
    numbers = {server.plan.name: _prediction(server.answer) for server in started}
    first = next(iter(numbers.values()))
    if not all(math.isclose(number, first, rel_tol=1e-9) for number in numbers.values()):
        sys.exit(f"the predictions are not equal: {numbers}")


def _prediction(body: bytes) -> float:
    told = json.loads(body)
    data = told["predictions"] if "predictions" in told else told["outputs"][0]["data"]
    return float(data[0])
