"""MLflow's scoring protocol: what each request is answered with."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from .standins import Answer, client

JSON, CSV = "application/json", "text/csv"
SPLIT = {"columns": ["a", "b"], "data": [[1.0, 2], [3.0, 4]]}


def pyfunc(frame: Any, params: dict[str, Any]) -> Any:
    """Predict as the model that was measured does: a list of dictionaries."""
    k = params.get("k", 7)
    return [{"sum": a + b, "k": k} for a, b in zip(frame["a"], frame["b"], strict=True)]


def split(**more: Any) -> bytes:
    return json.dumps({"dataframe_split": {**SPLIT, **more.pop("split", {})}, **more}).encode()


def rows(*data: list[Any], columns: tuple[str, ...] = ("a", "b")) -> bytes:
    return json.dumps({"dataframe_split": {"columns": columns, "data": list(data)}}).encode()


def body(**document: Any) -> bytes:
    return json.dumps(document).encode()


TWO = [{"sum": 3.0, "k": 7}, {"sum": 7.0, "k": 7}]
ONE = TWO[:1]
LARGE = rows(*([[1.0, 2]] * 20_000))
# What is sent, its content type, the status, and the predictions or what the error speaks of. Where
# another server is known to answer otherwise, what it does is named.
REQUESTS: dict[str, tuple[str, str, bytes, str | None, int, Any]] = {
    "ping": ("GET", "/ping", b"", None, 200, None),
    "health": ("GET", "/health", b"", None, 200, None),
    "version": ("GET", "/version", b"", None, 200, None),
    "post ping": ("POST", "/ping", b"", None, 405, "GET, HEAD"),
    "get invocations": ("GET", "/invocations", b"", None, 405, "POST"),
    "dataframe_split": ("POST", "/invocations", split(), JSON, 200, TWO),
    "dataframe_split+index": (
        "POST",
        "/invocations",
        split(split={"index": [5, 6]}),
        JSON,
        200,
        TWO,
    ),
    "dataframe_records": (
        "POST",
        "/invocations",
        body(dataframe_records=[{"a": 1.0, "b": 2}]),
        JSON,
        200,
        ONE,
    ),
    "instances (named)": (
        "POST",
        "/invocations",
        body(instances=[{"a": 1.0, "b": 2}]),
        JSON,
        200,
        ONE,
    ),
    # Refused elsewhere: the columns of rows without names are those of the example.
    "instances (rows)": ("POST", "/invocations", body(instances=[[1.0, 2]]), JSON, 200, ONE),
    "inputs (named columns)": (
        "POST",
        "/invocations",
        body(inputs={"a": [1.0], "b": [2]}),
        JSON,
        200,
        ONE,
    ),
    "csv": ("POST", "/invocations", b"a,b\n1.0,2\n3.0,4\n", CSV, 200, TWO),
    "csv; charset=utf-8": (
        "POST",
        "/invocations",
        b"a,b\n1.0,2\n",
        f"{CSV}; charset=utf-8",
        200,
        ONE,
    ),
    "params known": (
        "POST",
        "/invocations",
        split(params={"k": 3}),
        JSON,
        200,
        [{"sum": 3.0, "k": 3}, {"sum": 7.0, "k": 3}],
    ),
    # Dropped without a word elsewhere.
    "params unknown": ("POST", "/invocations", split(params={"zz": 3}), JSON, 400, "'zz'"),
    # A text elsewhere.
    "wrong content type": (
        "POST",
        "/invocations",
        split(),
        "application/xml",
        415,
        "application/xml",
    ),
    # 500 elsewhere.
    "no content type": ("POST", "/invocations", split(), None, 415, "no Content-Type"),
    "charset=latin-1": (
        "POST",
        "/invocations",
        split(),
        f"{JSON}; charset=latin-1",
        415,
        "latin-1",
    ),
    "malformed JSON": ("POST", "/invocations", split()[:-2], JSON, 400, "no JSON"),
    "JSON list": ("POST", "/invocations", b"[1, 2]", JSON, 400, "exactly one of"),
    "two keys": (
        "POST",
        "/invocations",
        split(instances=[[1, 2]]),
        JSON,
        400,
        "dataframe_split, instances",
    ),
    # NaN is no JSON, and is told as null.
    "NaN in data": (
        "POST",
        "/invocations",
        b'{"dataframe_split": {"columns": ["a", "b"], "data": [[NaN, 2]]}}',
        JSON,
        200,
        [{"sum": None, "k": 7}],
    ),
    "null in float column": (
        "POST",
        "/invocations",
        rows([None, 2]),
        JSON,
        200,
        [{"sum": None, "k": 7}],
    ),
    "null in integer column": (
        "POST",
        "/invocations",
        rows([1.0, None]),
        JSON,
        400,
        "column 'b', row 0",
    ),
    "missing column": ("POST", "/invocations", rows([1.0], columns=("a",)), JSON, 400, "'b'"),
    # It is told of in a header.
    "extra column": (
        "POST",
        "/invocations",
        rows([1.0, 2, 3], columns=("a", "b", "zz")),
        JSON,
        200,
        ONE,
    ),
    "columns in other order": (
        "POST",
        "/invocations",
        rows([2, 1.0], columns=("b", "a")),
        JSON,
        200,
        ONE,
    ),
    "string for a float": (
        "POST",
        "/invocations",
        rows(["x", 2]),
        JSON,
        400,
        "column 'a', row 0",
    ),
    # Cut to 2 elsewhere.
    "float for a long": ("POST", "/invocations", rows([1.0, 2.5]), JSON, 400, "column 'b', row 0"),
    "whole float for a long": ("POST", "/invocations", rows([1.0, 2.0]), JSON, 200, ONE),
    "empty body": ("POST", "/invocations", b"", JSON, 400, "no JSON"),
    "zero rows": ("POST", "/invocations", rows(), JSON, 200, []),
    "unknown path": ("GET", "/nothing", b"", None, 404, "/nothing"),
    "large": ("POST", "/invocations", LARGE, JSON, 200, ONE * 20_000),
    # No limit elsewhere.
    "too large": ("POST", "/invocations", b" " * 1_000_001, JSON, 413, "1,000,000"),
}


@pytest.mark.parametrize("case", REQUESTS)
def test_each_request_is_answered_as_it_should(case: str) -> None:
    method, path, sent, kind, status, expected = REQUESTS[case]

    async def ask() -> Answer:
        async with client(pyfunc) as asked:
            headers = {} if kind is None else {"content-type": kind}
            return await asked.ask(method, path, sent, headers)

    answer = asyncio.run(ask())
    assert answer.status == status, answer.body
    assert answer.headers["x-request-id"]
    if status == 200 and path == "/invocations":
        assert answer.json == {"predictions": expected}
    if status != 200:
        check_error(answer, expected)


def check_error(answer: Answer, speaks_of: str) -> None:
    """Hold that an error has the one shape, and says what it is about."""
    assert answer.headers["content-type"] == "application/json"
    told = answer.json
    assert set(told) >= {"error_code", "message", "error", "request_id"}
    assert told["message"] == told["error"]
    assert told["request_id"] == answer.headers["x-request-id"]
    assert speaks_of in told["message"]
    assert "/root" not in told["message"]
    assert "Traceback" not in told["message"]


def test_what_is_left_out_is_noted() -> None:
    async def ask() -> Answer:
        async with client(pyfunc) as asked:
            named = rows([1.0, 2, 3], columns=("a", "b", "größe\r\nx: y"))
            return await asked.post("/invocations", named)

    answer = asyncio.run(ask())
    note = answer.headers["x-modelenv-note"]
    assert "gr\\xf6\\xdfe" in note
    assert note.isprintable()


def test_an_exception_of_the_model_is_told_without_paths() -> None:
    def fails(frame: Any, params: dict[str, Any]) -> Any:
        raise ValueError("a secret of /etc/model")

    async def ask() -> tuple[Answer, Any]:
        async with client(fails) as asked:
            return await asked.post("/invocations", split()), asked.seen.exchanges[0]

    answer, exchange = asyncio.run(ask())
    assert answer.status == 500
    assert answer.json["error_code"] == "MODEL_ERROR"
    assert "/" not in answer.json["message"]
    assert "a secret" not in answer.json["message"]
    assert "a secret" in str(exchange.failure.__cause__)  # which the log has


def test_a_worker_that_dies_is_told() -> None:
    def dies(frame: Any, params: dict[str, Any]) -> Any:
        raise ConnectionAbortedError

    async def ask() -> tuple[Answer, int]:
        async with client(dies) as asked:
            died = await asked.post("/invocations", split())
            return died, (await asked.ask("GET", "/ping")).status

    answer, _ = asyncio.run(ask())
    assert answer.status == 500
    assert answer.json["error_code"] == "WORKER_DIED"


def test_the_body_of_version_is_a_text() -> None:
    async def ask() -> list[Answer]:
        async with client() as asked:
            return [await asked.ask("GET", path) for path in ("/version", "/ping", "/metrics")]

    version, ping, metrics = asyncio.run(ask())
    assert version.headers["content-type"].startswith("text/plain")
    assert version.body[:1].isdigit()
    assert ping.json["ready"] is True
    assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")
