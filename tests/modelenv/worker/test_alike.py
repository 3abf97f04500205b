"""Values that look alike need not be equal: same text, or keys with the same hash."""

from __future__ import annotations

import collections
import datetime
import decimal
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelenv.table import values
from modelenv.table.crossing import raw
from modelenv.worker.comparing.buffers import compare_buffers, same_files
from modelenv.worker.comparing.compare import compare
from modelenv.worker.comparing.parts import compare_parts

WORDS = ("file", "encoding", "libraries", "pandas_orient", "items", "type", "dtype", "a")
ARRAYS = (
    np.arange(3.0),
    np.zeros(3),
    np.zeros(3, "i8"),
    np.zeros((3, 1)),
    np.zeros(6, "f4"),
    np.zeros(6, "i4"),
)

NOON = datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.timezone.utc)

leaves = st.sampled_from(ARRAYS)
trees = st.recursive(
    leaves,
    lambda inner: (
        st.dictionaries(st.sampled_from(WORDS), inner, min_size=1, max_size=3)
        | st.lists(inner, min_size=1, max_size=2)
    ),
    max_leaves=4,
)


def told(value: Any) -> Any:
    described, buffers = values.take(value)
    return json.loads(json.dumps(described)), buffers


def renamed(value: Any, draw: st.DrawFn) -> Any:
    """Return a value of the same leaves in their order, under other keys."""
    if isinstance(value, list):
        return [renamed(item, draw) for item in value]
    if not isinstance(value, dict):
        return value
    names = draw(st.permutations(WORDS))
    return dict(zip(names, [renamed(item, draw) for item in value.values()], strict=False))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Any, Any]:
    """Draw two values that may be told alike."""
    one = draw(trees)
    return one, draw(st.one_of(trees, st.just(renamed(one, draw)), st.just(one)))


@settings(max_examples=60)
@given(pair=pairs())
def test_what_is_told_alike_is_equal(pair: tuple[Any, Any]) -> None:
    answer = compare_buffers(told(pair[0]), told(pair[1]))
    if answer is not None:
        assert compare(*pair)["equal"] == answer.equal


CONFUSABLE = {
    "another key that is a word of descriptions": ({"file": ARRAYS[0]}, {"encoding": ARRAYS[0]}),
    "another dtype under such a key": ({"file": ARRAYS[4]}, {"file": ARRAYS[5]}),
    "another shape under such a key": ({"libraries": ARRAYS[1]}, {"libraries": ARRAYS[3]}),
    "deeper": ([{"x": {"file": ARRAYS[4]}}], [{"x": {"encoding": ARRAYS[5]}}]),
    "the buffers of one under the name of the other": (
        {"a": ARRAYS[0], "b": ARRAYS[1]},
        {"b": ARRAYS[0], "a": ARRAYS[1]},
    ),
}


@pytest.mark.parametrize("case", CONFUSABLE)
def test_what_differs_is_not_told_alike(case: str, tmp_path: Path) -> None:
    one, other = CONFUSABLE[case]
    assert compare_buffers(told(one), told(other)) is None
    for name, value in (("one", one), ("other", other)):
        raw.write(str(tmp_path / name), *values.take(value))
    assert not same_files(tmp_path / "one", tmp_path / "other")
    assert same_files(tmp_path / "one", tmp_path / "one")


KEYS = [
    ({1: "a"}, {True: "a"}),
    ({1: "a"}, {1.0: "a"}),
    ({(1,): "a"}, {(1.0,): "a"}),
    ({1, 2}, {1.0, 2}),
    ({True}, {1}),
    (frozenset({(1, "a")}), frozenset({(True, "a")})),
    (collections.OrderedDict({1: 2}), collections.OrderedDict({1.0: 2})),
    (collections.Counter([1]), collections.Counter([True])),
    ({decimal.Decimal("1.0")}, {decimal.Decimal("1.00")}),
    (decimal.Decimal("1.0"), decimal.Decimal("1.00")),
    (NOON, NOON.astimezone(datetime.timezone(datetime.timedelta(hours=1)))),
    ({NOON: 1}, {NOON.astimezone(datetime.timezone(datetime.timedelta(hours=1))): 1}),
    (NOON.timetz(), NOON.timetz().replace(tzinfo=None)),
]


@pytest.mark.parametrize(("one", "other"), KEYS, ids=repr)
def test_keys_and_elements_are_of_their_type(one: Any, other: Any) -> None:
    """As ``[1]`` differs from ``[1.0]``."""
    assert compare(one, other)["equal"] == compare(other, one)["equal"] == "no"
    assert compare_parts(one, other)["different"] == ["prediction"]
    assert compare(one, pickle.loads(pickle.dumps(one)))["equal"] == "exactly"


def test_a_key_that_has_too_many_digits_is_told_all_the_same() -> None:
    one, other = {10**5000: 1}, {10**5000: 2}
    assert compare(one, other)["where"] == "prediction[a builtins.int]"
    assert compare(one, {10**5000 + 1: 1})["what"].startswith("other keys: ")
    assert compare_parts(one, other)["different"] == ["prediction[a builtins.int]"]
