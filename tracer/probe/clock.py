"""The time of events, in whole microseconds of a clock that all processes of a machine share."""

from __future__ import annotations

from time import perf_counter_ns


def clock() -> int:
    """Return the time now."""
    return perf_counter_ns() // 1000
