"""Version 2 of the inference protocol."""

from __future__ import annotations

import asyncio
import json
import struct
from typing import TYPE_CHECKING, Any

import pytest

from modelenv.serving.http.inference.tensor_metadata import inputs_of, outputs_of
from modelenv.serving.inside.tensors.outgoing import tensors_of
from modelenv.worker import values

from .standins import Answer, Client, client

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

A = {"name": "a", "shape": [2], "datatype": "FP64", "data": [1.0, 3.0]}
B = {"name": "b", "shape": [2, 1], "datatype": "INT64", "data": [[2], [4]]}
LENGTH = "inference-header-content-length"


def asked(ask: Callable[[Client], Coroutine[Any, Any, Any]], **of_model: Any) -> Any:
    async def run() -> Any:
        async with client(**of_model) as opened:
            return await ask(opened)

    return asyncio.run(run())


def get(path: str, **of_model: Any) -> Answer:
    answer: Answer = asked(lambda opened: opened.ask("GET", path), **of_model)
    return answer


def infer(document: Any, raw: bytes = b"", headers: Any = (), path: str = "/v2/models/m") -> Answer:
    text = document if isinstance(document, bytes) else json.dumps(document).encode()
    told = {LENGTH: str(len(text))} if raw else {}
    answer: Answer = asked(
        lambda opened: opened.ask("POST", f"{path}/infer", text + raw, {**told, **dict(headers)})
    )
    return answer


@pytest.mark.parametrize("path", ["/v2/models/m", "/v2/models/m/versions/1"])
def test_tensors_are_answered_with_tensors(path: str) -> None:
    answer = infer({"id": "x-1", "inputs": [A, B]}, path=path)
    assert answer.status == 200, answer.body
    assert answer.json == {
        "model_name": "m",
        "model_version": "1",
        "id": "x-1",
        "outputs": [{"name": "output-0", "shape": [2], "datatype": "FP64", "data": [3.0, 7.0]}],
    }


def test_raw_tensors_come_and_go() -> None:
    raw = struct.pack("<2d2q", 1.0, 3.0, 2, 4)
    inputs = [{**each, "parameters": {"binary_data_size": 16}} for each in (A, B)]
    for each in inputs:
        del each["data"]
    wanted = {
        "inputs": inputs,
        "outputs": [{"name": "output-0", "parameters": {"binary_data": True}}],
    }
    answer = infer(wanted, raw)
    assert answer.headers["content-type"] == "application/octet-stream"
    length = int(answer.headers[LENGTH])
    told = json.loads(answer.body[:length])
    assert told["outputs"][0]["parameters"] == {"binary_data_size": 16}
    assert struct.unpack("<2d", answer.body[length:]) == (3.0, 7.0)


@pytest.mark.parametrize("length", ["-1", "x", "1.0", "9" * 30, "\xb2", "10, 20", "99999"])
def test_a_length_that_is_none_is_refused(length: str) -> None:
    assert infer({"inputs": [A, B]}, headers={LENGTH: length}).status == 400


@pytest.mark.parametrize(
    ("document", "speaks_of"),
    [
        (b"[", "no JSON"),
        (b"[]", "inputs"),
        ({"inputs": []}, "inputs"),
        ({"inputs": [A]}, "'b'"),
        ({"inputs": [A, {**B, "data": [[2], [4.5]]}]}, "column 'b', row 1"),
        ({"inputs": [A, {**B, "shape": [3]}]}, "'b'"),
        ({"inputs": [A, {**B, "datatype": "INT7"}]}, "INT7"),
        ({"inputs": [A, B], "outputs": [{"name": "other"}]}, "other"),
        ({"inputs": [A, B], "parameters": {"zz": 1}}, "zz"),
    ],
)
def test_what_is_no_input_is_told(document: Any, speaks_of: str) -> None:
    answer = infer(document)
    assert answer.status == 400, answer.body
    assert speaks_of in answer.json["error"]


def test_another_content_type_is_refused() -> None:
    kinds = {"text/csv": 415, "application/x-www-form-urlencoded": 415, "": 200}
    for kind, status in kinds.items():
        assert infer({"inputs": [A, B]}, headers={"content-type": kind}).status == status


