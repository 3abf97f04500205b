"""Parts of a body that the model does not get are reported, or refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

FRAME = pd.DataFrame({"a": [0.5], "b": [1.0]})
TWICE = "there are 2 columns of this name"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"dataframe_records": [{"a": 1, "a": 2, "b": 3}]}', "the key 'a' comes twice in an ob"),
        (b'{"instances": [], "instances": []}', "the key 'instances' comes twice in an object"),
        (b'{"instances": [], "params": {"k": 1, "k": 2}}', "the key 'k' comes twice in an object"),
        (
            b'{"dataframe_split": {"columns": ["a", "b", "a"], "data": [[1, 2, 3]]}}',
            f"column 'a': {TWICE}",
        ),
        (
            b'{"dataframe_split": {"columns": ["a", "b"], "data": [[1, 2]], "junk": 1}}',
            "dataframe_split has columns, data and index, not 'junk'",
        ),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(asked: Any, body: bytes, text: str) -> None:
    assert asked(len, FRAME).refused(body).startswith(text)


def test_columns_of_one_name(asked: Any) -> None:
    model = asked(len, FRAME)
    assert model.refused(b"a,b,a\n1,2,3\n", "csv") == f"column 'a': {TWICE}"
    assert model.send(b"a,b,c,c\n1,2,3,4\n", "csv")[0]["notes"] == [
        "left out, as the model's example has no such column: 'c'"
    ]
    records = asked(len, [{"x": 1}])
    assert records.refused(b"x,x\n1,2\n", "csv") == f"column 'x': {TWICE}"
    double = pd.DataFrame([[0.5, 1.5]], columns=["a", "a"])
    twice = asked(lambda data: data.to_numpy().tolist(), double)
    assert twice.predicted(b"a,a\n1,2\n", "csv") == [[1.0, 2.0]]
    assert twice.refused(b"a,a,a\n1,2,3\n", "csv") == "column 'a': there are 3 columns of this name"


def test_a_repeated_key_of_a_tensor(asked: Any) -> None:
    body = (
        b'{"inputs": [{"name": "a", "name": "b", "shape": [1], "datatype": "FP64", "data": [1]}]}'
    )
    assert asked(len, FRAME).refused(body, "tensors") == "the key 'name' comes twice in an object"


@pytest.mark.parametrize(
    ("body", "notes"),
    [
        (
            {"dataframe_records": [{"a": 1, "b": 2}, {"a": 1}]},
            ["taken as missing, as row 1 has no 'b', and others have"],
        ),
        (
            {"dataframe_split": {"columns": ["a", "b"], "index": ["x"], "data": [[1, 2]]}},
            ["left out, as the model's example counts its rows: index"],
        ),
        ({"dataframe_split": {"columns": ["a", "b"], "index": [0], "data": [[1, 2]]}}, []),
        ({"dataframe_records": [{"a": 1, "b": None}, {"b": 3, "a": 1}]}, []),
    ],
)
def test_what_is_left_out_is_told(asked: Any, body: Any, notes: Any) -> None:
    assert asked(len, FRAME).send(body)[0]["notes"] == notes


def test_keys_that_a_dictionary_of_arrays_has_not_are_told(asked: Any) -> None:
    model = asked(len, {"x": np.ones(2), "y": np.ones((2, 1))})
    told, _ = model.send({"inputs": {"x": [1], "y": [[2]], "z": [3]}})
    assert told["notes"] == ["left out, as the model's example has no such key: 'z'"]
    assert sorted(model.seen) == ["x", "y"]
    assert "column 'y': is missing" in model.refused({"inputs": {"x": [1]}})


def test_a_column_may_be_called_data(asked: Any) -> None:
    model = asked(lambda data: data["data"].tolist(), pd.DataFrame({"data": [1], "index": [2]}))
    assert model.predicted({"inputs": {"data": [3, 4], "index": [5, 6]}}) == [3, 4]
    assert model.predicted({"inputs": {"columns": ["index", "data"], "data": [[5, 3]]}}) == [3]
    lists = asked(lambda data: data["data"].tolist(), pd.DataFrame({"data": [[1]], "x": [2]}))
    assert lists.predicted({"inputs": {"data": [[3]], "x": [5]}}) == [[3]]
