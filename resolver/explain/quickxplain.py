"""A smallest part of a collection that is enough, in as few trials as can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def smallest_part(candidates: list[T], enough: Callable[[list[T]], bool]) -> list[T]:
    """Return a smallest part of `candidates` that is enough, in their order.

    All of them are known to be enough, and more than what is enough is enough as well. The part is
    minimal: without any one of its items it is not enough. Where d of k must stay, that takes about
    1 + d log k trials, none of them twice. This is QuickXplain (U. Junker 2004).

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
    """Return what is needed of the candidates, where `given` is known not to be enough."""
    if len(candidates) == 1:
        return [*candidates]
    middle = len(candidates) // 2
    left, right = candidates[:middle], candidates[middle:]
    from_right = _needed_beside([*given, *left], right, enough)
    find_left = _needed_beside if from_right else _some_needed_beside
    return [*find_left([*given, *from_right], left, enough), *from_right]
