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
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import modelenv
from modelenv.base.files.scratch import scratch_folder
from modelenv.base.settings import Settings
from modelenv.environments.interpreter import Python
from modelenv.environments.managers import opened
from modelenv.environments.spec import ReadyEnvironment
from modelenv.folder.model_folder import ModelFolder
from modelenv.seal.choose import SealRequest, this_machine
from modelenv.seal.seals import Wanted
from modelenv.serving.inside.frames import BrokenFrameError
from modelenv.serving.workers.process import ProcessLimits, ServingJob, ServingProcess, start
from modelenv.worker.errors import RunFailedError, WrongInterpreterError
from modelenv.worker.process import Interpreter
from modelenv.worker.processes import tree as process_tree

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it has no socket pairs of Unix")

SEALS: tuple[Wanted, ...] = ("off", "watch", "landlock", "namespaces")
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


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file as it may stand in somebody's home folder."""
    file = tmp_path_factory.mktemp("home") / "secret"
    file.write_text("secret")
    return file


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Path:
    """Return a saved model that does as it is told."""
    place = tmp_path_factory.mktemp("served")
    script = place / "script.py"
    script.write_text(MODEL.format(home=str(home)))
    example = [{"word": "hello"}]
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


@pytest.mark.parametrize("seal", ["landlock", "namespaces"])
def test_a_sealed_one_reaches_neither_the_network_nor_the_home_folder(
    folder: Path, environment: Any, seal: Wanted
) -> None:
    with Peer() as peer:

        async def talk(process: ServingProcess) -> tuple[Any, Any]:
            return await said(process, f"connect {peer.port}"), await said(process, "home")

        network, files = serve(folder, environment(folder, seal), talk)
        assert network["failed"] == "predict"
        assert network["type"] in ("PermissionError", "ConnectionRefusedError", "OSError")
        assert files["type"] in ("PermissionError", "FileNotFoundError")
        assert not peer.met


def test_what_is_allowed_is_there(folder: Path, environment: Any, home: Path) -> None:
    with Peer() as peer:

        async def talk(process: ServingProcess) -> None:
            assert await said(process, f"connect {peer.port}") == ["hello"]
            assert await said(process, "home") == ["secret"]

        allowed = {"allow_hosts": ["127.0.0.1"], "allow_paths": [str(home)]}
        serve(folder, environment(folder, "namespaces", **allowed), talk)
        assert peer.met


class Peer:
    """A host that says hello to whoever comes."""

    def __enter__(self) -> Peer:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.met = 0
        self._thread = threading.Thread(target=self._greet, daemon=True)
        self._thread.start()
        return self

    def _greet(self) -> None:
        while True:
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            self.met += 1
            with peer:
                peer.sendall(b"hello")

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


HERE = Interpreter(executable=Path(sys.executable))


class Ready:
    """An interpreter as it is."""

    def __init__(self, interpreter: Interpreter = HERE) -> None:
        self.interpreter = interpreter

    def __enter__(self) -> Interpreter:
        return self.interpreter

    def __exit__(self, *_: object) -> None:
        pass


@pytest.mark.parametrize(
    ("word", "how"),
    [
        (f"kill {signal.SIGKILL:d}", "was killed by SIGKILL"),
        (f"kill {signal.SIGSEGV:d}", "was killed by SIGSEGV"),
        ("leave 7", "ended with exit code 7"),
        ("leave 0", "ended with exit code 0"),
    ],
)
def test_it_is_told_how_it_died(folder: Path, word: str, how: str) -> None:
    async def talk(process: ServingProcess) -> None:
        with pytest.raises(BrokenFrameError):
            await said(process, word)
        assert await process.end() == how
        assert await process.end() == how

    serve(folder, Ready(), talk)


def test_what_a_model_does_to_its_process_leaves_it_serving(folder: Path) -> None:
    async def talk(process: ServingProcess) -> None:
        for word, type_ in (
            ("exit 3", "SystemExit"),
            ("interrupt", "KeyboardInterrupt"),
            ("recurse", "RecursionError"),
        ):
            told = await said(process, word)
            assert (told["failed"], told["type"]) == ("predict", type_)
            assert "last" not in told
            assert "modelenv" not in told["traceback"].replace("modelenv_model_code", "")
        assert await said(process, "print some words") == ["printed"]
        while "some words" not in process.printed:
            await asyncio.sleep(0.01)
        assert await said(process, "fork") == ["parent"]
        assert await said(process, "fork", "fork") == ["parent", "parent"]
        assert await said(process, "close") == ["closed"]
        assert await said(process, "upset") == ["upset"]
        assert await said(process, "a") == ["a"]
        told = await said(process, "kill x")
        assert (told["type"], told["failed"]) == ("ValueError", "predict")

    serve(folder, Ready(), talk)


def test_it_is_the_last_answer_where_memory_ran_out(folder: Path) -> None:
    async def talk(process: ServingProcess) -> None:
        assert await said(process, "fill 1000000") == [1000000]
        told = await said(process, "fill 3000000000")
        assert (told["failed"], told["type"], told["last"]) == ("predict", "MemoryError", True)
        assert await process.end() == "ended with exit code 1"

    serve(folder, Ready(), talk, memory=2_000_000_000)


