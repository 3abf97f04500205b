"""A smallest part: what it keeps is enough, all of it is needed, and few trials find it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from resolver import smallest_part

# What is enough holds one of several sets whole, as a conflict holds one contradiction.
ENOUGH = st.lists(st.frozensets(st.integers(0, 19), max_size=5), min_size=1, max_size=4)


@given(ENOUGH)
def test_it_is_enough_and_without_any_one_it_is_not(sets: list[frozenset[int]]) -> None:
    def enough(some: list[int]) -> bool:
        return any(each <= set(some) for each in sets)

    found = smallest_part(list(range(20)), enough)
    assert enough(found)
    assert not any(enough([each for each in found if each != one]) for one in found)
    assert found == sorted(found)


@given(st.sampled_from([1, 8, 50, 64]), st.frozensets(st.integers(0, 7), max_size=4))
def test_few_trials_find_it_and_none_is_made_twice(many: int, offsets: frozenset[int]) -> None:
    needed = {offset * many // 8 for offset in offsets}
    trials: list[tuple[int, ...]] = []

    def enough(some: list[int]) -> bool:
        trials.append(tuple(some))
        return needed <= set(some)

    assert set(smallest_part(list(range(many)), enough)) == needed
    assert len(set(trials)) == len(trials) <= 1 + 2 * len(needed) * many.bit_length()


@given(st.lists(st.integers()))
def test_the_list_that_is_given_stays_as_it_is(items: list[int]) -> None:
    before = list(items)
    smallest_part(items, lambda some: len(some) >= len(before) // 2)
    assert items == before
