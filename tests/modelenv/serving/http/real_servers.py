"""Real servers, in processes and environments of their own."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .standins import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).parents[4]
_PATIENCE = 120

MODEL = """
import pandas
import modelenv

class Sum:
    def predict(self, frame, params=None):
        k = (params or {}).get("k", 7)
        if (frame["a"] == -1).any():
            raise ValueError("it was asked for what it cannot do")
        return [{"sum": float(a) + float(b), "k": k} for a, b in zip(frame["a"], frame["b"])]

signature = {
    "inputs": [{"type": "double", "name": "a"}, {"type": "long", "name": "b"}],
    "outputs": [{"type": "double", "name": "sum"}, {"type": "long", "name": "k"}],
    "params": [{"name": "k", "type": "long", "default": 7, "shape": None}],
}
example = pandas.DataFrame({"a": [1.0], "b": [2]})
modelenv.save_model(Sum(), "model", input_example=example, signature=signature)
"""


def environment(folder: Path, *requirements: str) -> Path:
    """Return the interpreter of a new environment with `requirements`, made by uv."""
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    variables = {name: value for name, value in os.environ.items() if name != "UV_PYTHON"}
    python = folder / "bin" / "python"
    made: list[str | Path] = [uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder]
    subprocess.run(made, env=variables, check=True)
    installed: list[str | Path] = [uv, "pip", "install", "--quiet", "-p", python, *requirements]
    subprocess.run(installed, env=variables, check=True)
    return python


def save(python: Path | str, folder: Path, program: str = MODEL) -> Path:
    """Save a model in an environment that has modelenv; return its folder."""
    subprocess.run([python, "-c", program], cwd=folder, check=True)
    return folder / "model"


@dataclass
class Server:
    """A server that answers on a port."""

    port: int

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Return its answer, on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE)
        try:
            connection.request(method, path, body or None, dict(headers or {}))
            answer = connection.getresponse()
            told = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, told, answer.read(), [])
        finally:
            connection.close()


@contextmanager
def running(command: Sequence[Any], log: Path, **options: Any) -> Iterator[Server]:
    """Start a server by `command`, to which its port is added; it is ended with all its own."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with log.open("wb") as written:
        started = subprocess.Popen(
            [*command, str(port)],
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **options,
        )
    try:
        server = Server(port)
        _wait(server, started, log)
        yield server
    finally:
        os.killpg(started.pid, signal.SIGTERM)
        try:
            started.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(started.pid, signal.SIGKILL)
            started.wait()


def _wait(server: Server, started: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and started.poll() is None:
        try:
            if server.ask("GET", "/ping").status == 200:
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"it does not answer: {log.read_text('utf-8', 'replace')[-3000:]}")
