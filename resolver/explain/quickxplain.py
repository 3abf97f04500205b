"""Minimal sufficient subsets of a collection, in as few trials as possible."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def smallest_part(candidates: list[T], enough: Callable[[list[T]], bool]) -> list[T]:
    """Return a minimal sufficient subset of `candidates`, in their order.

    All of them together are known to suffice, and a superset of a sufficient set suffices as well.
    The subset is minimal: without any one of its items it does not suffice. If d of k must stay,
    that takes about 1 + d log k trials, none of them twice. This is QuickXplain (U. Junker 2004).

    >>> smallest_part([1, 2, 3, 4], lambda some: 3 in some)
    [3]
    """
    return _needed_beside([], candidates, enough)


def _needed_beside(
    given: list[T], candidates: list[T], enough: Callable[[list[T]], bool]
) -> list[T]:
    if not candidates or enough(given):
        return []
    return _some_needed_beside(given, candidates, enough)


def _some_needed_beside(
    given: list[T], candidates: list[T], enough: Callable[[list[T]], bool]
) -> list[T]:
    """Return the needed candidates, if `given` is known not to suffice."""
    if len(candidates) == 1:
        return [*candidates]
    middle = len(candidates) // 2
    left, right = candidates[:middle], candidates[middle:]
    from_right = _needed_beside([*given, *left], right, enough)
    find_left = _needed_beside if from_right else _some_needed_beside
    return [*find_left([*given, *from_right], left, enough), *from_right]
