"""Several requests that one worker answers at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..errors import RequestError, worker_lied
from .asked import Asked
from .channel import Answer

JOINED = ("json", "csv", "buffers")
"""The kinds of body whose rows may be joined; answers to tensor requests differ too much."""
LARGEST = 8_000_000
"""The largest body in a batch, in bytes: larger ones gain nothing by being joined."""


class Batch(Asked):
    """Requests that go to a worker in one message and are answered separately."""

    __slots__ = ("items",)

    def __init__(self, items: Sequence[Asked]) -> None:
        first = items[0]
        heads = [{**item.head, "size": size_of(item)} for item in items]
        body = [part for item in items for part in item.body]
        super().__init__({"content": "batch", "items": heads}, body, first.future, 0.0, 0.0, None)
        self.items = items
        self.since = first.since
        self.deadline = max(item.deadline for item in items)

    def answer(self, answer: Answer, now: float) -> None:
        """Pass each request its part of the answer."""
        parts = _parts(answer, len(self.items))
        if parts is None:
            self.refuse(worker_lied("it answered what is no answer to a batch"))
            return
        for item, part in zip(self.items, parts, strict=True):
            item.began = self.began
            item.answer(part, now)

    def keep(self, answer: Answer, now: float) -> bool:
        """Answer the requests that did not lack memory; return whether any was predicted."""
        parts = _parts(answer, len(self.items)) or []
        kept = [each for each in zip(self.items, parts, strict=False) if "last" not in each[1][0]]
        for item, part in kept:
            item.began = self.began
            item.answer(part, now)
        return any("ok" in told for _, (told, _) in kept)

    def refuse(self, error: Exception) -> None:
        """Set the error of all questions, with the worker's report for the first one only."""
        first, *others = self.items
        first.refuse(error)
        if isinstance(error, RequestError) and error.worker_told is not None:
            error = replace(error, worker_told=None)
        for item in others:
            item.refuse(error)


def size_of(asked: Asked) -> int:
    """Return the size of a request's body in bytes."""
    return sum(map(len, asked.body))


def _parts(answer: Answer, count: int) -> list[Answer] | None:
    """Return the answers to the single requests; None if the batch's answer is invalid."""
    told, data = answer
    heads: Any = told.get("batch")
    if not isinstance(heads, list) or len(heads) != count:
        return None
    found: list[tuple[dict[str, Any], bytes]] = []
    place = 0
    for head in heads:
        size = head.pop("size", None) if isinstance(head, dict) else None
        if type(size) is not int or not 0 <= size <= len(data) - place:
            return None
        found.append((head, data[place : place + size]))
        place += size
    if "seen" in told:  # the report does not say which of the requests it concerns
        found[0][0]["seen"] = told["seen"]
    return list(found) if place == len(data) else None
