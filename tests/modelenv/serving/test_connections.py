"""Limits on the resources of one client, whatever it sends or does not read."""

from __future__ import annotations

import json
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from .serving import Server, serving

POST = b"POST /invocations HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
BODY = b'{"instances": ["a"]}'
WHOLE = b"content-length: %d\r\n\r\n%s" % (len(BODY), BODY)


@pytest.fixture(scope="module")
def server(obedient: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that waits a second for a request."""
    folder = tmp_path_factory.mktemp("connections")
    with serving(folder, "-m", str(obedient), "--timeout", "1") as made:
        yield made


def connect(server: Server) -> socket.socket:
    _, _, place = server.until("started")[0]["url"].rpartition("//")
    host, _, port = place.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=20)


def answered(connection: socket.socket) -> tuple[int, Any]:
    """Return the status of what comes until the end, and its body; 0: nothing came."""
    data = b""
    while part := connection.recv(65536):
        data += part
    if not data:
        return 0, None
    head, _, body = data.partition(b"\r\n\r\n")
    assert b"content-type: application/json" in head
    assert b"connection: close" in head
    return int(head.split()[1]), json.loads(body)


def until(connection: socket.socket, end: bytes) -> bytes:
    """Return what comes, in however many pieces, and ends so."""
    data = b""
    while not data.endswith(end):
        part = connection.recv(65536)
        assert part, data
        data += part
    return data


def told(server: Server, *pieces: bytes, pause: float = 0.05) -> tuple[int, Any, float]:
    """Return the answer to what is sent in pieces, and the seconds from the last of them."""
    with connect(server) as connection:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)
        begun = time.monotonic()
        return (*answered(connection), time.monotonic() - begun)


@pytest.mark.parametrize(
    "pieces",
    [
        [POST],
        pytest.param([POST[:9]], marks=pytest.mark.slow),
        [POST + b"content-length: 40\r\n\r\n{"],
        [POST + b"transfer-encoding: chunked\r\n\r\n5\r\n"],
        pytest.param([POST + WHOLE, POST], marks=pytest.mark.slow),
        [POST + WHOLE, POST + b"content-length: 40\r\n\r\n{"],
    ],
)
def test_a_request_that_does_not_come_is_not_waited_for(
    server: Server, pieces: list[bytes]
) -> None:
    with connect(server) as connection:
        for piece in pieces[:-1]:
            connection.sendall(piece)
            assert b"200 OK" in until(connection, b"]}")
        connection.sendall(pieces[-1])
        begun = time.monotonic()
        status, error = answered(connection)
    assert (status, error["error_code"]) == (408, "TIMEOUT")
    assert 0.8 < time.monotonic() - begun < 4
    assert server.line(error["request_id"])["status"] == 408


@pytest.mark.parametrize("head", [POST + b"x: ", POST + b"content-length: 999\r\n\r\n"])
def test_one_that_comes_drop_by_drop_is_late_too(server: Server, head: bytes) -> None:
    with connect(server) as connection:
        begun = time.monotonic()
        connection.sendall(head)
        with suppress(ConnectionError):
            while time.monotonic() < begun + 10:
                connection.sendall(b"a")
                time.sleep(0.1)
    assert time.monotonic() - begun < 5


def test_a_connection_without_a_request_is_closed(server: Server) -> None:
    assert told(server)[0] == 0


@pytest.mark.parametrize(
    "head",
    [
        [b"x: %s\r\n\r\n" % (b"a" * 70_000)],
        [b"x: %s" % (b"a" * 50_000), b"a" * 50_000, b"a" * 50_000],
        [b"a: b\r\n" * 20_000 + b"\r\n"],
        [b"x: %s\r\n" % (b"a" * 60_000), b"y: %s\r\n\r\n" % (b"a" * 60_000)],
    ],
)
def test_a_head_is_bounded(server: Server, head: list[bytes]) -> None:
    status, error, _ = told(server, POST + head[0], *head[1:])
    assert (status, error["error_code"]) == (431, "BAD_REQUEST")
    assert server.line(error["request_id"])["status"] == 431


def test_a_long_address_is_one_of_those(server: Server) -> None:
    assert told(server, b"GET /%s HTTP/1.1\r\n\r\n" % (b"a" * 70_000))[0] == 431


def test_a_large_body_is_no_large_head(server: Server) -> None:
    body = b'{"instances": ["%s"]}' % (b"a" * 300_000)
    head = POST + b"connection: close\r\ncontent-length: %d\r\n\r\n" % len(body)
    assert told(server, head + body)[0] == 200
    closing = b"connection: close\r\nx: %s\r\n" % (b"a" * 60_000)
    assert told(server, POST + closing + WHOLE)[0] == 200


@pytest.mark.parametrize(
    "sent",
    [
        b"\0\1\2\r\n\r\n",
        b"GET / HTTP/9\r\n\r\n",
        POST + b"content-length: x\r\n\r\n",
        POST + b"transfer-encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_http_is_told_so_as_all_else_is(server: Server, sent: bytes) -> None:
    status, error, _ = told(server, sent)
    assert (status, error["error_code"]) == (400, "BAD_REQUEST")
    assert server.line(error["request_id"])["status"] == 400


@pytest.mark.parametrize("path", ["/ready", "/live", "/version", "/metrics", "/docs", "/nowhere"])
def test_head_is_answered_at_once_again_and_again(server: Server, path: str) -> None:
    begun = time.monotonic()
    with server.connected() as connection:
        for _ in range(3):
            connection.request("HEAD", path)
            answer = connection.getresponse()
            assert answer.read() == b""
            assert int(answer.headers["content-length"]) > 0
    assert time.monotonic() - begun < 3


@pytest.mark.slow
def test_an_answer_that_nobody_reads_is_not_kept(server: Server) -> None:
    body = b'{"instances": ["%s"]}' % (b"a" * 20_000_000)
    with connect(server) as connection:
        connection.sendall(POST + b"content-length: %d\r\n\r\n" % len(body) + body)
        time.sleep(3.5)
        size = 0
        with suppress(ConnectionError):
            while part := connection.recv(65536):
                size += len(part)
    assert size < len(body)


def test_an_answer_that_is_read_slowly_is_kept(server: Server) -> None:
    body = b'{"instances": ["%s"]}' % (b"a" * 8_000_000)
    with connect(server) as connection:
        connection.sendall(POST + b"content-length: %d\r\n\r\n" % len(body) + body)
        size, begun = 0, time.monotonic()
        while size < len(body) and (part := connection.recv(200_000)):
            size += len(part)
            time.sleep(0.06)
    assert size > len(body)
    assert time.monotonic() - begun > 2


def test_connections_are_bounded(obedient: Path, tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with ExitStack() as stack:
        resource.setrlimit(resource.RLIMIT_NOFILE, (100, hard))
        try:
            made = serving(tmp_path / "s", "-m", str(obedient), "--timeout", "20")
            server = stack.enter_context(made)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        with ExitStack() as held:
            for _ in range(36):
                held.enter_context(connect(server))
            status, error, _ = told(server)
        assert (status, error["error_code"]) == (503, "TEMPORARILY_UNAVAILABLE")
        limit = time.monotonic() + 30
        while server.get("/live")[0] == 503 and time.monotonic() < limit:
            time.sleep(0.02)
        assert server.predict("a") == (200, ["A"])


@pytest.mark.slow
@pytest.mark.parametrize("case", ["half a body", "an answer unread"])
def test_no_client_keeps_a_server_from_ending(obedient: Path, tmp_path: Path, case: str) -> None:
    body = b'{"instances": ["%s"]}' % (b"a" * 20_000_000)
    sent = b"{" if case == "half a body" else body
    with (
        serving(tmp_path / "s", "-m", str(obedient), "--grace", "10") as server,
        connect(server) as connection,
    ):
        connection.sendall(POST + b"content-length: %d\r\n\r\n" % len(body) + sent)
        time.sleep(1)
        begun = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - begun < 7
