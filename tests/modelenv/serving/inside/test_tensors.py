"""Inference requests of the Open Inference Protocol, version 2: tensors in and out."""

from __future__ import annotations

import decimal
import math
import struct
from typing import Any

import numpy as np
import pandas as pd
import pytest

FRAME = pd.DataFrame({"a": [0.5], "b": [1], "c": ["x"]})


def tensor(name: str, datatype: Any, data: Any, shape: Any = None, **parameters: Any) -> Any:
    told = {"name": name, "datatype": datatype, "shape": [len(data)] if shape is None else shape}
    return {**told, "data": data, **({"parameters": parameters} if parameters else {})}


def binary(name: str, datatype: str, data: bytes, shape: list[int]) -> Any:
    told = {"name": name, "datatype": datatype, "shape": shape}
    return {**told, "parameters": {"binary_data_size": len(data)}}


def texts(*words: bytes) -> bytes:
    return b"".join(struct.pack("<I", len(word)) + word for word in words)


A, B, C = (
    tensor("a", "FP64", [1.5, 2]),
    tensor("b", "INT64", [3, 4]),
    tensor("c", "BYTES", ["p", "q"]),
)
EXPECTED = pd.DataFrame({"a": [1.5, 2.0], "b": [3, 4], "c": ["p", "q"]})


@pytest.mark.parametrize(
    "inputs",
    [
        [A, B, C],
        [C, B, A],
        [A, tensor("b", "FP64", [3.0, 4]), C],
        [tensor("a", "FP32", [1.5, 2.0]), tensor("b", "UINT8", [3, 4]), C],
        [A, tensor("b", "INT32", [3.0, 4.0], [2, 1]), tensor("c", "BYTES", [["p"], ["q"]], [2, 1])],
        [A, tensor("b", "INT64", [3, 4], content_type="np"), C],
    ],
)
def test_each_tensor_is_a_column(asked: Any, inputs: list[Any]) -> None:
    model = asked(lambda data: data["b"], FRAME)
    answer, raw = model.inferred(*inputs, id="7", parameters={"content_type": "pd"})
    pd.testing.assert_frame_equal(model.seen, EXPECTED)
    output = {"name": "b", "shape": [2], "datatype": "INT64", "data": [3, 4]}
    assert answer == {"id": "7", "outputs": [output]}
    assert not raw


def test_raw_data_comes_behind_the_json(asked: Any) -> None:
    model = asked(lambda data: data["b"], FRAME)
    parts = struct.pack("<2d", 1.5, 2), struct.pack("<2i", 3, 4), texts(b"p", b"q")
    datatypes = ("FP64", "INT32", "BYTES")
    inputs = [binary(n, d, p, [2]) for n, d, p in zip("abc", datatypes, parts, strict=True)]
    model.inferred(*inputs, raw=b"".join(parts))
    pd.testing.assert_frame_equal(model.seen, EXPECTED)
    model.inferred(inputs[0], B, inputs[2], raw=parts[0] + parts[2])
    pd.testing.assert_frame_equal(model.seen, EXPECTED)


@pytest.mark.parametrize(
    ("datatype", "data"),
    [
        ("BOOL", [True, False]),
        ("INT8", [-128, 127]),
        ("INT64", [-(2**63), 2**63 - 1]),
        ("UINT16", [0, 65535]),
        ("UINT64", [0, 2**64 - 1]),
        ("FP16", [0.5, 65504.0, -0.0]),
        ("FP32", [0.1, 1e30]),
        ("FP64", [5e-324, 1.7e308]),
        ("BYTES", ["", "ü", "a\0b"]),
    ],
)
def test_each_datatype_goes_in_and_out_in_both_forms(asked: Any, datatype: str, data: Any) -> None:
    dtype = {"BOOL": "bool", "BYTES": "U"}.get(datatype) or datatype.lower().replace("fp", "float")
    example = np.array(data, dtype=dtype)
    model = asked(lambda data: data, example)
    answer, _ = model.inferred(tensor("x", datatype, data))
    (output,) = answer["outputs"]
    assert (output["datatype"], output["shape"]) == (datatype, [len(data)])
    assert output["data"] == example.tolist()
    wanted = [{"name": "output-0", "parameters": {"binary_data": True}}]
    answer, raw = model.inferred(tensor("x", datatype, data), outputs=wanted)
    (output,) = answer["outputs"]
    assert output["parameters"] == {"binary_data_size": len(raw)}
    assert "data" not in output
    words = texts(*(word.encode() for word in data)) if datatype == "BYTES" else example.tobytes()
    assert raw == words
    again, _ = model.inferred(binary("x", datatype, raw, [len(data)]), raw=raw)
    assert again["outputs"][0]["data"] == example.tolist()


