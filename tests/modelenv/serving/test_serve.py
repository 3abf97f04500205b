"""The command serves a model: it starts, answers, tells what happened, and ends in order."""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .serving import Server, serving


@pytest.fixture(scope="module")
def server(obedient: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Two models on one server, with two workers each."""
    words = ("-m", str(obedient), "-m", f"other={obedient}", "--workers", "2", "--timeout", "2")
    with serving(tmp_path_factory.mktemp("server"), *words) as made:
        yield made


def test_it_answers_under_every_name(server: Server) -> None:
    assert server.predict("x", "y") == (200, ["X", "Y"])  # that without a name of its own
    assert server.predict("x", path="/models/obedient/invocations") == (200, ["X"])
    assert server.predict("x", path="/models/other/invocations") == (200, ["X"])
    status, told = server.predict("x", path="/models/none/invocations")
    assert (status, told["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert server.get("/ready")[1]["status"] == "ready"
    assert server.get("/live")[0] == 200
    server.until("worker", 4)
    assert len(server.workers) == 4


def test_models_of_equal_pins_share_an_environment(server: Server) -> None:
    page = server.get("/metrics")[1]
    assert page.count("modelenv_model_info{") == 2
    assert server.told.count("serving ") == 1


def test_the_log_has_a_line_a_request_and_no_bodies(server: Server) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = {
        "content-type": "application/json",
        "x-request-id": "mine-1",
        "traceparent": f"00-{trace}-b7ad6b7169203331-01",
        "authorization": "Bearer s3cr3t",
    }
    with server.connected() as connection:
        connection.request("POST", "/invocations?k=v3ry", '{"instances": ["w0rd"]}', headers)
        assert connection.getresponse().status == 200
    failed = server.line(server.predict("raise h1dden")[1]["request_id"])
    line = server.line("mine-1")
    assert line["trace"] == trace
    assert (line["status"], line["model"], line["route"]) == (200, "obedient", "/invocations")
    assert (line["bytes_in"], line["bytes_out"]) == (23, 25)
    assert 0 < line["predict_seconds"] <= line["seconds"]
    assert (failed["status"], failed["error"]) == (500, "the model raised ValueError")
    told = [each for each in server.until("model_error") if each["id"] == failed["id"]]
    assert "h1dden" in told[0]["traceback"]
    text = server.log_file.read_text()
    assert not [each for each in ("s3cr3t", "v3ry", "w0rd", "W0RD") if each in text]


def test_a_path_cannot_break_a_line_of_the_log(server: Server) -> None:
    with server.connected() as connection:
        own = {"x-request-id": "odd"}
        connection.request("GET", "/x%0a{%22event%22:%22request%22}%1b%e2%80%a8%22%5c", headers=own)
        assert connection.getresponse().status == 404
    assert server.line("odd")["status"] == 404
    for line in server.log_file.read_bytes().splitlines():
        assert line.startswith(b'{"time": ')
        assert line.isascii()


def test_workers_that_die_or_run_late_are_replaced_and_counted(server: Server) -> None:
    told: dict[str, Any] = {}
    asked = ["die", "sleep 60", "raise no", *map(str, range(8))]

    def ask(said: str) -> None:
        told[said] = server.predict(said)

    threads = [threading.Thread(target=ask, args=(each,)) for each in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told["die"][0] == 500
    assert "SIGKILL" in told["die"][1]["message"]
    assert told["sleep 60"][1]["error_code"] == "TIMEOUT"
    assert told["raise no"][1]["error_code"] == "MODEL_ERROR"
    assert all(told[str(number)] == (200, [str(number)]) for number in range(8))
    ended = 'modelenv_worker_restarts_total{model="obedient",reason="timeout"} 1.0'
    while ended not in (page := server.get("/metrics")[1]):  # who began late is ended late
        time.sleep(0.02)
    assert 'modelenv_worker_restarts_total{model="obedient",reason="died"} 1.0' in page
    assert 'status="504"' in page
    assert 'modelenv_ready{model="obedient"} 1.0' in page


def test_the_last_words_of_a_worker_that_ends_are_in_the_log(server: Server) -> None:
    assert server.predict("print m1ne 1s last", "die")[0] == 500
    (found,) = server.until("worker", said="it printed last:\nm1ne 1s last")
    assert "SIGKILL" in found["message"]


@pytest.mark.slow
def test_a_connection_is_kept_for_longer_than_a_proxy_pauses(server: Server) -> None:
    with server.connected() as connection:
        connection.connect()
        own = connection.sock.getsockname()
        for pause in (0, 6):
            time.sleep(pause)
            connection.request("GET", "/live")
            assert connection.getresponse().read()
            assert connection.sock.getsockname() == own


def test_a_worker_is_sealed(server: Server, tmp_path: Path) -> None:
    if not any(kind in server.told for kind in ("by namespaces", "by Landlock")):
        pytest.skip("there is no seal here")
    secret = tmp_path / "secret"
    secret.write_text("s3cr3t")
    status, told = server.predict(f"read {secret}")
    assert (status, told["error_code"]) == (500, "MODEL_ERROR")


def test_what_is_in_progress_is_answered_before_it_ends(
    obedient: Path, tmp_path: Path, ends: Any
) -> None:
    with serving(tmp_path / "s", "-m", str(obedient), "--seal", "off") as server:
        answers: list[Any] = []
        pids = server.workers
        slow = threading.Thread(target=lambda: answers.append(server.predict("sleep 1")))
        slow.start()
        while not server.get("/metrics")[1].count('workers_busy{model="obedient"} 1.0'):
            time.sleep(0.02)
        with server.connected() as connection:
            assert server.stop(signal.SIGINT) == 0
            slow.join()
            assert answers == [(200, ["SLEEP 1"])]
            with pytest.raises(OSError, match=r"refused|reset"):
                connection.connect()
        assert len(pids) == 1
        assert ends(pids[0])
        assert server.log("stopping")[0]["signal"] == "SIGINT"


@pytest.mark.slow
def test_a_grace_that_is_too_short_is_told_to_who_waits(obedient: Path, tmp_path: Path) -> None:
    with serving(tmp_path / "s", "-m", str(obedient), "--grace", "0.3") as server:
        answers: list[Any] = []
        slow = threading.Thread(target=lambda: answers.append(server.predict("sleep 50")))
        slow.start()
        while not server.get("/metrics")[1].count('workers_busy{model="obedient"} 1.0'):
            time.sleep(0.02)
        assert server.stop() == 0
        slow.join()
        assert answers[0][1]["error_code"] == "MODEL_NOT_READY"


def test_a_port_in_use_is_told(obedient: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with serving(tmp_path / "s", "-m", str(obedient), "--port", port) as server:
            assert server.process.wait(60) == 2
            assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in server.told


@pytest.mark.slow
def test_it_says_that_it_is_not_ready_while_it_loads(tmp_path: Path, obedient: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with serving(tmp_path / "s", "-m", str(obedient), "--port", str(port)) as server:
        seen = set()
        while "started" not in server.log_file.read_text():
            try:
                with socket.create_connection(("127.0.0.1", port)) as asked:
                    asked.sendall(b"GET /ready HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
                    with asked.makefile("rb") as answer:
                        seen.add(answer.readline())
            except ConnectionRefusedError:
                time.sleep(0.01)
        assert b"HTTP/1.1 503 Service Unavailable\r\n" in seen


def test_a_model_that_is_not_there_ends_it_with_the_reason(obedient: Path, tmp_path: Path) -> None:
    words = ("-m", f"a={obedient}", "-m", str(tmp_path / "none"))
    with serving(tmp_path / "s", *words) as server:
        assert server.process.wait(60) == 2
        assert "there is no such folder" in server.told