def test_all_that_it_started_ends_with_it(folder: Path) -> None:
    token = f"token-{os.urandom(8).hex()}"

    async def talk(process: ServingProcess) -> None:
        assert await said(process, f"start {token}") == ["started"]
        while not bearing(token):
            await asyncio.sleep(0.01)

    serve(folder, Ready(), talk)
    assert not bearing(token)


def test_one_that_predicts_is_ended_at_once(folder: Path) -> None:
    async def talk(process: ServingProcess) -> None:
        asked = asyncio.ensure_future(said(process, "sleep 600"))
        while "asleep" not in process.printed:
            await asyncio.sleep(0.01)
        began = time.monotonic()
        assert await process.end() == "was ended"
        assert time.monotonic() - began < 0.9
        with pytest.raises(BrokenFrameError):
            await asked

    serve(folder, Ready(), talk)


def bearing(token: str) -> list[int]:
    """Return the processes in whose command the token stands."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes()
        except OSError:
            continue
        if token.encode() in words:
            found.append(int(file.parent.name))
    return found


@pytest.mark.parametrize(
    ("script", "stage", "reason"),
    [
        ("raise OSError('no weights')", "load", "OSError: no weights"),
        ("raise SystemExit(3)", "load", "SystemExit: 3"),
        ("import os; os._exit(3)", "load", "its process ended with exit code 3"),
        ("import no_such_thing", "load", "ModuleNotFoundError: No module named 'no_such_thing'"),
        ("def model(data):\n    raise KeyError('a')", "predict", "KeyError: 'a'"),
    ],
)
def test_a_model_that_does_not_start_says_why(
    tmp_path: Path, script: str, stage: str, reason: str
) -> None:
    folder = written(tmp_path, script)
    with pytest.raises(RunFailedError) as caught:
        serve(folder, Ready(), no_talk)
    assert (caught.value.stage, caught.value.reason) == (stage, reason)
    assert caught.value.where == "the model's process, not sealed"


async def no_talk(process: ServingProcess) -> None:
    raise AssertionError("it was started")


def written(place: Path, script: str) -> Path:
    """Return a folder with a model that is a script, which nothing was tried of."""
    folder = place / "model"
    modelenv.save_model(
        _script(place, "def model(data):\n    return [1]"),
        folder,
        input_example=[1, 2],
        prove=False,
    )
    (folder / "model.py").write_text(script)
    return folder


def _script(place: Path, text: str) -> Path:
    file = place / "script.py"
    file.write_text(text)
    return file


def test_one_that_takes_too_long_to_start_is_ended(tmp_path: Path) -> None:
    folder = written(tmp_path, "import time; print('reading'); time.sleep(600)")
    with pytest.raises(RunFailedError, match=r"was not ready within 1\.5 s") as caught:
        serve(folder, Ready(), no_talk, ProcessLimits(start=1.5))
    assert "reading" in caught.value.detail


def test_another_interpreter_than_was_meant_is_refused(folder: Path, tmp_path: Path) -> None:
    elsewhere = replace(HERE, prefix=tmp_path)
    with pytest.raises(WrongInterpreterError):
        serve(folder, Ready(elsewhere), no_talk)


def test_a_program_that_cannot_be_started_is_named(folder: Path, tmp_path: Path) -> None:
    missing = replace(HERE, executable=tmp_path / "no" / "python")
    with pytest.raises(modelenv.ModelenvError, match=r"no/python cannot be started"):
        serve(folder, Ready(missing), no_talk)


SERVER = """
import asyncio, json, sys
from pathlib import Path
sys.path[:0] = json.loads(sys.argv[2])
from modelenv.folder.model_folder import ModelFolder
from modelenv.serving.workers.process import ProcessLimits, ServingJob, start
from modelenv.worker.process import Interpreter
from modelenv.worker.processes import tree as process_tree

async def main():
    here = Interpreter(executable=Path(sys.executable))
    job = ServingJob.of(ModelFolder.open(sys.argv[1]))
    process = await start(job, here, ProcessLimits())
    body = {"dataframe_split": {"columns": ["word"], "data": [["start " + sys.argv[3]]]}}
    await process.channel.ask({"content": "json"}, [json.dumps(body).encode()])
    body["dataframe_split"]["data"] = [["sleep 600"]]
    await process.channel.ask({"content": "json"}, [json.dumps(body).encode()])

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the means")
def test_a_killed_server_leaves_nothing_behind(folder: Path) -> None:
    token = f"token-{os.urandom(8).hex()}"
    line = [sys.executable, "-c", textwrap.dedent(SERVER), str(folder), json.dumps(sys.path), token]
    with subprocess.Popen(line) as server:
        limit = time.monotonic() + 60
        while len(bearing(token)) < 2 and time.monotonic() < limit:
            assert server.poll() is None
            time.sleep(0.02)
        began = process_numbers(server.pid)
        assert len(began) > 1
        server.kill()
    limit = time.monotonic() + 2
    while (bearing(token) or living(began)) and time.monotonic() < limit:
        time.sleep(0.02)
    assert not bearing(token)
    assert not living(began)
    with scratch_folder():  # which removes what the dead one left
        pass


def process_numbers(number: int) -> set[int]:
    return {each.number for each in process_tree.descendants(number)}


def living(numbers: set[int]) -> list[int]:
    states = {each: Path(f"/proc/{each}/stat") for each in numbers}
    found = []
    for number, file in states.items():
        try:
            state = file.read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state not in "ZX":
            found.append(number)
    return found
