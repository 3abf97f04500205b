"""A server in a process of its own, and what a client asks it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import modelenv

ROOT = Path(modelenv.__file__).parent.parent
BODY = """
    import os
    import signal
    import socket
    import time

    for each in data:
        word, _, rest = each.partition(" ")
        if word == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        elif word == "sleep":
            time.sleep(float(rest))
        elif word == "raise":
            raise ValueError(rest)
        elif word == "print":
            print(rest)
        elif word == "fill":
            held = bytearray(int(rest))
        elif word == "read":
            with open(rest) as file:
                file.read()
        elif word == "dial":
            try:
                socket.create_connection((rest, 80), timeout=0.01).close()
            except OSError:  # nobody is there
                pass
    return [each.upper() for each in data]
"""
EXAMPLE = ["a", "b"]


class Server:
    """A server that runs; its log, and what it is asked."""

    def __init__(self, folder: Path, words: tuple[str, ...], python: Path | None) -> None:
        self.log_file = folder / "log"
        self._told = folder / "told"
        port = () if "--port" in words else ("--port", "0")
        with self.log_file.open("wb") as log, self._told.open("wb") as told:
            self.process = subprocess.Popen(
                [str(python or sys.executable), "-m", "modelenv", "serve", *port, *words],
                stdout=log,
                stderr=told,
                cwd=ROOT if python is None else folder,
            )

    @property
    def told(self) -> str:
        """What it said on standard error."""
        return self._told.read_text()

    def log(self, event: str) -> list[dict[str, Any]]:
        """Return the events of that name."""
        mark = f'"event": "{event}"'
        return [json.loads(line) for line in self._lines() if mark in line]

    def _lines(self) -> list[str]:
        text = self.log_file.read_text()
        return text[: text.rfind("\n") + 1].splitlines()

    def until(self, event: str, count: int = 1, said: str = "") -> list[dict[str, Any]]:
        """Wait for so many events of that name, with those words in their message."""
        limit = time.monotonic() + 60
        while len(found := [*self._saying(event, said)]) < count:
            assert self.process.poll() is None, self.told
            others = [line for line in self._lines() if '"event": "request"' not in line]
            assert time.monotonic() < limit, others
            time.sleep(0.02)
        return found

    def _saying(self, event: str, said: str) -> Iterator[dict[str, Any]]:
        return (each for each in self.log(event) if said in str(each.get("message")))

    def line(self, number: str) -> dict[str, Any]:
        """Wait for the line of the request with that id."""
        limit = time.monotonic() + 60
        while time.monotonic() < limit:
            found = [line for line in self.log("request") if line["id"] == number]
            if found:
                return found[0]
            time.sleep(0.02)
        raise AssertionError(number)

    @contextmanager
    def connected(self) -> Iterator[HTTPConnection]:
        """Yield a connection to it."""
        address = self.until("started")[0]["url"].removeprefix("http://")
        with closing(HTTPConnection(address, timeout=60)) as connection:
            yield connection

    def get(self, path: str) -> tuple[int, Any]:
        """Return the status of a page, and what it says."""
        return self._asked("GET", path, None)

    def predict(self, *data: str, path: str = "/invocations") -> tuple[int, Any]:
        """Return the status, and the prediction or the error."""
        status, told = self._asked("POST", path, json.dumps({"instances": data}))
        return status, told["predictions"] if status == 200 else told

    def _asked(self, method: str, path: str, body: str | None) -> tuple[int, Any]:
        with self.connected() as connection:
            connection.request(method, path, body, {"content-type": "application/json"})
            answer = connection.getresponse()
            text = answer.read().decode()
        is_json = answer.headers["content-type"] == "application/json"
        return answer.status, json.loads(text) if is_json else text

    @property
    def workers(self) -> list[int]:
        """The numbers of its workers."""
        page = self.get("/metrics")[1].splitlines()
        lines = [line for line in page if line.startswith("modelenv_worker_memory_bytes{")]
        return [int(line.partition('worker="')[2].partition('"')[0]) for line in lines]

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it; return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(60)


@contextmanager
def serving(folder: Path, *words: str, python: Path | None = None) -> Iterator[Server]:
    """Yield a server; its files stand in `folder`, and it ends in order.

    With a `python` it is the modelenv that is installed there.
    """
    folder.mkdir(exist_ok=True)
    server = Server(folder, words, python)
    try:
        yield server
        if server.process.poll() is None:
            assert server.stop() == 0, server.told
    finally:
        if server.process.poll() is None:
            os.kill(server.process.pid, signal.SIGKILL)
            server.process.wait()
