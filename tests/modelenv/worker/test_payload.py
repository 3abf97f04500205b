"""A request's document becomes the model's input, in each form of the scoring protocol."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from modelenv.worker.payload import BadPayloadError, parse

MATRIX = {"type": "ndarray", "dtype": "<f4", "shape": [5, 2]}
FRAME = {"type": "dataframe", "columns": ["a", "b"], "dtypes": ["int8", "float32"]}
PLAIN = {"type": "json_object"}
ROWS = [[1, 2.5], [3, 4.5]]
RECORDS = [{"a": 1, "b": 2.5}, {"a": 3, "b": 4.5}]


@pytest.mark.parametrize(
    "document",
    [
        {"dataframe_split": {"columns": ["a", "b"], "data": ROWS}},
        {"dataframe_split": {"data": ROWS}},
        {"dataframe_records": RECORDS},
        {"dataframe_records": [{"b": 2.5, "a": 1}, {"a": 3, "b": 4.5}]},
        {"instances": ROWS},
        {"instances": RECORDS},
        {"inputs": {"a": [1, 3], "b": [2.5, 4.5]}},
        {"columns": ["a", "b"], "data": ROWS},
        ROWS,
        RECORDS,
        {"a": [1, 3], "b": [2.5, 4.5]},
    ],
    ids=str,
)
def test_every_form_becomes_the_example_s_table(document: Any) -> None:
    frame = parse(document, FRAME)
    assert frame[["a", "b"]].to_numpy().tolist() == ROWS
    assert frame.dtypes.to_dict() == {"a": np.dtype("int8"), "b": np.dtype("float32")}


@pytest.mark.parametrize(
    "document",
    [
        {"dataframe_split": {"columns": ["a", "b"], "data": ROWS}},
        {"dataframe_records": RECORDS},
        {"instances": ROWS},
        {"inputs": ROWS},
        ROWS,
    ],
    ids=str,
)
def test_every_form_becomes_the_example_s_array(document: Any) -> None:
    array = parse(document, MATRIX)
    assert (array.tolist(), array.dtype) == (ROWS, np.dtype("float32"))


@pytest.mark.parametrize("document", [{"inputs": {"x": 1}}, {"instances": {"x": 1}}, {"x": 1}])
def test_plain_data_stays_what_it_is(document: Any) -> None:
    assert parse(document, PLAIN) == {"x": 1}


def test_a_column_that_is_missing_in_some_records_has_gaps() -> None:
    frame = parse({"dataframe_records": [{"c": 1.0}, {"c": 2.0, "d": 3.0}]}, FRAME)
    pd.testing.assert_frame_equal(frame, pd.DataFrame({"c": [1.0, 2.0], "d": [None, 3.0]}))


def test_no_records_are_an_empty_table_of_the_example_s_columns() -> None:
    frame = parse({"dataframe_records": []}, FRAME)
    assert (list(frame.columns), len(frame)) == (["a", "b"], 0)


@pytest.mark.parametrize(
    ("document", "like", "named"),
    [
        ({"instances": [], "inputs": []}, PLAIN, "exactly one of"),
        ({"instances": [["x", "y"]]}, MATRIX, "not an array of <f4"),
        ({"instances": [[1], [1, 2]]}, MATRIX, "not an array of <f4"),
        ({"instances": [1, 2]}, MATRIX, "2 dimensions, this input 1"),
        ({"dataframe_split": [1]}, FRAME, "dataframe_split"),
        ({"dataframe_split": {"columns": ["a"]}}, FRAME, "dataframe_split"),
        ({"dataframe_split": {"columns": ["a"], "data": ROWS}}, FRAME, "table"),
        ({"dataframe_records": [1]}, FRAME, "dataframe_records"),
        ({"dataframe_records": {"a": 1}}, FRAME, "dataframe_records"),
        ({"instances": [["x", "y"]]}, FRAME, "table"),
        ({"inputs": {"a": 1}}, FRAME, "table"),
        ("text", FRAME, "table"),
    ],
    ids=str,
)
def test_what_is_no_input_is_refused_with_the_reason(document: Any, like: Any, named: str) -> None:
    with pytest.raises(BadPayloadError, match=named):
        parse(document, like)


# What a signature of MLflow's makes of a document.

TABLE = {"columns": ["a", "b"], "types": {"a": "float64"}}


@pytest.mark.parametrize(
    "document",
    [
        {"inputs": {"a": [1, 2], "b": ["x", "y"]}},
        {"inputs": [[1, "x"], [2, "y"]]},
        {"dataframe_split": {"columns": ["a", "b"], "data": [[1, "x"], [2, "y"]]}},
        {"dataframe_records": [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]},
        {"columns": ["a", "b"], "data": [[1, "x"], [2, "y"]]},
    ],
)
def test_a_signature_with_columns_is_a_table(document: Any) -> None:
    frame = parse(document, {"type": "mlflow", "schema": TABLE})
    assert frame["a"].tolist() == [1.0, 2.0]
    assert str(frame["a"].dtype) == "float64"
    assert frame["b"].tolist() == ["x", "y"]


def test_a_signature_of_a_tensor_is_an_array_of_its_type() -> None:
    like = {"type": "mlflow", "schema": {"dtype": "float32"}}
    array = parse({"inputs": [[1, 2]]}, like)
    assert (array.dtype.name, array.shape) == ("float32", (1, 2))
    with pytest.raises(BadPayloadError, match="not an array of the model's signature"):
        parse({"inputs": [["x"]]}, like)


def test_several_tensors_are_arrays_by_their_names() -> None:
    like = {"type": "mlflow", "schema": {"dtypes": {"x": "int32"}}}
    found = parse({"inputs": {"x": [1], "y": [2.5]}}, like)
    assert (found["x"].dtype.name, found["y"].dtype.name) == ("int32", "float64")


def test_without_a_signature_lists_are_arrays_and_other_kinds_stay() -> None:
    assert parse({"inputs": [[1, 2]]}, {"type": "none", "schema": {}}).tolist() == [[1, 2]]
    assert parse({"inputs": "text"}, {"type": "none", "schema": {}}) == "text"
    assert parse({"inputs": ["a"]}, {"type": "mlflow", "schema": {"plain": True}}) == ["a"]
