"""The application: routes, methods, bodies, names, and what is told of each answer."""

from __future__ import annotations

import asyncio
import gzip
import json
import subprocess
import sys
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from modelenv.serving.http.app import app
from modelenv.serving.http.served import HttpSettings

from .standins import LARGEST, Answer, Client, Models, Seen, client, client_of, hosted

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

ROWS = json.dumps({"dataframe_split": {"columns": ["a", "b"], "data": [[1.0, 2]]}}).encode()
JSON = {"content-type": "application/json"}


def asked(ask: Callable[[Client], Coroutine[Any, Any, Any]], **of_model: Any) -> Any:
    """Return what `ask` has of a client."""

    async def run() -> Any:
        async with client(**of_model) as opened:
            return await ask(opened)

    return asyncio.run(run())


def one(method: str, path: str, body: Any = b"", headers: Any = (), **more: Any) -> Answer:
    """Return the answer to one request."""
    answer: Answer = asked(lambda each: each.ask(method, path, body, headers, **more))
    return answer


@pytest.mark.parametrize("path", ["/ping", "/health", "/ready", "/live", "/version", "/docs"])
def test_head_is_answered_where_get_is(path: str) -> None:
    get, head = one("GET", path), one("HEAD", path)
    assert head.status == get.status == 200
    assert head.body == b""
    assert head.headers["content-length"] == get.headers["content-length"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/invocations", "POST"),
        ("DELETE", "/invocations", "POST"),
        ("OPTIONS", "/v2/models/m/infer", "POST"),
        ("POST", "/ping", "GET, HEAD"),
        ("PUT", "/openapi.json", "GET, HEAD"),
        ("GET", "/v2/repository/index", "POST"),
    ],
)
def test_another_method_is_told_which_there_are(method: str, path: str, allowed: str) -> None:
    answer = one(method, path)
    assert answer.status == 405
    assert answer.headers["allow"] == allowed
    assert answer.json["error_code"] == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize("path", ["/", "/ping/", "/invocations/x", "/models//invocations", "/v3"])
def test_what_is_not_there_is_told_in_the_same_shape(path: str) -> None:
    answer = one("GET", path)
    assert answer.status == 404
    assert set(answer.json) == {"error_code", "message", "error", "request_id"}


def test_a_model_is_asked_by_its_name_whatever_it_is() -> None:
    name = "größe/v1 %2F"

    async def run() -> list[Answer]:
        async with hosted(name=name) as one, hosted(name="other") as other:
            named = client_of(one, other)
            path = "/models/gr%C3%B6%C3%9Fe%2Fv1%20%252F/invocations"
            return [
                await named.post(path, ROWS),
                await named.post("/models/größe%2Fv1%20%252F/invocations", ROWS),
                await named.post("/models/other/invocations", ROWS),
                await named.post("/models/third/invocations", ROWS),
                await named.post("/invocations", ROWS),
                await named.ask("GET", "/v2/models/gr%C3%B6%C3%9Fe%2Fv1%20%252F/versions/1"),
                await named.ask("GET", "/v2/models/other/versions/2"),
            ]

    found = asyncio.run(run())
    assert [each.status for each in found] == [200, 200, 200, 404, 404, 200, 404]
    assert found[5].json["name"] == name


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("GZIP", lambda body: gzip.compress(body[:9]) + gzip.compress(body[9:])),
        ("deflate", zlib.compress),
        ("deflate", lambda body: zlib.compress(body)[2:-4]),  # as some clients have it
        ("identity", bytes),
        ("deflate, gzip", lambda body: gzip.compress(zlib.compress(body))),
    ],
)
def test_a_packed_body_is_unpacked(coding: str, pack: Callable[[bytes], bytes]) -> None:
    answer = one("POST", "/invocations", pack(ROWS), {**JSON, "content-encoding": coding})
    assert answer.status == 200, answer.body
    assert answer.json == {"predictions": [3.0]}


