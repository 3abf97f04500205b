"""Numbers come to the model as they were written, or not at all."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

FRAME = pd.DataFrame({"a": [0.5], "b": [1], "u": np.array([1], "u8")})
ROW = '{"dataframe_records": [{"a": %s, "b": %s, "u": %s}]}'
SEVERAL = "may have been another whole number: a float this large stands for several"


def cells(data: Any) -> str:
    return repr([data[name].tolist()[0] for name in data])


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (("1", "9007199254740993.0", "1"), f"column 'b', row 0: 9007199254740992.0 {SEVERAL}"),
        (("1", "-9007199254740993.0", "1"), f"column 'b', row 0: -9007199254740992.0 {SEVERAL}"),
        (("1", "1e18", "1"), f"column 'b', row 0: 1e+18 {SEVERAL}"),
        (("1", "1", "18446744073709550000.5"), "column 'u', row 0: 1.844674407370955e+19 may have"),
        (("1e400", "1", "1"), "1e400 is out of the range of floats"),
        (("-1E+400", "1", "1"), "-1E+400 is out of the range of floats"),
        (("1", "1e400", "1"), "1e400 is out of the range of floats"),
    ],
)
def test_json_that_would_change_is_refused(asked: Any, row: Any, text: str) -> None:
    assert asked(cells, FRAME).refused((ROW % row).encode()).startswith(text)


@pytest.mark.parametrize(
    ("row", "seen"),
    [
        (("Infinity", "9007199254740993", "18446744073709551615"),
         "[inf, 9007199254740993, 18446744073709551615]"),
        (("1e300", "9007199254740991.0", "3.0"), "[1e+300, 9007199254740991, 3]"),
        (("-1E+12", "-0.0", "0"), "[-1000000000000.0, 0, 0]"),
    ],
)  # fmt: skip
def test_json_that_says_all_is_taken(asked: Any, row: Any, seen: str) -> None:
    assert asked(cells, FRAME).predicted((ROW % row).encode()) == seen


@pytest.mark.parametrize(
    ("row", "seen"),
    [
        ("-0,9007199254740993.0,1.8446744073709551615e19",
         "[-0.0, 9007199254740993, 18446744073709551615]"),
        ("-inf,9007199254740993,1", "[-inf, 9007199254740993, 1]"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("gap", ["", ",1,1\n"])
def test_text_is_read_with_all_its_digits(asked: Any, row: str, seen: str, gap: str) -> None:
    assert asked(cells, FRAME).predicted(f"a,b,u\n{row}\n{gap}".encode(), "csv") == seen


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ("1e400,1,1", "column 'a', row 0 (line 2): '1e400' is out of the range of floats"),
        ("1,1.00000000000000000001,1", "column 'b', row 0 (line 2): 1.00000000000000000001 is no "),
        ("1,1e999999999,1", "column 'b', row 0 (line 2): 1E+999999999 is no whole number"),
        ("1,1e99999999999999999999,1", "column 'b', row 0 (line 2): '1e99999999999999999999' is "),
    ],
)
def test_text_that_would_change_is_refused(asked: Any, row: str, text: str) -> None:
    assert asked(cells, FRAME).refused(f"a,b,u\n{row}\n".encode(), "csv").startswith(text)


@pytest.mark.parametrize(
    ("column", "dtype"),
    [
        ([2**53 + 1, None], "object"),
        ([2**53 + 1, 0.5], "object"),
        ([2**64 - 1, 0], "uint64"),
        ([2**64, 0], "object"),
        ([2**53, None], "float64"),
    ],
)
def test_where_nothing_tells_the_types_numbers_stay(asked: Any, column: Any, dtype: str) -> None:
    model = asked(lambda data: str(data["x"].dtype if hasattr(data, "columns") else data.dtype))
    assert model.predicted({"dataframe_split": {"columns": ["x"], "data": column}}) == dtype
    assert [None if pd.isna(x) else x for x in model.seen["x"]] == column
    assert model.predicted({"dataframe_records": [{"x": x} for x in column]}) == dtype


def test_params_and_tensors_too(asked: Any) -> None:
    params = [{"name": "k", "type": "long"}, {"name": "rate", "type": "double"}]
    model = asked(cells, FRAME, params=params)
    body = json.dumps({"instances": [{"a": 1, "b": 1, "u": 1}], "params": {"k": 2.0**53}})
    assert model.refused(body.encode()).startswith(f"params: 'k': 9007199254740992.0 {SEVERAL}")
    told = '{"inputs": [{"name": "a", "shape": [1], "datatype": "FP64", "data": [1e400]}]}'
    assert model.refused(told.encode(), "tensors") == "1e400 is out of the range of floats"
    deep = {"name": "b", "shape": [1], "datatype": "BYTES", "data": ["[" * 10_000]}
    others = [{"name": n, "shape": [1], "datatype": "UINT64", "data": [1]} for n in "au"]
    assert "is no number" in model.uninferred(deep, *others)
