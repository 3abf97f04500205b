"""Work of several comes in the order in which it was given, and no more is read than they need."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from modelenv.batch.in_order import AHEAD, in_order


class Items:
    """Numbers, and how many of them were asked for."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.read = 0

    def __iter__(self) -> Iterator[int]:
        for number in range(self.count):
            self.read += 1
            yield number


def test_the_first_waits_for_nobody_and_all_come_in_order() -> None:
    late = threading.Event()

    def work(item: int) -> int:
        if item == 0:
            late.wait(10)
        if item == 2:
            late.set()
        return item

    assert list(in_order(range(20), [work] * 3, lambda: None)) == list(range(20))


@pytest.mark.parametrize(("workers", "most"), [(1, 0), (2, 2 * AHEAD - 1), (3, 3 * AHEAD - 1)])
def test_no_more_is_read_than_there_is_somebody_for(workers: int, most: int) -> None:
    items, ended = Items(100), []
    made = in_order(items, [lambda item: item] * workers, lambda: ended.append(True))
    assert items.read == 0
    for number in range(5):
        assert next(made) == number
        assert items.read <= number + 1 + most
    made.close()  # type: ignore[attr-defined]
    assert ended


def test_whoever_closes_it_ends_what_is_waited_for() -> None:
    ended = threading.Event()

    def work(item: int) -> int:
        if item:
            assert ended.wait(10)
        return item

    made = in_order(range(10), [work, work], ended.set)
    assert next(made) == 0
    made.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("workers", [1, 2])
def test_an_item_that_cannot_be_read_is_an_error_after_those_before_it(workers: int) -> None:
    def items() -> Iterator[int]:
        yield from range(5)
        raise OSError("the disk is gone")

    made = in_order(items(), [lambda item: item] * workers, lambda: None)
    assert [next(made) for _ in range(5)] == list(range(5))
    with pytest.raises(OSError, match="the disk is gone"):
        next(made)


@pytest.mark.parametrize("workers", [1, 2])
def test_the_first_failure_ends_it(workers: int) -> None:
    def work(item: int) -> int:
        if item >= 3:
            raise ValueError(item)
        return item

    made = in_order(range(10), [work] * workers, lambda: None)
    assert [next(made) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="3"):
        next(made)
