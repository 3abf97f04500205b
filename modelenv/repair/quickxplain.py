"""Find a smallest part of a collection that is enough, in as few trials as can be."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def smallest_part(
    candidates: list[T], given: list[T], enough: Callable[[list[T]], bool]
) -> list[T]:
    """Return a smallest part of `candidates` that is enough together with `given`.

    All of them with `given` are known to be enough. Where d of k must stay, that takes about
    1 + d log k trials. This is QuickXplain (Junker, 2004).

    >>> smallest_part([1, 2, 3, 4], [], lambda some: 3 in some)
    [3]
    """
    if not candidates or enough(given):
        return []
    if len(candidates) == 1:
        return candidates
    middle = len(candidates) // 2
    left, right = candidates[:middle], candidates[middle:]
    from_right = smallest_part(right, given + left, enough)
    from_left = smallest_part(left, given + from_right, enough)
    return from_left + from_right
