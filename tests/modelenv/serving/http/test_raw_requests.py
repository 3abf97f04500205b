"""Whatever is sent, the fault is the client's: no answer is a 500."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from .raw_requests import RawRequests
from .real_servers import running, save
from .standins import client

if TYPE_CHECKING:
    from pathlib import Path

    from .real_servers import Server


@pytest.mark.parametrize("seed", range(3))
def test_a_body_that_is_nearly_right_is_answered_or_refused(seed: int) -> None:
    async def run() -> Counter[int]:
        requests, found = RawRequests(seed), Counter[int]()
        async with client() as opened:
            for _ in range(300):
                path, body, headers = requests.body()
                answer = await opened.ask("POST", path, body, headers)
                assert answer.status < 500, (path, body, answer.body)
                found[answer.status] += 1
        return found

    found = asyncio.run(run())
    assert set(found) == {200, 400}
    assert min(found.values()) > 50


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="workers are reached by Unix sockets")
def test_ten_thousand_requests_of_bytes_make_no_500(tmp_path: Path) -> None:
    model = save(sys.executable, tmp_path)
    command = (sys.executable, "-m", "modelenv", "serve", "-m", f"m={model}", "--port")
    requests, found = RawRequests(7), Counter[bytes]()
    with running(command, tmp_path / "server.log") as server:
        for _ in range(10_000):
            request, cut = requests.whole()
            answer = _answer(server, request, cut=cut)
            status = answer[9:12] if answer.startswith(b"HTTP/1.1 ") else b""
            assert not status.startswith(b"5"), (request, answer)
            assert status or cut, (request, answer)
            found[status] += 1
        assert server.ask("GET", "/ready").status == 200
        page = server.ask("GET", "/metrics").body
    assert b'status="500"' not in page
    assert {b"200", b"400", b"404", b"405", b"415"} <= set(found)


def _answer(server: Server, request: bytes, *, cut: bool) -> bytes:
    """Return all that comes back on a connection; one that is cut is ended on this side."""
    got = b""
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.settimeout(10)
        with suppress(ConnectionError):
            connection.sendall(request)
            if cut:
                connection.shutdown(socket.SHUT_WR)
            while data := connection.recv(65536):
                got += data
    while got.startswith(b"HTTP/1.1 100 "):
        got = got.partition(b"\r\n\r\n")[2]
    return got
