"""Import times: with nested imports, and alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Span(NamedTuple):
    """The time of one import in one thread, in microseconds of any clock."""

    name: str
    thread: int
    begin: int
    end: int


class Times(NamedTuple):
    """The time that one import took, in seconds."""

    seconds: float
    own_seconds: float


def times(spans: Iterable[Span]) -> dict[str, Times]:
    """Return the time of each import alone: without the imports inside it.

    Imports of one thread lie one inside another or one after another. If an end is an estimate
    and reaches too far, it is cut at the end of the surrounding import.

    >>> times([Span("a", 1, 0, 10), Span("b", 1, 2, 5)])["a"]
    Times(seconds=1e-05, own_seconds=7e-06)
    """
    found: dict[str, int] = {}
    inside: dict[str, int] = {}
    stacks: dict[int, list[tuple[int, str]]] = {}
    for span in sorted(spans, key=_outer_first):
        end = span.end
        stack = stacks.setdefault(span.thread, [])
        while stack and stack[-1][0] <= span.begin:
            stack.pop()
        if stack:
            limit, parent = stack[-1]
            end = min(end, limit)
            inside[parent] = inside.get(parent, 0) + end - span.begin
        stack.append((end, span.name))
        found[span.name] = end - span.begin
    return {
        name: Times(took / 1e6, max(0, took - inside.get(name, 0)) / 1e6)
        for name, took in found.items()
    }


def _outer_first(span: Span) -> tuple[int, int, int]:
    return span.thread, span.begin, -span.end
