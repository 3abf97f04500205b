"""A request's document becomes an input like the example's, in each form of the protocol."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from modelenv.table import values
from modelenv.table.errors import RowsError
from modelenv.table.incoming.document import read_document

MATRIX = {"type": "ndarray", "dtype": "<f4", "shape": [5, 2]}
FRAME = {"type": "dataframe", "columns": ["a", "b"], "dtypes": ["int8", "float32"]}
PLAIN = {"type": "json_object"}
ROWS = [[1, 2.5], [3, 4.5]]
RECORDS = [{"a": 1, "b": 2.5}, {"a": 3, "b": 4.5}]


def parse(document: Any, like: Any) -> Any:
    told, buffers, notes = read_document(document, like)
    assert not notes
    return values.build(told, iter(buffers))


def of(*columns: Any, **named: Any) -> Any:
    """Describe a frame of these columns."""
    return values.take(pd.DataFrame(dict(*columns, **named)))[0]


@pytest.mark.parametrize(
    "document",
    [
        {"dataframe_split": {"columns": ["a", "b"], "data": ROWS}},
        {"dataframe_split": {"data": ROWS}},
        {"dataframe_split": {"columns": ["b", "a"], "data": [[2.5, 1], [4.5, 3]]}},
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
    """The example is described as folders had it before columns had types."""
    frame = parse(document, FRAME)
    expected = pd.DataFrame({"a": np.array([1, 3], "i1"), "b": np.array([2.5, 4.5], "f4")})
    pd.testing.assert_frame_equal(frame, expected)


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
    array[0, 0] = 7  # the model may write to it


@pytest.mark.parametrize("document", [{"inputs": {"x": 1}}, {"instances": {"x": 1}}, {"x": 1}])
def test_plain_data_stays_what_it_is(document: Any) -> None:
    assert parse(document, PLAIN) == {"x": 1}


def test_no_records_are_an_empty_table_of_the_example_s_columns() -> None:
    frame = parse({"dataframe_records": []}, FRAME)
    assert (list(frame.columns), len(frame)) == (["a", "b"], 0)


@pytest.mark.parametrize(
    ("document", "like", "named"),
    [
        ({"instances": [], "inputs": []}, PLAIN, "exactly one of"),
        ({"instances": [["x", "y"]]}, MATRIX, "column 0, row 0: 'x' is a text, not a number"),
        ({"instances": [[1, 2], [1, None], [1, "y"]]}, MATRIX, "column 1, row 2: 'y' is a text"),
        ({"instances": [[1], [1, 2]]}, MATRIX, "row 1: 1 cells are due, and it has 2"),
        ({"instances": [1, 2]}, MATRIX, "2 dimensions, this input 1"),
        ({"dataframe_split": [1]}, FRAME, "dataframe_split"),
        ({"dataframe_split": {"columns": ["a"]}}, FRAME, "dataframe_split"),
        ({"dataframe_split": {"columns": ["a"], "data": ROWS}}, FRAME, "row 0: it has 2 cells"),
        ({"dataframe_split": {"columns": ["a", "b"], "data": [[1, 2], [3]]}}, FRAME, "row 1"),
        ({"dataframe_split": {"data": ROWS, "index": [1]}}, FRAME, "one label for each of 2"),
        ({"dataframe_records": [1]}, FRAME, "dataframe_records"),
        ({"dataframe_records": {"a": 1}}, FRAME, "dataframe_records"),
        ({"instances": [["x", "y"]]}, FRAME, "column 'a', row 0: 'x' is a text"),
        ({"instances": [[1, 2, 3]]}, FRAME, "3 columns, and the model's example 2"),
        ({"inputs": {"a": 1}}, FRAME, "column 'b': is missing; there are 'a'"),
        ({"inputs": {"a": [1, 2], "b": [1]}}, FRAME, "different numbers of rows: a has 2, b has 1"),
        ("text", FRAME, "no table"),
    ],
    ids=str,
)
def test_what_is_no_input_is_refused_with_the_reason(document: Any, like: Any, named: str) -> None:
    with pytest.raises(RowsError, match=named):
        read_document(document, like)


@pytest.mark.parametrize(
    ("dtype", "cells", "told"),
    [
        ("int32", [1, 2.5], "row 1: 2.5 is no whole number (int32)"),
        ("int32", [1, 2**31], f"row 1: {2**31} is out of the range of int32"),
        ("uint8", [-1], "row 0: -1 is out of the range of uint8: 0 to 255"),
        ("int64", [1, None], "row 1: a value is missing, which int64 cannot say"),
        ("int64", [True], "row 0: True is a boolean, not a number"),
        ("int64", [float("nan")], "row 0: a value is missing"),
        ("bool", [True, "yes"], "row 1: 'yes' is neither true nor false"),
        ("bool", [None], "row 0: a value is missing, which bool cannot say"),
        ("float16", [1e5], "row 0: 100000.0 is out of the range of float16"),
        ("float32", [1, 1e300], "row 1: 1e+300 is out of the range of float32"),
        ("float64", ["1"], "row 0: '1' is a text, not a number (float64)"),
        ("string", ["01234", 1234], "row 1: 1234 is a number, not a text: write it in quotes"),
        ("datetime64[ns]", [1700000000], "since a number does not tell its unit"),
        ("datetime64[ns]", ["2026-02-30"], "row 0: '2026-02-30' day "),
        ("datetime64[s]", ["2026-02-03T00:00:00.5"], "is finer than the column's unit, s"),
        ("datetime64[ns]", ["1500-01-01"], "is out of the range of the column's unit, ns"),
        ("datetime64[ns]", ["2026-01-01T00:00:00+01:00"], "has an offset, and the column"),
        ("datetime64[ns, UTC]", ["2026-01-01T00:00:00"], "has no offset, as Z or +01:00"),
        ("timedelta64[ns]", ["soon"], "row 0: 'soon' is no duration"),
        ("category", ["x", "z"], "row 1: 'z' is none of the column's categories: 'x', 'y'"),
    ],
    ids=str,
)
def test_a_cell_that_is_not_of_the_column_s_type_is_named(
    dtype: str, cells: list[Any], told: str
) -> None:
    example = {"category": pd.Categorical(["x", "y"])}.get(dtype, pd.Series([], dtype=dtype))
    like = of(n=example)
    document = {"dataframe_records": [{"n": cell} for cell in cells]}
    with pytest.raises(RowsError) as caught:
        read_document(document, like)
    assert caught.value.column == "n"
    assert "row" in str(caught.value)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("dtype", "cells", "expected"),
    [
        ("int64", [2**53 + 1, -(2**63)], [2**53 + 1, -(2**63)]),
        ("uint64", [2**64 - 1], [2**64 - 1]),
        ("int32", [3.0, 4], [3, 4]),
        ("Int64", [2**53 + 1, None], [2**53 + 1, pd.NA]),
        ("bool", [True, False, True], [True, False, True]),
        ("boolean", [None, False], [pd.NA, False]),
        ("float64", [1, None, "Infinity", float("-inf"), "NaN"], [1, None, np.inf, -np.inf, None]),
        ("float32", [None, -0.5], [np.nan, -0.5]),
        ("float64", [None, -1e300, 2], [np.nan, -1e300, 2]),
        ("str", ["01234", "NA", "", None], ["01234", "NA", "", None]),
        ("datetime64[ns]", ["2026-02-03", None], ["2026-02-03", None]),
        ("datetime64[s]", ["2026-02-03T10:00Z"], ["2026-02-03T10:00"]),
        ("datetime64[us, Asia/Tokyo]", ["2026-02-03T00:00:00Z"], ["2026-02-03T09:00:00+09:00"]),
        ("timedelta64[s]", ["1 days 02:00:00", "P1DT2H"], ["26h", "26h"]),
        ("timedelta64[ns]", ["-1 days +22:00:00"], ["-2h"]),
    ],
    ids=str,
)
def test_cells_of_json_become_the_column_s_type(
    dtype: str, cells: list[Any], expected: list[Any]
) -> None:
    frame = parse({"inputs": {"n": cells}}, of(n=pd.Series([], dtype=dtype)))
    pd.testing.assert_series_equal(frame["n"], pd.Series(expected, dtype=dtype, name="n"))


def test_categories_are_the_example_s_whichever_come() -> None:
    tier = pd.Categorical(["gold"], categories=["gold", "silver", "bronze"], ordered=True)
    frame = parse([{"tier": "bronze"}, {"tier": None}], of(tier=tier))
    assert frame["tier"].cat.codes.tolist() == [2, -1]
    assert frame["tier"].cat.ordered


def test_numbers_and_times_may_be_categories() -> None:
    days = pd.to_datetime(["2026-01-01", "2026-01-02"])
    like = of(day=pd.Categorical(days), size=pd.Categorical([10, 20]))
    frame = parse([{"day": "2026-01-02", "size": 10.0}], like)
    assert frame["day"].cat.codes.tolist() == [1]
    assert frame["size"].cat.codes.tolist() == [0]


def test_a_column_of_another_name_is_left_out_and_told() -> None:
    _, _, notes = read_document({"dataframe_records": [{**RECORDS[0], "c": 1}]}, FRAME)
    assert notes == ["left out, as the model's example has no such column: 'c'"]


def test_an_index_comes_beside_the_rows_or_in_a_column_of_its_name() -> None:
    example = pd.DataFrame({"y": [1.0]}, index=pd.DatetimeIndex(["2026-01-01"], name="day"))
    like, _ = values.take(example)
    split = {"columns": ["y"], "data": [[2.0]], "index": ["2026-01-05"]}
    for document in ({"dataframe_split": split}, [{"y": 2.0, "day": "2026-01-05"}]):
        frame = parse(document, like)
        assert frame.index.tolist() == [pd.Timestamp("2026-01-05")]
        assert frame.index.name == "day"
    with pytest.raises(RowsError, match="the index 'day' of the model's example is missing"):
        read_document([{"y": 2.0}], like)


def test_an_index_of_whole_numbers_counts_where_none_comes() -> None:
    """Such an example is mostly a sample of a larger frame."""
    like, _ = values.take(pd.DataFrame({"y": [1.0, 2.0]}, index=[17, 4]))
    assert parse([{"y": 2.0}, {"y": 3.0}], like).index.tolist() == [0, 1]
    split = {"columns": ["y"], "data": [[2.0]], "index": [9]}
    assert parse({"dataframe_split": split}, like).index.tolist() == [9]


def test_several_arrays_and_the_first_of_several_examples_are_like_theirs() -> None:
    like = values.take({"x": np.zeros((2, 2), "f4"), "n": np.zeros(2, "i8")})[0]
    found = parse({"inputs": {"x": [[1, 2]], "n": [3]}}, {"type": "examples", "items": [like]})
    assert (found["x"].dtype, found["n"].dtype) == (np.dtype("f4"), np.dtype("i8"))
    with pytest.raises(RowsError, match="column 'n': is missing"):
        read_document({"inputs": {"x": [[1, 2]]}}, like)


def test_columns_that_are_not_named_by_texts_are_found() -> None:
    like, _ = values.take(pd.DataFrame([[1, 0.5]]))
    assert parse([{"1": 0.5, "0": 7}], like).to_numpy().tolist() == [[7, 0.5]]
    like, _ = values.take(pd.DataFrame([[1, 2]], columns=["a", "a"]))
    split = {"columns": ["a", "a"], "data": [[3, 4]]}
    assert parse({"dataframe_split": split}, like).to_numpy().tolist() == [[3, 4]]
    pairs = pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])
    like, _ = values.take(pd.DataFrame([[1, 2]], columns=pairs))
    split = {"columns": [["b", 2], ["a", 1]], "data": [[3, 4]]}
    frame = parse({"dataframe_split": split}, like)
    assert frame.columns.equals(pairs)
    assert frame.to_numpy().tolist() == [[4, 3]]


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
    with pytest.raises(RowsError, match="row 0: 'x' is a text"):
        parse({"inputs": [["x"]]}, like)


def test_several_tensors_are_arrays_by_their_names() -> None:
    like = {"type": "mlflow", "schema": {"dtypes": {"x": "int32", "y": "float64"}}}
    found = parse({"inputs": {"x": [1], "y": [2.5]}}, like)
    assert (found["x"].dtype.name, found["y"].dtype.name) == ("int32", "float64")
    _, _, notes = read_document({"inputs": {"x": [1], "y": [2.5], "z": [3]}}, like)
    assert notes == ["left out, as the model's example has no such key: 'z'"]
    with pytest.raises(RowsError, match="column 'y': is missing; there are 'x'"):
        read_document({"inputs": {"x": [1]}}, like)


def test_without_a_signature_lists_are_arrays_and_other_kinds_stay() -> None:
    assert parse({"inputs": [[1, 2]]}, {"type": "none", "schema": {}}).tolist() == [[1, 2]]
    assert parse({"inputs": ["a", "bc"]}, {"type": "none", "schema": {}}).tolist() == ["a", "bc"]
    assert parse({"inputs": "text"}, {"type": "none", "schema": {}}) == "text"
    assert parse({"inputs": ["a"]}, {"type": "mlflow", "schema": {"plain": True}}) == ["a"]


CHAT = {"type": "mlflow", "schema": {"columns": ["messages", "user"], "types": {}, "nested": True}}
MESSAGES = {"messages": [{"role": "user", "content": "hi"}], "temperature": 0.5}


@pytest.mark.parametrize("document", [MESSAGES, {"inputs": MESSAGES}])
def test_a_document_of_nested_columns_is_handed_on_whole(document: Any) -> None:
    assert parse(document, CHAT) == MESSAGES


def test_a_table_of_nested_columns_is_one_all_the_same() -> None:
    frame = parse({"dataframe_records": [{"messages": [1], "user": "a"}]}, CHAT)
    assert frame.to_dict("records") == [{"messages": [1], "user": "a"}]