def test_what_is_no_number_is_null_in_json_and_itself_in_raw_data(asked: Any) -> None:
    model = asked(lambda data: data, np.zeros(1))
    answer, _ = model.inferred(tensor("x", "FP64", [None, 1e999]))
    assert answer["outputs"][0]["data"] == [None, None]
    answer, raw = model.inferred(
        tensor("x", "FP64", [None, -1e999]), parameters={"binary_data_output": True}
    )
    first, second = struct.unpack("<2d", raw)
    assert math.isnan(first)
    assert second == -math.inf


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"a": None}, "column 'a': is missing; there are 'b', 'c'"),
        ({"b": tensor("b", "FP64", [2.5, 3])}, "column 'b', row 0: 2.5 is no whole number (int64)"),
        ({"b": tensor("b", "FP64", [2, None])}, "column 'b', row 1: a value is missing, which in"),
        (
            {"b": tensor("b", "UINT64", [0, 2**64 - 1])},
            "column 'b', row 1: 18446744073709551615 is",
        ),
        (
            {"b": tensor("b", "BOOL", [True, False])},
            "column 'b', row 0: True is a boolean, not a nu",
        ),
        ({"b": tensor("b", "BYTES", ["3", "4"])}, ""),
        ({"b": tensor("b", "BYTES", ["3", "x"])}, "column 'b', row 1: 'x' is no number"),
        ({"a": tensor("a", "BYTES", ["3", "4"])}, "column 'a', row 0: '3' is a text, not a number"),
        ({"c": tensor("c", "INT64", [3, 4])}, "column 'c', row 0: 3 is a number, not a text"),
        (
            {"b": tensor("b", "INT64", [3])},
            "the columns have different numbers of rows: a has 2, b h",
        ),
        (
            {"b": tensor("b", "INT64", [3, 4], [3])},
            "column 'b': it has 2 elements, its shape [3] 3",
        ),
        (
            {"b": tensor("b", "INT64", [3, 4], [1, 2])},
            "column 'b': a column has the shape [n] or [n",
        ),
        (
            {"b": tensor("b", "INT64", [3, 2.5])},
            "column 'b', row 1: 2.5 is no whole number (int64)",
        ),
        (
            {"b": tensor("b", "INT8", [3, 200])},
            "column 'b', row 1: 200 is out of the range of int8",
        ),
        ({"b": tensor("b", "BOOL", [3, 1])}, "column 'b', row 0: 3 is no BOOL"),
        ({"c": tensor("c", "BYTES", ["x", 1])}, "column 'c', row 1: 1 is no BYTES"),
        ({"a": tensor("a", "FP64", ["x", 1])}, "column 'a', row 0: 'x' is a text, not a number"),
        (
            {"b": tensor("b", "INT128", [3, 4])},
            "column 'b': there is no datatype 'INT128'; there a",
        ),
        ({"b": tensor("b", None, [3, 4])}, "column 'b': there is no datatype None"),
        (
            {"b": tensor("b", "INT64", [3, 4], [-1])},
            "column 'b': its shape has to be a list of sizes",
        ),
        (
            {"b": tensor("b", "INT64", [3, 4], "2")},
            "column 'b': its shape has to be a list of sizes",
        ),
        (
            {"b": tensor("b", "INT64", [3, 4], [2.0])},
            "column 'b': its shape has to be a list of sizes",
        ),
        (
            {"b": tensor("b", "INT64", [], [0, 2**47])},
            "column 'b': its shape [0, 140737488355328] h",
        ),
        (
            {"b": tensor("b", "INT64", [3, 4], [1] * 33)},
            "column 'b': it has more than 32 dimensions",
        ),
        (
            {"b": tensor("b", "INT64", [[3], [4, 5]], [3])},
            "column 'b': its data: row 1: 1 cells are",
        ),
        (
            {"b": {"name": "b", "datatype": "INT64", "shape": [2]}},
            "column 'b': its data has to be a list",
        ),
        ({"b": 3}, "an input has to be an object with name, shape, datatype and data"),
        ({"b": tensor("a", "INT64", [3, 4])}, "column 'a': there are two tensors of this name"),
        (
            {"b": binary("b", "INT64", b"12345", [2])},
            "column 'b': its raw data ends before the tens",
        ),
    ],
)
def test_a_tensor_that_is_no_column_is_refused(asked: Any, change: Any, text: str) -> None:
    model = asked(lambda data: data["b"], FRAME)
    inputs = [each for each in {"a": A, "b": B, "c": C, **change}.values() if each is not None]
    if text:
        assert model.uninferred(*inputs).startswith(text)
    else:
        model.inferred(*inputs)
        pd.testing.assert_frame_equal(model.seen, EXPECTED)


