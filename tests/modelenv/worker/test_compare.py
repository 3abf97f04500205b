"""Two predictions are equal exactly, closely or not at all, and the place is told."""

from __future__ import annotations

import collections
import math
import pickle
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import sparse

from modelenv.worker.comparing.compare import compare
from modelenv.worker.comparing.parts import compare_parts

NAN, INF = math.nan, math.inf


class Stubborn:
    """Cannot be compared."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("not today")

    __hash__ = None  # type: ignore[assignment]


class Silent(Stubborn):
    """Cannot even be shown."""

    def __repr__(self) -> str:
        raise RuntimeError("nor this")


class Inward:
    """Is equal to nothing, and not to be pickled either."""

    def __reduce__(self) -> str:
        raise pickle.PicklingError("no")


@dataclass
class Point:
    x: int


SAME = [
    (1, 1),
    (NAN, NAN),
    (INF, INF),
    (0.0, -0.0),
    ("a", "a"),
    (None, None),
    ({1, 2}, {2, 1}),
    ([NAN, (1, {"a": NAN})], [NAN, (1, {"a": NAN})]),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    (collections.OrderedDict(a=1), collections.OrderedDict(a=1)),
    (complex(NAN, 1), complex(NAN, 1)),
    (Point(1), Point(1)),
    (Stubborn(1), Stubborn(1)),
    (Silent(1), Silent(1)),
    (np.int64(3), np.int64(3)),
    (np.float32(NAN), np.float32(NAN)),
    (np.datetime64("NaT", "D"), np.datetime64("NaT", "D")),
    (np.array([NAN, INF, 1.0]), np.array([NAN, INF, 1.0])),
    (np.array([complex(NAN, 1)]), np.array([complex(NAN, 1)])),
    (np.array(["NaT", "2024-01-01"], "M8[D]"), np.array(["NaT", "2024-01-01"], "M8[D]")),
    (np.array([NAN, None, "a"], object), np.array([NAN, None, "a"], object)),
    (np.array([(1, NAN)], "i4,f8"), np.array([(1, NAN)], "i4,f8")),
    (np.array([b"a"]), np.array([b"a"])),
    (np.zeros(2, "V3"), np.zeros(2, "V3")),
    (np.zeros((0, 3)), np.zeros((0, 3))),
    (np.ma.masked_array([1.0, 2.0], [True, False]), np.ma.masked_array([9.0, 2.0], [True, False])),
    (np.ma.masked_all(2), np.ma.masked_all(2)),
    (sparse.csr_matrix([[0, 1.0]]), sparse.csr_matrix([[0, 1.0]])),
    (sparse.csr_array([[0, 1.0]]), sparse.csr_array([[0, 1.0]])),
    (pd.NaT, pd.NaT),
    (pd.NA, pd.NA),
    (pd.DataFrame({"a": [1.0, NAN]}), pd.DataFrame({"a": [1.0, NAN]})),
    (pd.DataFrame({"a": pd.Categorical(["x"])}), pd.DataFrame({"a": pd.Categorical(["x"])})),
    (pd.Series([pd.NA, 1], dtype="Int8"), pd.Series([pd.NA, 1], dtype="Int8")),
    (pd.Series(pd.to_datetime([None])), pd.Series(pd.to_datetime([None]))),
    (pd.Index([1, 2]), pd.Index([1, 2])),
]

CLOSE = [
    (1.0, 1.0 + 1e-9),
    (1e300, 1e300 * (1 + 1e-9)),
    (0.0, 1e-13),
    ([1.0, {"a": (2.0,)}], [1.0, {"a": (2.0 + 1e-8,)}]),
    (np.float64(1.0), np.float64(1.0 + 1e-9)),
    (np.array([1.0, NAN, INF]), np.array([1.0 + 1e-9, NAN, INF])),
    (np.array([1.0], "f4"), np.nextafter(np.array([1.0], "f4"), np.float32(2))),
    (np.array([1 + 1j]), np.array([1 + 1j + 1e-9])),
    (np.array([(1, 1.0)], "i4,f8"), np.array([(1, 1.0 + 1e-9)], "i4,f8")),
    (np.array([1.0], object), np.array([1.0 + 1e-9], object)),
    (
        np.ma.masked_array([9.0, 2.0], [True, False]),
        np.ma.masked_array([1.0, 2.0 + 1e-9], [True, False]),
    ),
    (sparse.csr_matrix([[0, 1.0]]), sparse.csr_matrix([[0, 1.0 + 1e-9]])),
    (pd.DataFrame({"a": [1.0]}), pd.DataFrame({"a": [1.0 + 1e-9]})),
    (pd.Series([1.0, None], dtype="Float64"), pd.Series([1.0 + 1e-9, None], dtype="Float64")),
]

DIFFERENT = [
    (1, 2, "prediction"),
    (1, True, "prediction"),
    (1, 1.0, "prediction"),
    (1.0, 1.0001, "prediction"),
    (NAN, 1.0, "prediction"),
    (INF, 1.0, "prediction"),
    (INF, -INF, "prediction"),
    (1.0, INF, "prediction"),
    (1e308, -1e308, "prediction"),
    ([1, 2], [1, 2, 3], "prediction"),
    ([1, [2, 3]], [1, [2, 4]], "prediction[1][1]"),
    ({"a": {"b": 1}}, {"a": {"b": 2}}, "prediction['a']['b']"),
    ({"a": 1}, {"b": 1}, "prediction"),
    ((1,), [1], "prediction"),
    (Point(1), Point(2), "prediction"),
    (Stubborn(1), Stubborn(2), "prediction"),
    (Silent(1), Silent(2), "prediction"),
    (Inward(), Inward(), "prediction"),
    (np.array([1, 2]), np.array([1, 3]), "prediction[1]"),
    (np.array([[1, 2], [3, 4]]), np.array([[1, 2], [3, 5]]), "prediction[1, 1]"),
    (np.array(1.0), np.array(2.0), "prediction"),
    (np.array([1, 2]), np.array([[1, 2]]), "prediction"),
    (np.array([1, 2], "i4"), np.array([1, 2], "i8"), "prediction"),
    (np.array([INF, 1.0]), np.array([-INF, 1.0]), "prediction[0]"),
    (np.array([0.0, INF]), np.array([0.0, 1.0]), "prediction[1]"),
    (np.array([1e308]), np.array([-1e308]), "prediction[0]"),
    (np.array([complex(INF, 0)]), np.array([complex(0, INF)]), "prediction[0]"),
    (np.array(["NaT"], "M8[D]"), np.array(["2024-01-01"], "M8[D]"), "prediction[0]"),
    (np.array([1, "a"], object), np.array([1, "b"], object), "prediction[1]"),
    (np.array([(1, 2)], "i4,f8"), np.array([(1, 3)], "i4,f8"), "prediction['f1'][0]"),
    (
        np.ma.masked_array([1, 2], [True, False]),
        np.ma.masked_array([1, 2], [False, False]),
        "prediction.mask",
    ),
    (
        np.ma.masked_array([1, 2], [True, False]),
        np.ma.masked_array([1, 3], [True, False]),
        "prediction",
    ),
    (sparse.csr_matrix([[0, 1.0]]), sparse.csr_matrix([[0, 2.0]]), "prediction[0, 1]"),
    (sparse.csr_matrix([[0, 1.0]]), sparse.csc_matrix([[0, 1.0]]), "prediction"),
    (pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [1, 3]}), "prediction['a'][1]"),
    (pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [1]}), "prediction.columns"),
    (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1]}, index=[5]), "prediction.index"),
    (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1]}, dtype="i4"), "prediction['a']"),
    (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1]}).rename_axis("i"), "prediction.index"),
    (pd.Series([1], name="a"), pd.Series([1], name="b"), "prediction"),
    (pd.Series([1, 2]), pd.Series([1, 2], index=[0, 2]), "prediction.index"),
    (pd.Series([1, 2]), pd.Series([1, 2], index=[0.0, 1.0]), "prediction.index"),
    (pd.NaT, pd.Timestamp("2024-01-01"), "prediction"),
]


def shown(value: object) -> str:
    return value.__class__.__name__


@pytest.mark.parametrize(("one", "other"), SAME, ids=shown)
def test_what_is_the_same_is_exactly_equal(one: Any, other: Any) -> None:
    assert compare(one, other) == {"equal": "exactly", "largest": 0.0, "where": None, "what": None}


@pytest.mark.parametrize(("one", "other"), CLOSE, ids=shown)
def test_floats_may_be_off_by_a_millionth(one: Any, other: Any) -> None:
    result = compare(one, other)
    assert result["equal"] == "closely"
    assert 0 < result["largest"] < math.inf


@pytest.mark.parametrize(("one", "other", "where"), DIFFERENT, ids=shown)
def test_what_differs_is_told_with_its_place(one: Any, other: Any, where: str) -> None:
    there, back = compare(one, other), compare(other, one)
    assert (there["equal"], back["equal"]) == ("no", "no")
    assert there["where"].startswith(where)
    assert there["what"]


def test_the_first_of_many_differences_is_shown() -> None:
    result = compare(np.arange(5), np.array([0, 9, 2, 9, 4]))
    assert result["where"] == "prediction[1]"
    assert result["what"].startswith("2 of 5 differ, the first: ")


def test_a_change_of_type_names_both() -> None:
    assert compare([1], (1,))["what"] == "builtins.list became builtins.tuple"


floats = st.floats(width=64)


@given(one=floats, other=floats)
def test_an_array_is_judged_as_its_numbers_are(one: float, other: float) -> None:
    alone = compare(one, other)["equal"]
    assert compare(np.array([one]), np.array([other]))["equal"] == alone
    assert compare([one], [other])["equal"] == alone
    assert compare(other, one)["equal"] == alone


@given(value=floats)
def test_everything_equals_itself(value: float) -> None:
    assert compare([value], [value])["equal"] == "exactly"


class Pair(NamedTuple):
    labels: list[str]
    scores: list[int]


TABLE = pd.DataFrame({"name": ["a", "b"], "score": [0.5, 0.25]})

PARTS = [
    (1, 2, [], ["prediction"]),
    ([1, 2, 3], [1, 3, 2], [], ["prediction"]),  # the 1 is there by chance
    ((1, 2, 3), (1, 3, 2), [], ["prediction"]),
    ([1, 2], [1, 2, 3], [], ["prediction"]),
    ({"a": 1}, {"b": 1}, [], ["prediction"]),
    ({"a": 1}, [1], [], ["prediction"]),
    ({"a": 1, "b": 2}, {"b": 3, "a": 1}, ["prediction['a']"], ["prediction['b']"]),
    ({1: 1, "1": 2}, {1: 0, "1": 2}, ["prediction['1']"], ["prediction[1]"]),
    (
        {"a": {"b": 1, "c": 2}},
        {"a": {"b": 1, "c": 3}},
        ["prediction['a']['b']"],
        ["prediction['a']['c']"],
    ),
    ([["a"], 1.0, None], [["b"], 1.0, None], ["prediction[1]", "prediction[2]"], ["prediction[0]"]),
    ((["a", "b"], [1, 2]), (["b", "a"], [1, 2]), ["prediction[1]"], ["prediction[0]"]),
    (Pair(["a"], [1]), Pair(["b"], [1]), ["prediction[1]"], ["prediction[0]"]),
    (
        [{"name": "a", "score": 1}, {"name": "b", "score": 1}],
        [{"name": "b", "score": 1}, {"name": "b", "score": 1}],
        ["prediction[*]['score']"],
        ["prediction[*]['name']"],
    ),
    ([{"a": 1}, {"b": 1}], [{"a": 2}, {"b": 1}], [], ["prediction[*]"]),
    (
        [[{"a": 1, "b": 1}]],
        [[{"a": 1, "b": 2}]],
        ["prediction[*][*]['a']"],
        ["prediction[*][*]['b']"],
    ),
    ([(1, "a"), (2, "b", 3)], [(1, "a"), (2, "c", 3)], [], ["prediction[*]"]),
    ([[], [1, 2]], [[], [2, 1]], [], ["prediction[*]"]),
    ([np.arange(2), np.arange(3)], [np.arange(2), np.zeros(3, int)], [], ["prediction[*]"]),
    (np.array([0, 1]), np.array([0, 2]), [], ["prediction"]),
    (TABLE, TABLE.assign(name=["b", "a"]), ["prediction['score']"], ["prediction['name']"]),
    (TABLE, TABLE[["score", "name"]], [], ["prediction"]),
    (TABLE, TABLE.set_index(pd.Index([1, 2])), [], ["prediction"]),
    (
        [TABLE, TABLE],
        [TABLE, TABLE.assign(score=0.0)],
        ["prediction[*]['name']"],
        ["prediction[*]['score']"],
    ),
    (
        {"a": Stubborn(1), "b": 1},
        {"a": Stubborn(2), "b": 1},
        ["prediction['b']"],
        ["prediction['a']"],
    ),
]


@pytest.mark.parametrize(("one", "other", "equal", "different"), PARTS)
def test_the_parts_that_agree_and_those_that_do_not_are_named(
    one: object, other: object, equal: list[str], different: list[str]
) -> None:
    assert compare_parts(one, other) == {"equal": equal, "different": different}


@pytest.mark.parametrize(("one", "other", "equal", "different"), PARTS)
def test_without_the_parts_that_do_not_agree_two_values_are_equal(
    one: object, other: object, equal: list[str], different: list[str]
) -> None:
    assert compare(one, other)["equal"] == "no"
    assert compare(one, other, different)["equal"] == "exactly"


@pytest.mark.parametrize(
    ("one", "other", "skipped", "where"),
    [
        ({"a": 1, "b": 1}, {"a": 2, "b": 2}, "prediction['a']", "prediction['b']"),
        ([{"a": 1, "b": 1}], [{"a": 2, "b": 2}], "prediction[*]['a']", "prediction[0]['b']"),
        ([{"a": 1}], [{"a": 2}, {"a": 2}], "prediction[*]['a']", "prediction"),
        ({"a.": 1, "ab": 1}, {"a.": 1, "ab": 2}, "prediction['a.']", "prediction['ab']"),
        (TABLE, TABLE.assign(score=0.0), "prediction['name']", "prediction['score'][0]"),
    ],
)
def test_what_is_not_skipped_still_counts(one: Any, other: Any, skipped: str, where: str) -> None:
    compared = compare(one, other, [skipped])
    assert (compared["equal"], compared["where"]) == ("no", where)


values_of_json = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab'[*]", max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("ab'[*]0"), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(one=values_of_json, other=values_of_json)
@example(one={"": None, "[*]": None}, other={"": None, "[*]": []})
def test_whatever_the_values_are_the_parts_that_differ_are_enough_to_leave_out(
    one: object, other: object
) -> None:
    parts = compare_parts(one, other)
    assert bool(parts["different"]) == (compare(one, other)["equal"] == "no")
    assert compare(one, other, parts["different"])["equal"] == "exactly"
