"""Requests by the thousands, some of them malformed, while workers are killed: none is mixed up."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import threading
import time
from collections import Counter
from pathlib import Path
from typing import BinaryIO

import pytest

from .serving import Server, serving

_MALFORMED = (
    b"",
    b"{",
    b"[]",
    b"\xff\xfe",
    b'{"instances": NaN',
    b'{"inputs": 1, "instances": []}',
    b'{"dataframe_split": 7}',
    b"[" * 200,
    b'{"instances": ["a"], "params": {"none": 1}}',
)


class Client:
    """A connection that asks and keeps what came of it."""

    def __init__(self, address: tuple[str, int], seed: int, malformed: float) -> None:
        self._address = address
        self._random = random.Random(seed)
        self._malformed = malformed
        self.statuses: Counter[str] = Counter()
        self.wrong: list[str] = []

    def ask(self, name: str, count: int) -> None:
        """Ask so many times; another connection takes the place of one that the server closed."""
        number = 0
        while number < count:
            with (
                socket.create_connection(self._address, timeout=120) as connection,
                connection.makefile("rb") as answers,
            ):
                while number < count:
                    number += 1
                    if not self._one(f"{name}-{number}", connection, answers):
                        break

    def _one(self, said: str, connection: socket.socket, answers: BinaryIO) -> bool:
        bad = self._random.random() < self._malformed
        body = (
            self._random.choice(_MALFORMED) if bad else json.dumps({"instances": [said]}).encode()
        )
        head = b"POST /invocations HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        connection.sendall(b"%scontent-length: %d\r\n\r\n%s" % (head, len(body), body))
        status, closes, text = _answer(answers)
        self.statuses[f"malformed {status}" if bad else f"{status}"] += 1
        told = json.loads(text)
        if bad and not 400 <= status < 500 and told.get("error_code") != "WORKER_DIED":
            self.wrong.append(f"{body!r}: {status} {told}")
        elif not bad and status == 200 and told != {"predictions": [said.upper()]}:
            self.wrong.append(f"{said}: {told}")
        elif not bad and status != 200 and told["error_code"] != "WORKER_DIED":
            self.wrong.append(f"{said}: {status} {told}")
        return not closes


def _answer(answers: BinaryIO) -> tuple[int, bool, bytes]:
    """Return the status of an answer, whether it ends its connection, and its body."""
    status = int(answers.readline().split()[1])
    headers = {}
    while line := answers.readline().strip().lower():
        name, _, value = line.partition(b":")
        headers[name] = value.strip()
    body = answers.read(int(headers[b"content-length"]))
    return status, headers.get(b"connection") == b"close", body


def memory(pid: int) -> int:
    """Return the resident memory of a process in kB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def storm(
    server: Server, requests: int, clients: int, pause: float, most: int
) -> tuple[list[Client], int]:
    """Ask while a worker is killed after each pause; return the clients, and how many died."""
    _, _, place = server.until("started")[0]["url"].rpartition("//")
    host, _, port = place.rpartition(":")
    asking = [Client((host, int(port)), seed, 0.01) for seed in range(clients)]
    threads = [
        threading.Thread(target=each.ask, args=(f"c{seed}", requests // clients))
        for seed, each in enumerate(asking)
    ]
    for thread in threads:
        thread.start()
    killed, last = 0, time.monotonic()
    while any(thread.is_alive() for thread in threads):
        time.sleep(0.05)
        if killed < most and time.monotonic() - last >= pause:
            last = time.monotonic()
            alive = server.workers
            if len(alive) > 1:  # a crash loop is another matter
                os.kill(alive[killed % len(alive)], signal.SIGKILL)
                killed += 1
    return asking, killed


def check(asking: list[Client], requests: int, killed: int) -> None:
    statuses: Counter[str] = Counter()
    for each in asking:
        statuses += each.statuses
    assert [said for each in asking for said in each.wrong] == []
    assert statuses.total() == requests
    assert statuses["500"] + statuses["malformed 500"] <= killed
    assert statuses["malformed 400"] > 0


def test_a_worker_that_is_killed_costs_one_request_at_most(obedient: Path, tmp_path: Path) -> None:
    with serving(tmp_path / "s", "-m", str(obedient), "--workers", "2") as server:
        asking, killed = storm(server, 1_000, 4, 0.2, 3)
        check(asking, 1_000, killed)


@pytest.mark.slow
@pytest.mark.parametrize("requests", [200_000])
def test_memory_is_flat_after_very_many(obedient: Path, tmp_path: Path, requests: int) -> None:
    with serving(tmp_path / "s", "-m", str(obedient), "--workers", "2") as server:
        storm(server, requests // 10, 8, 10, requests)
        before = memory(server.process.pid)
        asking, killed = storm(server, requests, 8, 10, requests)
        check(asking, requests, killed)
        assert memory(server.process.pid) - before < 8_000
