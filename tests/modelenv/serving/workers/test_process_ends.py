"""A serving worker ends: by itself, by its model, with its server; and nothing is left of it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from modelenv.base.files.scratch import scratch_folder
from modelenv.serving.workers.process import ServingProcess
from modelenv.worker.frames import BrokenFrameError
from modelenv.worker.processes import tree as process_tree

from .obedient_process import Ready, said, serve

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it has no socket pairs of Unix")


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
    took: list[float] = []

    async def talk(process: ServingProcess) -> None:
        asked = asyncio.ensure_future(said(process, "sleep 600"))
        while "asleep" not in process.printed:
            await asyncio.sleep(0.01)
        began = time.monotonic()
        assert await process.end() == "was ended"
        took.append(time.monotonic() - began)
        with pytest.raises(BrokenFrameError):
            await asked

    for _ in range(5):  # a second's grace is as long on every machine; a busy one may be late once
        serve(folder, Ready(), talk)
        if took[-1] < 0.9:
            break
    assert min(took) < 0.9


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
    print("predicted", flush=True)
    body["dataframe_split"]["data"] = [["sleep 600"]]
    await process.channel.ask({"content": "json"}, [json.dumps(body).encode()])

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the means")
def test_a_killed_server_leaves_nothing_behind(folder: Path) -> None:
    token = f"token-{os.urandom(8).hex()}"
    line = [sys.executable, "-c", textwrap.dedent(SERVER), str(folder), json.dumps(sys.path), token]
    with subprocess.Popen(line, stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout is not None
            assert server.stdout.readline() == b"predicted\n"
            limit = time.monotonic() + 60
            while len(bearing(token)) < 2 and time.monotonic() < limit:
                time.sleep(0.02)  # its line is there a moment after it is
            began = process_numbers(server.pid)
            assert len(began) > 1
        finally:
            server.kill()
    limit = time.monotonic() + 30
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
