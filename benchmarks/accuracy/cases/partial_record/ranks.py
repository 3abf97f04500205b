from __future__ import annotations

from sortedcontainers import SortedList


class Ranks:
    """How many of the seen values lie below each one."""

    def __init__(self, seen: list[float]) -> None:
        self.seen = seen

    def predict(self, values: list[float]) -> list[int]:
        ordered = SortedList(self.seen)
        return [ordered.bisect_left(value) for value in values]