@pytest.mark.parametrize(
    ("size", "data", "text"),
    [
        (-1, b"", "column 'x': binary_data_size has to be a number of bytes"),
        ("8", b"12345678", "column 'x': binary_data_size has to be a number of bytes"),
        (
            7,
            b"1234567",
            "column 'x': the length of its raw data is no multiple of its elements' size",
        ),
        (8, b"123456789", "1 bytes of its raw data belong to no tensor"),
        (16, b"1" * 16, "column 'x': it has 2 elements, its shape [1] 1"),
    ],
)
def test_raw_data_of_another_size_is_refused(asked: Any, size: Any, data: bytes, text: str) -> None:
    model = asked(lambda data: data, np.zeros(1))
    told = {"name": "x", "datatype": "FP64", "shape": [1], "parameters": {"binary_data_size": size}}
    assert model.uninferred(told, raw=data) == text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\x01", "column 'x': its raw data ends within an element"),
        (struct.pack("<I", 2**32 - 1) + b"x", "column 'x': its raw data ends within an element"),
        (texts(b"a", b"\xff"), "column 'x', row 1: it is no text in UTF-8"),
    ],
)
def test_raw_texts_that_are_none_are_refused(asked: Any, data: bytes, text: str) -> None:
    model = asked(lambda data: data, ["a"])
    told = binary("x", "BYTES", data, [2])
    assert model.uninferred(told, raw=data).startswith(text)


def test_a_column_of_bytes_takes_them_as_they_are(asked: Any) -> None:
    model = asked(lambda data: data["x"].map(len), pd.DataFrame({"x": [b"\xff\x00"]}))
    data = texts(b"\xff", b"ab")
    answer, _ = model.inferred(binary("x", "BYTES", data, [2]), raw=data)
    assert answer["outputs"][0]["data"] == [1, 2]
    model.inferred(tensor("x", "BYTES", ["/w==", "YWI="]))
    assert model.seen["x"].tolist() == [b"\xff", b"ab"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "it is no JSON"),
        (b"[1]", "it has no inputs, which have to be a list of tensors"),
        (b'{"inputs": []}', "it has no inputs, which have to be a list of tensors"),
        (b'{"inputs": {}}', "it has no inputs, which have to be a list of tensors"),
        (b'{"inputs": [{}], "id": 7}', "its id has to be a text"),
        (b'{"inputs": ' + b"[" * 99_999, "it is nested too deep"),
    ],
)
def test_a_request_that_is_none_is_refused(asked: Any, body: bytes, text: str) -> None:
    assert asked(lambda data: data, np.zeros(1)).refused(body, "tensors").startswith(text)


def test_the_length_of_the_json_is_within_the_body(asked: Any) -> None:
    model = asked(lambda data: data, np.zeros(1))
    assert model.refused(b"{}", "tensors", json=3) == "its JSON cannot have 3 of 2 bytes"
    assert model.refused(b"{}", "tensors", json=-1) == "its JSON cannot have -1 of 2 bytes"


