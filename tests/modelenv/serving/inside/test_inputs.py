"""Bodies as inputs, by the model's example and its signature."""

from __future__ import annotations

import datetime
import json
import uuid
from typing import Any

import numpy as np
import pandas as pd
import pytest

from modelenv.serving.inside import answers
from modelenv.serving.inside.requests import Inputs
from modelenv.table import values

from .conftest import Asked

FRAME = pd.DataFrame({"a": [0.5], "b": [1]})
SPLIT = {"columns": ["a", "b"], "data": [[1.5, 2], [3.5, 4]]}


def total(data: Any) -> Any:
    return (data["a"] + data["b"]).tolist()


@pytest.fixture
def model(asked: Any) -> Asked:
    made: Asked = asked(total, FRAME)
    return made


@pytest.mark.parametrize(
    ("body", "content"),
    [
        ({"dataframe_split": SPLIT}, "json"),
        ({"dataframe_split": {"columns": ["b", "a"], "data": [[2, 1.5], [4, 3.5]]}}, "json"),
        ({"dataframe_split": {**SPLIT, "index": [0, 1]}}, "json"),
        ({"dataframe_split": {"data": [[1.5, 2], [3.5, 4]]}}, "json"),
        ({"dataframe_records": [{"a": 1.5, "b": 2}, {"b": 4, "a": 3.5}]}, "json"),
        ({"instances": [{"a": 1.5, "b": 2}, {"b": 4, "a": 3.5}]}, "json"),
        ({"instances": [[1.5, 2], [3.5, 4]]}, "json"),
        ({"inputs": {"a": [1.5, 3.5], "b": [2, 4]}}, "json"),
        ({"inputs": [[1.5, 2.0], [3.5, 4.0]]}, "json"),
        (b"a,b\n1.5,2\n3.5,4\n", "csv"),
        (b"\xef\xbb\xbfb,a\r\n2,1.5\r\n4,3.5\r\n", "csv"),
    ],
)
def test_every_form_of_a_frame(model: Asked, body: Any, content: str) -> None:
    assert model.predicted(body, content) == [3.5, 7.5]
    pd.testing.assert_frame_equal(model.seen, pd.DataFrame({"a": [1.5, 3.5], "b": [2, 4]}))


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([[1.5, 2.5]], "column 'b', row 0: 2.5 is no whole number (int64)"),
        ([[1.5, 2], [1.5, 1e300]], "column 'b', row 1: 1e+300 is out of the range of int64"),
        ([[1.5, None]], "column 'b', row 0: a value is missing, which int64 cannot say"),
        ([["x", 2]], "column 'a', row 0: 'x' is a text, not a number (float64)"),
        ([[True, 2]], "column 'a', row 0: True is a boolean, not a number (float64)"),
        ([[1.5, "2"]], "column 'b', row 0: '2' is a text, not a number (int64)"),
        ([[10**400, 2]], "column 'a', row 0: "),
        ([[1.5]], "row 0: it has 1 cells, where 2 are expected"),
        ([[1.5, 2], 3], "row 1: it has no list of cells, where 2 are expected"),
        ([[[1.5], 2]], "column 'a', row 0: [1.5] is a list, not a number (float64)"),
    ],
)
def test_a_cell_that_does_not_fit_is_told_with_its_place(
    model: Asked, rows: Any, text: str
) -> None:
    body = {"dataframe_split": {"columns": ["a", "b"], "data": rows}}
    assert model.refused(body).startswith(text)