@pytest.mark.parametrize(
    ("coding", "body", "status"),
    [
        ("gzip", gzip.compress(b" " * (LARGEST + 1)), 413),
        ("deflate", zlib.compress(b" " * (LARGEST + 1)), 413),
        ("gzip", gzip.compress(b" " * LARGEST) + gzip.compress(b" "), 413),
        ("gzip", ROWS, 400),
        ("gzip", gzip.compress(ROWS)[:-4], 400),
        ("gzip", b"", 400),
        ("deflate", zlib.compress(ROWS) + b"more", 400),
        ("br", ROWS, 415),
        ("gzip, gzip, deflate", ROWS, 415),
    ],
)
def test_a_body_that_cannot_be_unpacked_is_refused(coding: str, body: bytes, status: int) -> None:
    answer = one("POST", "/invocations", body, {**JSON, "content-encoding": coding})
    assert answer.status == status, answer.body
    assert ("accept-encoding" in answer.headers) == (status == 415)


def test_a_body_in_pieces_is_put_together() -> None:
    pieces = [ROWS[:1], b"", ROWS[1:20], ROWS[20:]]
    assert one("POST", "/invocations", pieces, JSON).json == {"predictions": [3.0]}


def test_a_body_is_bounded_however_it_is_told() -> None:
    told = one("POST", "/invocations", b"", {**JSON, "content-length": str(LARGEST + 1)})
    pieces = one("POST", "/invocations", [b" " * (LARGEST // 2)] * 3, JSON)
    whole = one("POST", "/invocations", ROWS + b" " * (LARGEST - len(ROWS)), JSON)
    assert (told.status, pieces.status, whole.status) == (413, 413, 200)


def test_who_expects_to_be_asked_for_a_body_is_told_that_the_connection_ends() -> None:
    expects = {**JSON, "expect": "100-continue"}
    refused = one("POST", "/invocations", b"", {**expects, "content-length": str(LARGEST + 1)})
    answered = one("POST", "/invocations", ROWS, expects)
    assert refused.headers["connection"] == "close"
    assert "connection" not in answered.headers


def test_a_client_that_leaves_is_noted_and_not_answered() -> None:
    async def ask(opened: Client) -> Any:
        answer = await opened.ask("POST", "/invocations", ROWS[:5], JSON, leave=True)
        return answer, opened.seen.answers

    answer, seen = asked(ask)
    assert answer.status == 0
    assert seen == [(499, "m", "/invocations")]


@pytest.mark.parametrize(
    "headers",
    [
        [("content-type", "application/json"), ("content-type", "text/csv")],
        [("content-type", "multipart/form-data; boundary=x")],
        [("content-type", ";;;")],
        [("content-type", "")],
        [("content-type", "application/json; charset=utf-16")],
        [("content-type", "application/json; charset*=utf-8''x; charset=ebcdic")],
        [("content-type", "application/json; format=pandas-split")],
        [("content-type", "\xff\xfe")],
    ],
)
def test_an_odd_content_type_is_refused(headers: list[tuple[str, str]]) -> None:
    assert one("POST", "/invocations", ROWS, headers).status == 415


@pytest.mark.parametrize(
    "kind",
    [
        "Application/JSON",
        "application/json;charset=utf-8",
        'application/json; charset="UTF-8"',
        "application/json; charset=us-ascii;",
        'application/json; odd="a;b"; v=1',
    ],
)
def test_a_content_type_may_have_parameters(kind: str) -> None:
    assert one("POST", "/invocations", ROWS, {"content-type": kind}).status == 200


TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"


@pytest.mark.parametrize(
    ("traceparent", "trace_id"),
    [
        (f"00-{TRACE}-{PARENT}-01", TRACE),
        (f"cc-{TRACE}-{PARENT}-01-what-comes-later", TRACE),
        (f"00-{TRACE}-{PARENT}-01-x", ""),
        (f"ff-{TRACE}-{PARENT}-01", ""),
        (f"00-{'0' * 32}-{PARENT}-01", ""),
        (f"00-{TRACE}-{'0' * 16}-01", ""),
        (f"00-{TRACE.upper()}-{PARENT}-01", ""),
        ("", ""),
        ("\xff", ""),
    ],
)
def test_the_trace_of_a_request_is_read_as_recommended(traceparent: str, trace_id: str) -> None:
    async def ask(opened: Client) -> Any:
        answer = await opened.ask("GET", "/live", b"", {"traceparent": traceparent})
        return answer, opened.seen.exchanges[0].trace

    answer, trace = asked(ask)
    assert trace.trace_id == trace_id
    assert answer.headers["x-request-id"] == trace.request_id
    assert (trace.request_id == TRACE) == bool(trace_id)


@pytest.mark.parametrize(
    ("given", "kept"),
    [("abc-1", True), ("a b", False), ("x" * 129, False), ("", False), ("a\r\nb: c", False)],
)
def test_the_id_of_a_request_is_kept_where_it_is_one(given: str, kept: bool) -> None:
    answer = one("GET", "/nothing", b"", {"x-request-id": given})
    assert (answer.headers["x-request-id"] == given) == kept
    assert answer.json["request_id"] == answer.headers["x-request-id"]


def test_two_ids_are_none() -> None:
    twice = [("x-request-id", "a"), ("x-request-id", "b")]
    assert one("GET", "/live", b"", twice).headers["x-request-id"] not in ("a", "b")


def test_each_answer_is_told_once() -> None:
    async def ask(opened: Client) -> Any:
        await opened.post("/invocations", ROWS)
        await opened.post("/models/m/invocations", b"{")
        await opened.ask("GET", "/nothing")
        await opened.ask("GET", "/invocations")
        return opened.seen

    seen = asked(ask)
    assert seen.answers == [
        (200, "m", "/invocations"),
        (400, "m", "/models/{name}/invocations"),
        (404, None, ""),
        (405, None, "/invocations"),
    ]
    assert seen.exchanges[0].received == len(ROWS)
    assert seen.exchanges[0].sent == len(b'{"predictions": [3.0]}')
    assert seen.exchanges[0].seconds > 0


def test_a_fault_of_the_server_is_told_by_its_id_alone() -> None:
    async def ask(opened: Client) -> Any:
        opened.models.hosted[0].signature = 5  # type: ignore[assignment]
        return await opened.ask("GET", "/v2/models/m"), opened.seen.exchanges[0]

    answer, exchange = asked(ask)
    assert answer.status == 500
    assert answer.json["error_code"] == "INTERNAL_ERROR"
    assert "AttributeError" not in answer.body.decode()
    assert "Traceback" in str(exchange.failure.__cause__)


def test_a_model_that_is_not_ready_is_told_with_its_cause() -> None:
    async def ask(opened: Client) -> Any:
        model = opened.models.hosted[0]
        model.ready, model.cause = False, "its worker died three times"
        paths = ("/ping", "/ready", "/v2/health/ready", "/v2/models/m/ready", "/live")
        return [await opened.ask("GET", path) for path in paths]

    *waiting, live = asked(ask)
    assert live.status == 200
    for answer in waiting:
        assert answer.status == 503
        assert answer.json["ready"] is False
        assert "its worker died three times" in answer.json["error"]
        assert int(answer.headers["retry-after"]) > 0


def test_what_is_wrong_with_a_folder_is_noted_where_its_old_content_is_served() -> None:
    class Troubled(Models):
        @property
        def troubles(self) -> list[str]:
            return ["m: the folder is damaged"]

    async def run() -> Answer:
        async with hosted() as model:
            seen, models = Seen(), Troubled([model])
            return await Client(app(models, HttpSettings(largest=LARGEST), seen), seen, models).ask(
                "GET", "/ready"
            )

    answer = asyncio.run(run())
    assert answer.status == 200
    assert answer.json["notes"] == ["m: the folder is damaged"]


def test_an_application_lives_and_ends_as_servers_want() -> None:
    async def run() -> list[str]:
        async with client() as opened:
            events = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
            sent: list[str] = []

            async def receive() -> Any:
                return events.pop(0)

            async def send(message: Any) -> None:
                sent.append(message["type"])

            await opened.app({"type": "lifespan"}, receive, send)
            await opened.app({"type": "websocket"}, receive, send)
            return sent

    assert asyncio.run(run()) == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
        "websocket.close",
    ]


def test_nothing_heavy_is_imported_for_requests_of_json() -> None:
    program = """
import asyncio, sys
from tests.modelenv.serving.http.standins import client
async def run():
    async with client(lambda value, params: [0.5] * value["rows"], like={"type": "none"}) as one:
        body = b'{"inputs": {"rows": 2}}'
        answer = await one.post("/invocations", body)
        assert answer.json == {"predictions": [0.5, 0.5]}, answer
        for path in ("/openapi.json", "/docs", "/v2/models/m", "/metrics"):
            assert (await one.ask("GET", path)).status == 200
asyncio.run(run())
print(sorted({"numpy", "pandas", "pyarrow", "pydantic", "jinja2"} & set(sys.modules)))
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert ran.stdout.strip() == "[]", ran.stderr
