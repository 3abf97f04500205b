"""Each answer is counted and told once, also where it breaks off."""

from __future__ import annotations

import asyncio
import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from modelenv.serving.errors import OUR_FAULT
from modelenv.serving.http.endpoint import Endpoint
from modelenv.serving.models.hosted import HostedModels
from modelenv.serving.observing.log import Log
from modelenv.serving.observing.metrics import Metrics
from modelenv.serving.observing.observer import ServingObserver

from .standins import Seen

if TYPE_CHECKING:
    from pathlib import Path

    from modelenv.serving.http.exchange import HttpExchange

START, BODY = "http.response.start", "http.response.body"
SCOPE = {"type": "http", "method": "GET", "path": "/here", "headers": []}


async def well(exchange: HttpExchange) -> None:
    await exchange.answer_json({"status": "live"})


async def odd(exchange: HttpExchange) -> None:
    await exchange.answer(b"", headers=[(b"x-note", "\N{SNOWMAN}".encode("latin-1"))])


async def late(exchange: HttpExchange) -> None:
    await well(exchange)
    raise KeyError("what is left to do")


class Line:
    """A line to a client that breaks at messages of one kind."""

    def __init__(self, kind: str = "", times: int = 0) -> None:
        self._kind, self._times = kind, times
        self.sent: list[Any] = []

    async def send(self, message: Any) -> None:
        if message["type"] == self._kind and self._times:
            self._times -= 1
            raise RuntimeError("the line is cut")
        self.sent.append(message.get("status", BODY))


def ask(answer: Any, line: Line, observer: Any) -> bool:
    """Ask once; return whether the web server is to end the connection."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    try:
        asyncio.run(Endpoint(answer, observer, "/here")(SCOPE, receive, line.send))
    except (RuntimeError, KeyError):
        return True
    return False


@pytest.mark.parametrize(
    ("answer", "line", "sent", "counted", "is_ended"),
    [
        (well, Line(START, 1), [500, BODY], 500, False),
        (well, Line(START, 2), [], 500, True),
        (well, Line(BODY, 1), [200], 200, True),
        (odd, Line(), [500, BODY], 500, False),
        (odd, Line(BODY, 1), [500], 500, True),
        (late, Line(), [200, BODY], 200, True),
    ],
)
def test_an_answer_that_breaks_off_is_counted_as_what_the_client_saw(
    answer: Any, line: Line, sent: list[Any], counted: int, is_ended: bool
) -> None:
    seen = Seen()
    assert ask(answer, line, seen) is is_ended
    assert line.sent == sent
    assert [each[0] for each in seen.answers] == [counted]
    failure = seen.exchanges[0].failure
    assert failure.error_code == OUR_FAULT
    assert "Traceback" in str(failure.__cause__)


@pytest.mark.parametrize(("answer", "status"), [(late, 200), (odd, 500)])
def test_a_fault_of_the_server_is_no_error_of_the_model(
    answer: Any, status: int, tmp_path: Path
) -> None:
    file = os.open(tmp_path / "log", os.O_CREAT | os.O_WRONLY)
    models = HostedModels([])
    log = Log(file)
    ask(answer, Line(), ServingObserver(log, Metrics(models), models))
    log.close()
    os.close(file)
    request, fault = map(json.loads, (tmp_path / "log").read_text().splitlines())
    assert (request["event"], request["status"]) == ("request", status)
    assert (fault["event"], fault["id"]) == ("server_error", request["id"])
    assert "Error" in fault["traceback"]