def test_the_place_is_told_by_itself_too(model: Asked) -> None:
    told, _ = model.send(b"a,b\n1.5,2\n\n1.5,2.5\n", "csv")
    assert (told["column"], told["row"], told["line"]) == ("b", 1, 4)
    assert told["refused"] == "2.5 is no whole number (int64)"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "it is no JSON: Expecting value"),
        (b"{", "it is no JSON: "),
        (b"\xff", "it is no JSON: "),
        (b"[" * 100_000, "it is nested too deep"),
        (b"[1]", "it is an object with exactly one of dataframe_split, dataframe_records,"),
        (b"{}", "it is an object with exactly one of"),
        (b'{"rows": []}', "it is an object with exactly one of"),
        (b'{"inputs": [], "instances": []}', "it is an object with exactly one of"),
        (b'{"dataframe_split": 1}', "dataframe_split is an object with data"),
        (b'{"dataframe_records": {}}', "dataframe_records is a list of objects"),
        (b'{"dataframe_records": [{"a": 1}]}', "column 'b': is missing; there are 'a'"),
        (b'{"dataframe_records": [{"a": 1, "b": 2}, {"b": 2}]}', ""),
        (b'{"inputs": 7}', "it is no table"),
        (b'{"inputs": null}', "it is no table"),
        (b'{"inputs": {"a": [1], "b": [1, 2]}}', "the columns have different numbers of rows"),
        (b'{"inputs": [], "params": 3}', "params is an object of names and values"),
        (b'{"inputs": [], "params": {"k": 3}}', "unknown params: 'k'; the model's signature has n"),
    ],
)
def test_a_body_that_is_none_is_refused(model: Asked, body: bytes, text: str) -> None:
    if text:
        assert model.refused(body).startswith(text)
    else:  # what is missing among floats is nan
        assert model.predicted(body) == [3.0, None]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "it is empty: its first line names the columns"),
        (b"a,b\n1\n", "row 0 (line 2): it has 1 cells, and the first line names 2"),
        (b"a,b\n\xff,1\n", "it is no text in UTF-8"),
        (b"b\n1\n", "column 'a': is missing; there are 'b'"),
        (b'a,b\n"1,2\n', "row 0 (line "),
        (b"a,b\nx,2\n", "column 'a', row 0 (line 2): 'x' is no number"),
    ],
)
def test_a_table_of_text_that_is_none_is_refused(model: Asked, body: bytes, text: str) -> None:
    assert model.refused(body, "csv").startswith(text)


def test_no_rows_are_an_input(model: Asked) -> None:
    bodies: tuple[Any, ...] = (
        {"dataframe_split": {"columns": ["a", "b"], "data": []}},
        {"inputs": []},
    )
    for body in bodies:
        assert model.predicted(body) == []
        assert list(model.seen.dtypes) == list(FRAME.dtypes)
    assert model.predicted(b"a,b\n", "csv") == []


def test_what_the_model_has_no_column_for_is_left_out_and_told(model: Asked) -> None:
    told, _ = model.send({"dataframe_records": [{"a": 1.5, "b": 2, "c": 3, "d": 4}]})
    assert told["notes"] == ["left out, as the model's example has no such column: 'c', 'd'"]
    assert model.send({"dataframe_split": SPLIT})[0]["notes"] == []