INPUTS = {
    "a frame, in one tensor": (
        pd.DataFrame({"p": [0.5], "q": [1]}),
        [tensor("x", "FP64", [1.5, 2, 2.5, 3], [2, 2])],
        pd.DataFrame({"p": [1.5, 2.5], "q": [2, 3]}),
    ),
    "a frame, nested": (
        pd.DataFrame({"p": [0.5], "q": [1]}),
        [tensor("x", "FP64", [[1.5, 2], [2.5, 3]], [2, 2])],
        pd.DataFrame({"p": [1.5, 2.5], "q": [2, 3]}),
    ),
    "a series": (
        pd.Series([1], name="s"),
        [tensor("x", "INT64", [2, 3])],
        pd.Series([2, 3], name="s"),
    ),
    "an array": (
        np.zeros((1, 3), "f4"),
        [tensor("x", "INT64", [1, 2, 3, 4, 5, 6], [2, 3])],
        np.array([[1, 2, 3], [4, 5, 6]], "f4"),
    ),
    "an array, of columns": (
        np.zeros((1, 2)),
        [tensor("p", "FP64", [1, 2, 3]), tensor("q", "FP64", [4, 5, 6], [3, 1])],
        np.array([[1, 4], [2, 5], [3, 6]], "f8"),
    ),
    "an array of three dimensions": (
        np.zeros((1, 2, 2)),
        [tensor("x", "FP64", list(range(8)), [2, 2, 2])],
        np.arange(8.0).reshape(2, 2, 2),
    ),
    "arrays by name": (
        {"x": np.zeros((1, 2)), "y": np.zeros(1, "i8")},
        [tensor("y", "INT64", [7]), tensor("x", "FP64", [1, 2], [1, 2])],
        {"x": np.array([[1.0, 2.0]]), "y": np.array([7])},
    ),
    "records": (
        [{"a": 1, "b": "x"}],
        [tensor("b", "BYTES", ["y", "z"]), tensor("a", "INT64", [2, 3])],
        [{"a": 2, "b": "y"}, {"a": 3, "b": "z"}],
    ),
    "a list": ([1, 2], [tensor("x", "FP64", [1.5, 2.5])], [1.5, 2.5]),
    "texts": (["a"], [tensor("x", "BYTES", ["b", "c"])], ["b", "c"]),
    "nothing": (None, [tensor("x", "FP32", [1.5, 2], [1, 2])], np.array([[1.5, 2]], "f4")),
    "nothing, by name": (
        None,
        [tensor("x", "INT8", [1]), tensor("y", "BYTES", ["b"])],
        {"x": np.array([1], "i1"), "y": np.array(["b"])},
    ),
}


def check_alike(one: Any, other: Any) -> None:
    assert type(one) is type(other)
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for name, item in one.items():
            check_alike(item, other[name])
    elif isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        assert one.tolist() == other.tolist()
    elif isinstance(one, (pd.DataFrame, pd.Series)):
        assert one.equals(other)
        assert list(one.index) == list(other.index)
    else:
        assert one == other


@pytest.mark.parametrize("name", INPUTS)
def test_every_kind_of_example(asked: Any, name: str) -> None:
    example, inputs, expected = INPUTS[name]
    model = asked(lambda data: 1, example)
    model.inferred(*inputs)
    check_alike(model.seen, expected)


def test_a_frame_is_asked_for_by_its_content_type(asked: Any) -> None:
    model = asked(lambda data: 1)
    inputs = tensor("a", "INT8", [1, 2]), tensor("b", "BYTES", ["x", "y"])
    model.inferred(*inputs, parameters={"content_type": "pd"})
    check_alike(model.seen.dtypes.astype(str).to_dict()["a"], "int8")
    assert model.seen["b"].tolist() == ["x", "y"]


def test_an_array_takes_one_tensor_where_it_has_no_columns(asked: Any) -> None:
    model = asked(lambda data: 1, np.float64(3))
    text = model.uninferred(tensor("p", "FP64", [1]), tensor("q", "FP64", [1]))
    assert text == "the model takes one tensor, not 2: p, q"


def test_data_that_is_nested_otherwise_is_refused(asked: Any) -> None:
    model = asked(lambda data: 1, np.zeros((1, 3)))
    nested = [[1, 2], [3, 4], [5, 6]]
    text = model.uninferred(tensor("x", "FP64", nested, [2, 3]))
    assert text == "column 'x': its data is nested as [3, 2], its shape is [2, 3]"


