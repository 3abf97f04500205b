"""Inputs by the signature, with an example and without one."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from modelenv.run.incoming import like_of
from modelenv.serving.http.pages.schemas import forms_of
from modelenv.table import values
from modelenv.table.incoming.contract import with_contract

FIELDS: list[dict[str, Any]] = [
    {"name": "a", "type": "double", "required": True},
    {"name": "b", "type": "long", "required": True},
    {"name": "s", "type": "string"},
]
OPTIONAL = [FIELDS[0], {**FIELDS[1], "required": False}, {**FIELDS[2], "required": False}]
FLAG = [{"name": "a", "type": "double"}, {"name": "ok", "type": "boolean", "required": False}]
ROW = {"a": 1.5, "b": 2, "s": "x"}


def told(data: Any) -> list[Any]:
    return [list(map(str, data.dtypes)), json.loads(data.to_json(orient="values"))]


def like(example: Any, fields: Any) -> Any:
    described = {"type": "none"} if example is None else values.take(example)[0]
    return like_of(with_contract(described, fields))


def model(asked: Any, example: Any, fields: Any = FIELDS) -> Any:
    return asked(told, like=like(example, fields))


FRAMES = {
    "none": None,
    "alike": pd.DataFrame({"a": [1.5], "b": [1], "s": ["x"]}),
    "floats": pd.DataFrame({"a": [1.5], "b": [1.0], "s": ["x"]}),
    "whole": pd.DataFrame({"a": [1], "b": [1], "s": ["x"]}),
}


@pytest.mark.parametrize("name", FRAMES)
@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([{**ROW, "b": 2.5}], "column 'b', row 0: 2.5 is no whole number (int64)"),
        ([{**ROW, "b": None}], "column 'b', row 0: a value is missing, which int64 cannot say"),
        ([{**ROW, "s": 3}], "column 's', row 0: 3 is a number, not a text"),
        ([{"a": 1.5, "s": "x"}], "column 'b': is missing; there are 'a', 's'"),
        ([{"b": 2, "a": 1}], "column 's': is missing; there are 'b', 'a'"),
    ],
)
def test_a_signature_is_held(asked: Any, name: str, rows: Any, text: str) -> None:
    served = model(asked, FRAMES[name])
    for key in ("dataframe_records", "instances"):
        assert served.refused({key: rows}).startswith(text)


@pytest.mark.parametrize("name", FRAMES)
def test_columns_come_in_any_order_and_more_are_told(asked: Any, name: str) -> None:
    served = model(asked, FRAMES[name])
    rows = [{"more": 1, "s": "x", "b": 2, "a": 1.5}]
    answer, data = served.send({"dataframe_records": rows})
    assert json.loads(data)["predictions"][1] == [[1.5, 2, "x"]]
    assert [str(dtype) for dtype in served.seen.dtypes[:2]] == ["float64", "int64"]
    assert answer["notes"] == ["left out, as the model's example has no such column: 'more'"]
    assert served.predicted(b"s,b,a\nx,2,1.5\n", "csv")[1] == [[1.5, 2, "x"]]
    assert served.predicted({"inputs": [[1.5, 2, "x"]]})[1] == [[1.5, 2, "x"]]


@pytest.mark.parametrize("name", FRAMES)
@pytest.mark.parametrize(
    ("body", "content", "cells", "dtype"),
    [
        ({"instances": [{"a": 1}]}, "json", [[1, None, None]], "float64"),
        ({"instances": [{"a": 1, "b": 3}]}, "json", [[1, 3, None]], "int64"),
        ({"instances": [{"a": 1}, ROW]}, "json", [[1, None, None], [1.5, 2, "x"]], "float64"),
        ({"inputs": {"a": [1], "b": [None]}}, "json", [[1, None, None]], "float64"),
        (b"a\n1\n", "csv", [[1, None, None]], "float64"),
        (b"a,b\n1,\n2,7\n", "csv", [[1, None, None], [2, 7, None]], "float64"),
    ],
)
def test_what_need_not_be_there_becomes_a_gap(
    asked: Any, name: str, body: Any, content: str, cells: Any, dtype: str
) -> None:
    served = model(asked, FRAMES[name], OPTIONAL)
    assert served.predicted(body, content)[1] == cells
    assert str(served.seen["b"].dtype) == dtype
    assert "2.5 is no whole number" in served.refused({"instances": [{"a": 1, "b": 2.5}, {"a": 1}]})
    assert "column 'a': is missing" in served.refused({"instances": [{"b": 2}]})


def test_a_column_that_is_not_there_is_told(asked: Any) -> None:
    served = model(asked, None, OPTIONAL)
    note = "missing in every row, as it has no such column: 'b', 's'"
    assert served.send({"instances": [{"a": 1}]})[0]["notes"] == [note]
    assert served.send({"instances": [[1, None, None]]})[0]["notes"] == []


def test_each_type_of_a_column(asked: Any) -> None:
    types = ("integer", "float", "string", "binary", "datetime", "boolean", "any")
    served = asked(len, like=like(None, [{"name": each, "type": each} for each in types]))
    row = [1, 0.5, "x", "aGk=", "2026-01-31T09:30:00", True, {"k": [1]}]
    assert served.predicted({"inputs": [row, [2, None, None, None, None, False, None]]}) == 2
    seen = served.seen
    assert seen.iloc[0].tolist() == [*row[:3], b"hi", pd.Timestamp(row[4]), True, {"k": [1]}]
    assert [str(seen[each].dtype) for each in ("integer", "float", "datetime", "boolean")] == [
        *("int32", "float32", "datetime64[ns]", "bool")
    ]
    for place, wrong in enumerate((2**31, 1e39, 1, "?", 3, 1)):
        cells = [*row[:place], wrong, *row[place + 1 :]]
        assert f"column {types[place]!r}, row 0: " in served.refused({"inputs": [cells]})


def test_a_flag_that_is_not_there(asked: Any) -> None:
    for example in (None, pd.DataFrame({"a": [1.5], "ok": [True]})):
        served = model(asked, example, FLAG)
        served.predicted({"instances": [{"a": 1}, {"a": 1, "ok": True}]})
        assert served.seen["ok"].tolist() == [None, True]
        served.predicted({"instances": [{"a": 1, "ok": False}]})
        assert served.seen["ok"].dtype == "bool"


@pytest.mark.parametrize("name", FRAMES)
def test_the_page_says_the_same(name: str) -> None:
    for fields, needed in ((FIELDS, ["a", "b", "s"]), (OPTIONAL, ["a"])):
        schema = forms_of(like(FRAMES[name], fields), fields)["dataframe_records"]["items"]
        assert schema["required"] == needed
        assert "integer" in str(schema["properties"]["b"]["type"])


def tensor(*shape: int, dtype: str = "float64") -> Any:
    return {"type": "tensor", "tensor-spec": {"dtype": dtype, "shape": list(shape)}}


@pytest.mark.parametrize(
    ("example", "fields", "body", "text"),
    [
        (None, [tensor(-1, 2)], [[1, 2, 3]], "it has 3 columns, and the model's example 2"),
        (None, [tensor(-1, 2)], [1, 2], "the model's example has 2 dimensions, this input 1"),
        (None, [tensor(-1, 2, 2)], [[[1, 2]]], "its shape is [1, 1, 2], and the model takes [-1, "),
        (None, [tensor(-1, 2, dtype="int64")], [[1, 2.5]], "column 1, row 0: 2.5 is no whole"),
        (np.ones((1, 2)), None, [[1, 2, 3]], "it has 3 columns, and the model's example 2"),
        (np.ones((1, 2)), [tensor(-1, 2)], [[1]], "it has 1 columns, and the model's example 2"),
        (np.ones((1, 2)), None, [[]], "it has 0 columns, and the model's example 2"),
        (np.ones((1, 2, 3)), None, [[[1, 2, 3]]], "its shape is [1, 1, 3], and the model takes"),
    ],
)
def test_an_array_has_the_sizes_of_the_signature_or_the_example(
    asked: Any, example: Any, fields: Any, body: Any, text: str
) -> None:
    served = asked(lambda data: list(data.shape), like=like(example, fields))
    for key in ("instances", "inputs"):
        assert served.refused({key: body}).startswith(text)


@pytest.mark.parametrize(
    ("example", "fields", "body", "shape"),
    [
        (np.ones((1, 2)), [tensor(-1, -1)], [[1, 2, 3]], [1, 3]),
        (np.ones((5, 2)), None, [[1, 2]], [1, 2]),
        (np.ones((1, 2)), None, [], [0, 2]),
        (np.ones((1, 2, 3)), None, [], [0, 2, 3]),
        (None, [tensor(-1, 4)], [], [0, 4]),
        (np.ones(3), None, [1], [1]),
    ],
)
def test_sizes_that_vary_are_any(
    asked: Any, example: Any, fields: Any, body: Any, shape: Any
) -> None:
    served = asked(lambda data: list(data.shape), like=like(example, fields))
    assert served.predicted({"instances": body}) == shape


def test_a_tensor_of_another_width_is_refused(asked: Any) -> None:
    served = asked(lambda data: list(data.shape), np.ones((1, 4)))
    told = {"name": "x", "shape": [1, 3], "datatype": "FP64", "data": [1, 2, 3]}
    assert served.uninferred(told) == "it has 3 columns, and the model's example 4"
    columns = [{"name": n, "shape": [1], "datatype": "FP64", "data": [1]} for n in "abc"]
    assert served.uninferred(*columns) == "it has 3 columns, and the model's example 4"