EXAMPLES = {
    "a series": (pd.Series([1, 2], name="x"), {"inputs": [3, 4]}, "[3, 4]"),
    "an array": (np.zeros((1, 2)), {"inputs": [[1, 2], [3, 4]]}, "[[1.0, 2.0], [3.0, 4.0]]"),
    "an array of one dimension": (np.zeros(3, "f4"), {"instances": [1.5]}, "[1.5]"),
    "an array, as a frame": (np.zeros((1, 2), "i8"), {"dataframe_split": SPLIT}, None),
    "an array, as records": (
        np.zeros((1, 2)),
        {"dataframe_records": [{"p": 1, "q": 2}]},
        "[[1.0, 2.0]]",
    ),
    "a dictionary": ({"a": 1, "b": "x"}, {"inputs": {"a": 7, "b": "y"}}, "{'a': 7, 'b': 'y'}"),
    "a dictionary of arrays": (
        {"x": np.zeros((1, 2)), "y": np.zeros(1, "i8")},
        {"inputs": {"x": [[1, 2]], "y": [3]}},
        "{'x': array([[1., 2.]]), 'y': array([3])}",
    ),
    "a list of numbers": ([1, 2], {"inputs": [3.5, "x"]}, "[3.5, 'x']"),
    "records": (
        [{"a": 1, "b": "x"}],
        {"dataframe_split": {"columns": ["b", "a"], "data": [["y", 2]]}},
        "[{'a': 2, 'b': 'y'}]",
    ),
    "a text": ("hello", {"inputs": "good morning"}, "'good morning'"),
    "texts": (["hello"], {"inputs": ["a", "b"]}, "['a', 'b']"),
    "bytes": (b"abc", {"inputs": "aGk="}, "b'hi'"),
    "a number": (3, {"inputs": 4}, "4"),
    "nothing": (None, {"inputs": [1, {"a": None}]}, "[1, {'a': None}]"),
    "nothing, as a frame": (
        None,
        {"dataframe_split": {"columns": ["a"], "data": [[1], [2]]}},
        "   a\n0  1\n1  2",
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_kind_of_example(asked: Any, name: str) -> None:
    example, body, seen = EXAMPLES[name]
    model = asked(lambda data: "seen", example)
    if seen is None:
        assert model.refused(body) == "column 0, row 0: 1.5 is no whole number (int64)"
    else:
        assert model.predicted(body) == "seen"
        shown = repr(model.seen.tolist()) if hasattr(model.seen, "tolist") else repr(model.seen)
        assert shown == seen


def test_where_nothing_tells_the_types_it_is_said(asked: Any) -> None:
    model = asked(lambda data: "seen")
    told, _ = model.send(b"a,b\n1,x\n", "csv")
    assert told["notes"] == [
        "the model has no example and no signature with columns, so that the types are guessed"
    ]


def test_what_a_signature_of_mlflow_says(asked: Any) -> None:
    schema = {"columns": ["a", "b"], "types": {"a": "float64", "b": "int64"}}
    model = asked(total, like={"type": "none", "schema": schema})
    assert model.predicted({"dataframe_split": SPLIT}) == [3.5, 7.5]
    assert model.predicted({"inputs": [[1, 2]]}) == [3.0]
    text = model.refused({"dataframe_split": {"columns": ["a", "b"], "data": [[1.5, 2.5]]}})
    assert text == "column 'b', row 0: 2.5 is no whole number (int64)"


def test_the_first_of_several_examples_tells_the_types(asked: Any) -> None:
    like, _ = values.take(FRAME)
    model = asked(total, like={"type": "examples", "items": [like, {"type": "json_object"}]})
    assert model.predicted({"dataframe_split": SPLIT}) == [3.5, 7.5]
    assert "row 0: 2.5 is no whole number" in model.refused({"inputs": [[1, 2.5]]})


def test_an_example_of_a_class_of_ones_own_has_no_rows(asked: Any) -> None:
    model = asked(total, like={"type": "pickle", "class": "own.Graph", "file": "input.pkl"})
    for body in ({"inputs": [1]}, {"dataframe_split": SPLIT}):
        text = model.refused(body)
        assert text.startswith("the model's example (own.Graph) is not made of such rows")
        assert "-i" not in text


PARAMS = [
    {"name": "k", "type": "long", "default": 7, "shape": None},
    {"name": "rate", "type": "double", "default": 0.5, "shape": None},
    {"name": "loud", "type": "boolean", "default": False, "shape": None},
    {"name": "words", "type": "string", "default": ["a"], "shape": [-1]},
    {"name": "when", "type": "datetime", "default": None, "shape": None},
]
DEFAULTS = {"k": 7, "rate": 0.5, "loud": False, "words": ["a"], "when": None}


@pytest.mark.parametrize(
    ("given", "changed"),
    [
        ({}, {}),
        ({"k": 3}, {"k": 3}),
        ({"k": 3.0, "rate": 2}, {"k": 3, "rate": 2.0}),
        ({"loud": True, "words": []}, {"loud": True, "words": []}),
        ({"when": "2026-01-31T09:30:00"}, {"when": datetime.datetime(2026, 1, 31, 9, 30)}),  # noqa: DTZ001
        ({"when": None}, {}),
    ],
)
def test_params_are_those_of_the_signature(asked: Any, given: Any, changed: Any) -> None:
    model = asked(lambda data, **params: "seen", FRAME, params=PARAMS)
    assert model.predicted({"dataframe_split": SPLIT, "params": given}) == "seen"
    assert model.model.params == {**DEFAULTS, **changed}


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"j": 1, "i": 2}, "unknown params: 'j', 'i'; there are 'k', 'rate', 'loud', 'words', 'wh"),
        ({"k": "x"}, "params: 'k': 'x' is a text, not a number (int64)"),
        ({"k": 2.5}, "params: 'k': 2.5 is no whole number (int64)"),
        ({"k": True}, "params: 'k': True is a boolean, not a number (int64)"),
        ({"k": None}, "params: 'k': a value is missing, which int64 cannot say"),
        ({"rate": "0.5"}, "params: 'rate': '0.5' is a text, not a number (float64)"),
        ({"loud": 1}, "params: 'loud': 1 is neither true nor false"),
        ({"words": "a"}, "params: 'words' is a list of values (string)"),
        ({"words": ["a", 2]}, "params: 'words': 2 is a number, not a text: write it in quotes"),
        ({"when": "soon"}, "params: 'when': 'soon' is no time by ISO 8601"),
    ],
)
def test_params_that_are_not_are_refused(asked: Any, given: Any, text: str) -> None:
    model = asked(lambda data, **params: "seen", FRAME, params=PARAMS)
    assert model.refused({"dataframe_split": SPLIT, "params": given}).startswith(text)