OUTPUTS = {
    "a frame": (
        pd.DataFrame(
            {"p": [0.5, math.inf], "n": pd.array([1, None], dtype="Int64"), "t": ["x", None]}
        ),
        [
            ("p", "FP64", [2], [0.5, None]),
            ("n", "BYTES", [2], ["1", "null"]),
            ("t", "BYTES", [2], ["x", None]),
        ],
    ),
    "texts that say null": (["null", None], [("output-0", "BYTES", [2], ["null", None])]),
    "numbers that floats cannot tell": (
        [2**53 + 1, 0.5],
        [("output-0", "BYTES", [2], [str(2**53 + 1), "0.5"])],
    ),
    "rows of such": (
        [{"id": 2**53 + 1}, {"id": 0.5}, {"id": None}],
        [("id", "BYTES", [3], [str(2**53 + 1), "0.5", "null"])],
    ),
    "numbers beyond floats": (
        [10**400, 0.5],
        [("output-0", "BYTES", [2], [f"1{'0' * 400}", "0.5"])],
    ),
    "no number within": (
        pd.Series([{"x": math.nan}, [math.inf]]),
        [("output-0", "BYTES", [2], ['{"x": null}', "[null]"])],
    ),
    "masked numbers": (
        np.ma.array([1, 2], mask=[False, True]),
        [("output-0", "BYTES", [2], ["1", "null"])],
    ),
    "masked truth": (
        np.ma.array([True, False], mask=[False, True]),
        [("output-0", "BYTES", [2], ["true", "null"])],
    ),
    "decimals": ([decimal.Decimal("1.10")], [("output-0", "BYTES", [1], ["1.10"])]),
    "keys that come twice": (
        {1: 1, "1": 2},
        [("1", "INT64", [1], [1]), ("1-1", "INT64", [1], [2])],
    ),
    "names that come twice": (
        pd.DataFrame([[1, 2]], columns=["x", "x"]),
        [("x", "INT64", [1], [1]), ("x-1", "INT64", [1], [2])],
    ),
    "a series": (pd.Series([True, False]), [("output-0", "BOOL", [2], [True, False])]),
    "an array": (np.zeros((2, 2), "f4"), [("output-0", "FP32", [2, 2], [0.0] * 4)]),
    "an array of nothing": (np.zeros((0, 3), "i2"), [("output-0", "INT16", [0, 3], [])]),
    "a number": (3, [("output-0", "INT64", [1], [3])]),
    "one of numpy's": (np.float32(0.5), [("output-0", "FP32", [1], [0.5])]),
    "a list": ([1, 2.5, None], [("output-0", "FP64", [3], [1.0, 2.5, None])]),
    "lists": ([[1, 2], [3, 4]], [("output-0", "INT64", [2, 2], [1, 2, 3, 4])]),
    "lists of different lengths": ([[1], [2, 3]], [("output-0", "BYTES", [2], ["[1]", "[2, 3]"])]),
    "large numbers": ([2**70], [("output-0", "BYTES", [1], [str(2**70)])]),
    "a dictionary": (
        {"label": ["a"], "score": np.array([[0.5, 0.25]])},
        [("label", "BYTES", [1], ["a"]), ("score", "FP64", [1, 2], [0.5, 0.25])],
    ),
    "dictionaries": (
        [{"sum": 3.5, "k": 7}, {"sum": 4.5}],
        [("sum", "FP64", [2], [3.5, 4.5]), ("k", "BYTES", [2], ["7", "null"])],
    ),
    "a text": ("good", [("output-0", "BYTES", [1], ["good"])]),
    "nothing": ([], [("output-0", "BYTES", [0], [])]),
}


def _lacks_a_text(cells: list[Any]) -> bool:
    return None in cells and any(isinstance(cell, str) for cell in cells)


@pytest.mark.parametrize("name", OUTPUTS)
def test_every_prediction_is_tensors(asked: Any, name: str) -> None:
    prediction, expected = OUTPUTS[name]
    model = asked(lambda data: prediction, np.zeros(1))
    answer, _ = model.inferred(tensor("x", "FP64", [1]))
    found = [(o["name"], o["datatype"], o["shape"], o["data"]) for o in answer["outputs"]]
    assert found == expected
    answer, raw = model.inferred(tensor("x", "FP64", [1]), parameters={"binary_data_output": True})
    binary = [each for each in answer["outputs"] if "data" not in each]
    assert sum(each["parameters"]["binary_data_size"] for each in binary) == len(raw)
    gaps = [each["data"] for each in answer["outputs"] if "data" in each]
    assert gaps == [cells for _, _, _, cells in expected if _lacks_a_text(cells)]


def test_the_outputs_that_are_asked_for_come_in_their_order(asked: Any) -> None:
    model = asked(lambda data: {"p": [1], "q": [2], "r": [3]}, np.zeros(1))
    x = tensor("x", "FP64", [1])
    raw_one = {"name": "p", "parameters": {"binary_data": True}}
    answer, raw = model.inferred(x, outputs=[{"name": "r"}, raw_one])
    assert [each["name"] for each in answer["outputs"]] == ["r", "p"]
    assert raw == struct.pack("<q", 1)
    assert model.uninferred(x, outputs=[{"name": "s"}]) == (
        "the model has no output 's'; there is p, q, r"
    )
    wrong: tuple[Any, ...] = (7, [7], [{}], {"name": "p"})
    for each in wrong:
        assert "output" in model.uninferred(x, outputs=each)


def test_the_parameters_of_a_request_are_params_of_the_model(asked: Any) -> None:
    fields = [{"name": "k", "type": "long", "default": 7}]
    model = asked(lambda data, k: k, np.zeros(1), params=fields)
    x = tensor("x", "FP64", [1])
    answer, _ = model.inferred(x, parameters={"k": 3, "priority": 1, "content_type": "np"})
    assert answer["outputs"][0]["data"] == [3]
    assert model.uninferred(x, parameters={"j": 3}).startswith("unknown params: 'j'; there are 'k'")