def test_the_server_and_the_model_tell_of_themselves() -> None:
    assert get("/v2").json["name"] == "modelenv"
    assert get("/v2/health/live").json == {"live": True}
    assert get("/v2/health/ready").json["ready"] is True
    assert get("/v2/models/m/ready").json == {"name": "m", "ready": True}
    assert get("/v2/models/m/versions/1").json == {
        "name": "m",
        "versions": ["1"],
        "platform": "modelenv_pyfunc",
        "inputs": [
            {"name": "a", "datatype": "FP64", "shape": [-1]},
            {"name": "b", "datatype": "INT64", "shape": [-1]},
        ],
        "outputs": [{"name": "output-0", "datatype": "FP64", "shape": [-1]}],
    }


@pytest.mark.parametrize("body", [b"", b"{}", b'{"ready": true}', b'{"ready": false}'])
def test_the_repository_lists_what_there_is(body: bytes) -> None:
    answer = asked(lambda opened: opened.ask("POST", "/v2/repository/index", body))
    assert answer.json == [{"name": "m", "version": "1", "state": "READY", "reason": ""}]


@pytest.mark.parametrize("body", [b"[", b"[]", b'{"ready": 1}', b"[" * 200_000])
def test_a_question_to_the_repository_is_one(body: bytes) -> None:
    answer = asked(lambda opened: opened.ask("POST", "/v2/repository/index", body))
    assert answer.status in (400, 413)


def test_the_repository_tells_why_a_model_is_not_ready() -> None:
    async def ask(opened: Client) -> Any:
        model = opened.models.hosted[0]
        model.ready, model.cause = False, "no memory"
        listed = await opened.ask("POST", "/v2/repository/index", b"{}")
        ready = await opened.ask("POST", "/v2/repository/index", b'{"ready": true}')
        return listed.json, ready.json

    listed, ready = asked(ask)
    assert listed[0]["state"] == "UNAVAILABLE"
    assert "no memory" in listed[0]["reason"]
    assert ready == []


def _frames() -> dict[str, Any]:
    import numpy
    import pandas

    return {
        "frame": pandas.DataFrame(
            {
                "f": [0.5],
                "i": numpy.array([1], "int32"),
                "u": numpy.array([1], "uint8"),
                "t": ["x"],
                "b": [True],
                "n": pandas.array([1], "Int64"),
                "d": pandas.to_datetime(["2026-01-01"]),
                "c": pandas.Categorical(["x"]),
            }
        ),
        "series": pandas.Series([1.5], name="s"),
        "series without a name": pandas.Series([1.5]),
        "numbers as names": pandas.DataFrame({0: [1], 1: [2.0]}),
        "array": numpy.zeros((2, 3), "float32"),
        "flat array": numpy.zeros(2, ">i2"),
        "texts": numpy.array(["a", "bc"]),
        "arrays by name": {"x": numpy.zeros((1, 2)), "y": numpy.zeros(1, "bool")},
    }


@pytest.mark.parametrize("name", _frames())
def test_metadata_tells_what_the_tensors_will_be(name: str) -> None:
    value = _frames()[name]
    told, _ = values.to_buffers(value)
    outputs = [each.to_json() for each in outputs_of(told, None)]
    made = [tensor.told() for tensor in tensors_of(value)]
    assert [(each["name"], each["datatype"]) for each in outputs] == [
        (each["name"], each["datatype"]) for each in made
    ]
    for one, other in zip(outputs, made, strict=True):
        assert len(one["shape"]) == len(other["shape"])
        assert one["shape"][1:] == other["shape"][1:]


def test_a_column_of_whole_numbers_with_gaps_takes_whole_numbers() -> None:
    told, _ = values.to_buffers(_frames()["frame"])
    datatypes = {each.name: each.datatype for each in inputs_of(told, None)}
    assert datatypes["n"] == "INT64"
    assert datatypes["d"] == datatypes["t"] == "BYTES"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (None, [("input-0", "BYTES", (-1,))]),
        ([], [("input-0", "BYTES", (-1,))]),
        ([{"type": "double", "name": "a"}], [("a", "FP64", (-1,))]),
        ([{"type": "integer"}], [("input-0", "INT32", (-1,))]),
        (
            [{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 4]}}],
            [("input-0", "FP32", (-1, 4))],
        ),
        (
            [{"type": "tensor", "tensor-spec": {"dtype": 5, "shape": "x"}}, 7],
            [("input-0", "BYTES", (-1,))],
        ),
    ],
)
def test_without_an_example_the_signature_tells(fields: Any, expected: Any) -> None:
    found = inputs_of({"type": "none"}, fields)
    assert [(each.name, each.datatype, each.shape) for each in found] == expected
