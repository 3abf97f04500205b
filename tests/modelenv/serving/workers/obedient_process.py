"""A model that does as it is told, and a process that serves it for the length of a talk."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from modelenv.environments.spec import ReadyEnvironment
from modelenv.folder.model_folder import ModelFolder
from modelenv.serving.workers.process import ProcessLimits, ServingJob, ServingProcess, start
from modelenv.worker.process import Interpreter

MODEL = """
import os, signal, socket, subprocess, sys, threading, time

HOME = {home!r}

class Model:
    def predict(self, data):
        return [self.one(each["word"]) for each in data]

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
        print("asleep")
        time.sleep(float(seconds))

model = Model()
"""


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


HERE = Interpreter(executable=Path(sys.executable))


class Ready:
    """An interpreter as it is."""

    def __init__(self, interpreter: Interpreter = HERE) -> None:
        self.interpreter = interpreter

    def __enter__(self) -> Interpreter:
        return self.interpreter

    def __exit__(self, *_: object) -> None:
        pass
