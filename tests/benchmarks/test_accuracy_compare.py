from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from benchmarks.accuracy.running.compare import difference, without_items
from benchmarks.accuracy.running.predict_in import comparable


def written(value: object) -> object:
    return json.loads(json.dumps(comparable(value)))


@pytest.mark.parametrize(
    "value",
    [
        None,
        [1, 2.5, "three", True],
        (1, [2.0]),
        {"a": float("nan")},
        np.arange(6.0).reshape(2, 3),
        np.float32(0.5),
        np.array(["a", "b"]),
        pd.DataFrame({"a": [1, 2], "b": ["x", None]}, index=[3, 4]),
        pd.Series([1.0, 2.0], index=["x", "y"]),
    ],
)
def test_a_prediction_equals_itself(value: object) -> None:
    assert difference(written(value), written(value)) is None


@pytest.mark.parametrize(
    ("expected", "found", "says"),
    [
        (1, 1.0, "prediction: 1.0 instead of 1"),
        (1, True, "prediction: True instead of 1"),
        ([1.0], [1.0001], "prediction[0]: 1.0001 instead of 1.0"),
        ([1], [1, 2], "prediction: 2 values instead of 1"),
        ([1], (1,), "prediction: {'type': 'builtins.tuple', 'values': ... instead of [1]"),
        (np.zeros(2), np.zeros(2, np.float32), "prediction.dtype: 'float32' instead of 'float64'"),
        (np.zeros(2), np.array([0.0, 1.0]), "prediction[1]: 1.0 instead of 0.0"),
        (pd.Series([1]), pd.Series([1], index=[7]), "prediction.index[0]: 7 instead of 0"),
    ],
)
def test_the_first_difference_is_named(expected: object, found: object, says: str) -> None:
    assert difference(written(expected), written(found)) == says


def test_floats_agree_within_a_millionth() -> None:
    assert difference([1e6, 0.0], [1e6 + 0.5, 0.0]) is None
    assert difference([1e6], [1e6 + 2]) is not None


def test_a_type_without_comparable_form_is_refused() -> None:
    with pytest.raises(TypeError, match="no comparable form"):
        comparable(object())


def test_items_that_are_random_are_left_out_of_a_dict() -> None:
    one, other, worse = (
        without_items(written({"id": number, "rate": rate}), ["id"])
        for number, rate in [(7, 0.5), (8, 0.5), (7, 0.25)]
    )
    assert difference(one, other) is None
    assert difference(one, worse) is not None


@pytest.mark.parametrize("value", [3.5, ["id"], ("id", 1), np.arange(3)])
def test_what_is_no_dict_has_no_items_to_leave_out(value: object) -> None:
    assert without_items(written(value), ["id"]) == written(value)