@pytest.mark.parametrize(
    ("type_", "default", "seen"),
    [
        ("datetime", "2026-01-31T09:30:00", datetime.datetime(2026, 1, 31, 9, 30)),  # noqa: DTZ001
        ("binary", "aGk=", b"hi"),
        ("double", 1, 1.0),
        ("datetime", "soon", "soon"),
        ("datetime", None, None),
    ],
)
def test_a_default_is_what_it_were_if_it_were_given(
    asked: Any, type_: str, default: Any, seen: Any
) -> None:
    fields = [
        {"name": "k", "type": type_, "default": default, "shape": None},
        {"name": "several", "type": type_, "default": [default, default], "shape": [-1]},
    ]
    model = asked(lambda data, **params: "seen", FRAME, params=fields)
    assert model.predicted({"dataframe_split": SPLIT}) == "seen"
    assert model.model.params["k"] == seen
    assert type(model.model.params["k"]) is type(seen)
    if seen is not None:
        assert model.model.params["several"] == [seen, seen]


def test_params_of_what_comes_without_json(asked: Any) -> None:
    model = asked(lambda data, **params: "seen", FRAME, params=PARAMS)
    assert "ok" in model.send(b"a,b\n1,2\n", "csv", params={"k": 3})[0]
    assert model.model.params == {**DEFAULTS, "k": 3}
    assert "unknown params: 'j'" in model.refused(b"a,b\n1,2\n", "csv", params={"j": 3})


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"shape": "x"}, "the shape of a sparse matrix"),
        ({"shape": [1, 2, 3]}, "the shape of a sparse matrix"),
        ({"shape": [10**12, 3]}, "the shape of a sparse matrix"),
        ({"indices": [0, 3]}, "column 'indices': one is outside"),
        ({"indices": [0, -1]}, "column 'indices': one is outside"),
        ({"indptr": [0, 9]}, "data and indices have as many"),
        ({"indptr": [0, 2, 1]}, "column 'indptr': it rises"),
        ({"indptr": []}, "column 'indptr': it rises"),
        ({"data": [1.0]}, "data and indices have as many"),
    ],
)
def test_a_sparse_matrix_has_no_place_outside_of_it(asked: Any, change: Any, text: str) -> None:
    sparse = pytest.importorskip("scipy.sparse")
    model = asked(lambda data: data.sum(), sparse.csr_matrix(np.eye(3)))
    good = {"data": [1.5, 2.0], "indices": [0, 2], "indptr": [0, 2], "shape": [1, 3]}
    assert model.predicted({"inputs": good}) == 3.5
    assert model.predicted({"inputs": [[0, 2, 1]]}) == 3.0
    assert model.refused({"inputs": {**good, **change}}).startswith(text)


RECORDS = [{"x": 1, "y": 0.5}]


@pytest.mark.parametrize("key", ["instances", "inputs", "dataframe_records"])
@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([{"x": 2.5, "y": 1}], "column 'x', row 0: 2.5 is no whole number (int64)"),
        ([{"y": 1}], "column 'x': is missing; there are 'y'"),
        ([{"x": 1, "y": 1}, {"y": 1}], "column 'x', row 1: a value is missing"),
        ([{"x": 1, "y": "1"}], "column 'y', row 0: '1' is a text, not a number"),
    ],
)
def test_a_list_of_dictionaries_is_checked_in_every_form(
    asked: Any, key: str, rows: Any, text: str
) -> None:
    model = asked(lambda data: data, RECORDS)
    assert model.refused({key: rows}).startswith(text)
    told, _ = model.send({key: [{"x": 1, "y": 2, "z": 3}]})
    assert told["notes"] == ["left out, as the model's example has no such key: 'z'"]
    assert model.seen == [{"x": 1, "y": 2.0}]
    assert model.predicted({key: []}) == []


@pytest.mark.parametrize("cell", [1, None, ["a"], True])
def test_a_list_of_texts_takes_texts(asked: Any, cell: Any) -> None:
    model = asked(lambda data: data, ["hello"])
    assert model.predicted({"inputs": ["a"]}) == ["a"]
    assert model.refused({"inputs": ["a", cell]}) == (
        f"row 1: {cell!r} is no text, and the model's example has texts"
    )


FLAGS = pd.DataFrame({"ok": [True], "or": pd.array([True, None], "boolean")[:1], "n": [1]})


