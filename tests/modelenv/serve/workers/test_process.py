"""A serving worker in its environment and its seal: it starts, answers, and ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import modelenv
from modelenv.base.settings import Settings
from modelenv.environments.interpreter import Python
from modelenv.environments.managers import opened
from modelenv.environments.spec import ReadyEnvironment
from modelenv.folder.model_folder import ModelFolder
from modelenv.seal.choose import SealRequest, this_machine
from modelenv.seal.seals import OFF, Wanted
from modelenv.serve.inside.frames import BrokenFrameError
from modelenv.serve.workers.process import ProcessLimits, ServingJob, ServingProcess, start
from modelenv.worker.errors import RunFailedError, WrongInterpreterError
from modelenv.worker.process import Interpreter

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it has no socket pairs of Unix")

SEALS: tuple[Wanted, ...] = ("off", "watch", "landlock", "namespaces")
MODEL = """
import os, signal, socket, subprocess, sys, threading, time

HOME = {home!r}

class Model:
    def predict(self, data):
        return [self.one(each) for each in data["word"]]

    def one(self, word):
        name, _, rest = word.partition(" ")
        return getattr(self, "do_" + name, lambda rest: word)(rest)

    def do_connect(self, port):
        with socket.create_connection(("127.0.0.1", int(port)), timeout=5) as peer:
            return peer.recv(10).decode()

    def do_home(self, _):
        with open(HOME) as file:
            return file.read()

    def do_kill(self, number):
        os.kill(os.getpid(), int(number))

    def do_leave(self, code):
        os._exit(int(code))

    def do_exit(self, code):
        sys.exit(int(code))

    def do_interrupt(self, _):
        raise KeyboardInterrupt

    def do_fill(self, size):
        return len(bytearray(int(size)))

    def do_recurse(self, _):
        return self.do_recurse(_)

    def do_print(self, text):
        print(text)
        return "printed"

    def do_close(self, _):
        for each in (0, 1, 2):
            os.close(each)
        return "closed"

    def do_fork(self, _):
        return "child" if not os.fork() else "parent"

    def do_upset(self, folder):
        os.chdir("/")
        sys.path[:] = []
        os.environ.clear()
        sys.stdout = sys.stderr = None
        socket.setdefaulttimeout(0.01)
        signal.signal(signal.SIGINT, lambda *_: None)
        threading.Thread(target=time.sleep, args=(600,)).start()
        return "upset"

    def do_start(self, word):
        words = [sys.executable, "-IS", "-c", "import time; time.sleep(600)", word]
        subprocess.Popen(words, start_new_session=True, env={{}})
        return "started"

    def do_sleep(self, seconds):
        time.sleep(float(seconds))

model = Model()
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file as it may stand in somebody's home folder."""
    file = tmp_path_factory.mktemp("home") / "secret"
    file.write_text("secret")
    return file


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Path:
    """Return a saved model that does as it is told."""
    pandas = pytest.importorskip("pandas")
    place = tmp_path_factory.mktemp("served")
    script = place / "script.py"
    script.write_text(MODEL.format(home=str(home)))
    example = pandas.DataFrame({"word": ["hello"]})
    modelenv.save_model(script, place / "model", input_example=example, prove=False)
    return place / "model"


@pytest.fixture(scope="module")
def environment() -> Callable[..., Any]:
    """Return what opens the environment of a folder in a seal that this machine has."""

    def open_(folder: Path, seal: Wanted = "off", **allowed: Any) -> Any:
        machine = this_machine()
        if {"namespaces": machine.namespaces, "landlock": machine.why_no_landlock}.get(seal):
            pytest.skip(f"this machine has no {seal}")
        python = Python.current()
        installed = python.installed()
        wanted = ModelFolder.open(folder).wanted(python, installed)
        settings = Settings.from_environment()
        request = SealRequest.read(seal, **allowed)
        return opened(wanted, installed, settings, "replica", seal=request)

    return open_


async def said(process: ServingProcess, *words: str) -> Any:
    """Return what the model answers to words: its predictions, or the head that tells why not."""
    body = json.dumps({"dataframe_split": {"columns": ["word"], "data": [[w] for w in words]}})
    told, data = await process.channel.ask({"content": "json"}, [body.encode()])
    return json.loads(data)["predictions"] if "ok" in told else told


def serve(
    folder: Path,
    ready: Any,
    talk: Callable[[ServingProcess], Awaitable[Any]],
    limits: ProcessLimits = ProcessLimits(start=60),  # noqa: B008
    **further: Any,
) -> Any:
    """Serve a model for the length of a talk, and return what came of that."""

    async def run(interpreter: Interpreter) -> Any:
        job = replace(ServingJob.of(ModelFolder.open(folder)), **further)
        process = await start(job, interpreter, limits)
        try:
            return await talk(process)
        finally:
            await process.end()

    with ready as place:
        return asyncio.run(run(place.interpreter if isinstance(place, ReadyEnvironment) else place))


@pytest.mark.parametrize("seal", SEALS)
def test_it_answers_in_every_seal(folder: Path, environment: Any, seal: Wanted) -> None:
    async def talk(process: ServingProcess) -> None:
        assert await said(process, "a", "b") == ["a", "b"]
        assert process.memory is None or process.memory > 10_000_000
        assert await process.end() == "ended with exit code 0"

    serve(folder, environment(folder, seal), talk)