@pytest.mark.parametrize("cell", [1, 0, "1", "TRUE", "true", 1.0, "yes", [True]])
@pytest.mark.parametrize("name", ["ok", "or"])
def test_truth_is_neither_a_number_nor_a_text(asked: Any, name: str, cell: Any) -> None:
    model = asked(lambda data: data["ok"].tolist(), FLAGS)
    row = {"ok": True, "or": False, "n": 1}
    assert model.refused({"dataframe_records": [row, {**row, name: cell}]}) == (
        f"column {name!r}, row 1: {cell!r} is neither true nor false"
    )
    array = asked(lambda data: data.tolist(), np.array([[True, False]]))
    assert array.predicted({"inputs": [[True, True]]}) == [[True, True]]
    assert "column 1, row 0: " in array.refused({"inputs": [[True, cell]]}) or cell == [True]


@pytest.mark.parametrize(
    ("text", "truth"), [("true", True), ("FALSE", False), ("1", True), ("0", False)]
)
def test_truth_in_text(asked: Any, text: str, truth: bool) -> None:
    model = asked(lambda data: [data["ok"].tolist(), data["or"].tolist()], FLAGS)
    assert model.predicted(f"n,ok,or\n1,{text},{text}\n".encode(), "csv") == [[truth], [truth]]
    assert model.refused(b"n,ok,or\n1,2,true\n", "csv") == (
        "column 'ok', row 0 (line 2): '2' is neither true nor false"
    )


OBJECTS = pd.DataFrame(
    {
        "t": [datetime.time(1), None],
        "d": [datetime.timedelta(1), datetime.timedelta(2)],
        "w": [datetime.datetime(2026, 1, 31), datetime.datetime(2026, 2, 1)],  # noqa: DTZ001
        "o": [[1], {"k": 2}],
    },
    dtype=object,
)
OBJECT_ROW = {"t": "09:30:00", "d": "1 days 02:30:00", "w": "2026-01-31T09:30:00", "o": "x"}
OBJECT_CELLS = [
    datetime.time(9, 30),
    datetime.timedelta(days=1, hours=2, minutes=30),
    datetime.datetime(2026, 1, 31, 9, 30),  # noqa: DTZ001
    "x",
]


def test_times_among_objects_are_times(asked: Any) -> None:
    model = asked(len, OBJECTS)
    text = ",".join(OBJECT_ROW) + "\n" + ",".join(OBJECT_ROW.values()) + "\n,1 days,2026-01-31,y\n"
    for body, content in (
        ({"dataframe_records": [OBJECT_ROW, {**OBJECT_ROW, "t": None}]}, "json"),
        (text.encode(), "csv"),
    ):
        assert model.predicted(body, content) == 2
        assert model.seen.iloc[0].tolist() == OBJECT_CELLS
        assert model.seen["t"].tolist()[1] is None


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"t": "soon"}, "column 't', row 0: 'soon' is no time of a day"),
        ({"t": 3}, "column 't', row 0: 3 is none of the column's objects (datetime.time)"),
        ({"d": "soon"}, "column 'd', row 0: is no duration"),
        ({"w": 5}, "column 'w', row 0: 5 is none of the column's objects (datetime.datetime)"),
    ],
)
def test_what_is_no_time_among_objects_is_refused(asked: Any, change: Any, text: str) -> None:
    model = asked(len, OBJECTS)
    assert model.refused({"dataframe_records": [{**OBJECT_ROW, **change}]}).startswith(text)


def test_objects_that_no_row_tells_are_refused(asked: Any) -> None:
    model = asked(len, pd.DataFrame({"u": [uuid.UUID(int=1)]}))
    assert model.refused({"dataframe_records": [{"u": str(uuid.UUID(int=2))}]}) == (
        "column 'u', row 0: '00000000-0000-0000-0000-000000000002' is none of the column's objects"
        " (uuid.UUID), and no row can tell one"
    )


CHAT = {"type": "mlflow", "schema": {"columns": ["messages"], "types": {}, "nested": True}}
MESSAGES = {"messages": [{"role": "user", "content": "hi"}]}


@pytest.mark.parametrize(("body", "bare"), [(MESSAGES, True), ({"inputs": MESSAGES}, False)])
def test_what_a_client_of_a_chat_model_sends_is_its_input_whole(body: Any, bare: bool) -> None:
    request = Inputs(CHAT).read({"content": "json"}, memoryview(json.dumps(body).encode()))
    assert (request.value(), request.bare) == (MESSAGES, bare)
    assert answers.bare({"reply": float("nan")}) == b'{"reply": null}'
