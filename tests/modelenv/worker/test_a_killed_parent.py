"""All processes of a run end within 2 s after their parent is killed."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import modelenv
from modelenv.seal.choose import this_machine

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the means")

SLEEPS = "import time; time.sleep(300)"
# What a model starts, to find by its words whatever becomes of its environment.
CHILDREN = {
    "a child": "popen()",
    "a daemon": "popen(start_new_session=True)",
    "a daemon that clears its environment": "popen(start_new_session=True, env={})",
    "a daemon by two forks": """
        if not os.fork():
            os.setsid()
            if not os.fork():
                os.execve(WORDS[0], WORDS, {})
            os._exit(0)
    """,
    "a child of a child that is gone": """
        code = "import subprocess, sys; subprocess.Popen(sys.argv[1:], env={})"
        subprocess.run([sys.executable, "-IS", "-c", code, *WORDS])
    """,
    "a child of a thread": "thread = threading.Thread(target=popen); thread.start(); thread.join()",
}
MODEL = """
import os, subprocess, sys, textwrap, threading, time

class Model:
    def predict(self, data):
        code, token = data
        if not code:
            return 0
        words = [sys.executable, "-IS", "-c", {sleeps!r}, token]
        def popen(**how):
            subprocess.Popen(words, **how)
        exec(textwrap.dedent(code), {{**globals(), "WORDS": words, "popen": popen}})
        time.sleep(300)

model = Model()
"""
# A process that starts runs at once from the threads of a pool, and waits for them.
PARENT = """
import json, os, sys, tempfile, traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread
sys.path[:0] = json.loads(sys.argv[2])
import modelenv
from modelenv.folder.documents.names import LOADER_SOURCE
from modelenv.worker.resident.model import ResidentModel
folder, script, temporary, seal, codes, token = json.loads(sys.argv[1])
tempfile.tempdir = temporary
def run(code):
    if seal == "resident":  # started by a thread that ends at once
        made = []
        loader = LOADER_SOURCE
        thread = Thread(target=lambda: made.append(ResidentModel(Path(script), loader, ())))
        thread.start()
        thread.join()
        return made[0].predict([code, token])
    manager = "local" if seal == "off" else "replica"
    return modelenv.predict(folder, [code, token], seal=seal, env_manager=manager)
def report(code):
    try:
        run(code)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
with ThreadPoolExecutor(len(codes)) as pool:
    list(pool.map(report, codes))
"""
SEALS = tuple(
    seal
    for seal in ("off", "watch", "landlock", "namespaces", "resident")
    if seal != "namespaces" or not this_machine().namespaces  # why they cannot be had
)


class Parents:
    """Processes that start runs, and are killed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._script = root / "model.py"
        self._script.write_text(MODEL.format(sleeps=SLEEPS), "utf-8")
        self._folder = root / "model"
        modelenv.save_model(self._script, self._folder, input_example=["", ""], prove=False)

    def kill(self, seal: str, codes: list[str], after: float | None = None) -> None:
        """Start one, kill it, and check that nothing is left 2 s later.

        It is killed `after` so many seconds; None: once all that is to be started is there.
        """
        token = f"token-{random.getrandbits(64):x}"
        temporary = self._root / token
        temporary.mkdir()
        told = [str(self._folder), str(self._script), str(temporary), seal, codes, token]
        line = [sys.executable, "-c", PARENT, json.dumps(told), json.dumps(sys.path)]
        with subprocess.Popen(line, stderr=subprocess.PIPE) as parent:
            limit = time.monotonic() + (60 if after is None else after)
            while time.monotonic() < limit:
                assert parent.poll() is None, parent.stderr and parent.stderr.read()
                if after is None and len(sleepers(token)) == len(codes):
                    break
                time.sleep(0.02)
            assert after is not None or time.monotonic() < limit
            parent.kill()
        limit = time.monotonic() + 30
        while bearing(token) and time.monotonic() < limit:
            time.sleep(0.02)
        assert bearing(token) == {}


def bearing(token: str) -> dict[int, bytes]:
    """Return the living processes among whose words, or in whose environment, a token is."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes()
            whole = words + (folder / "environ").read_bytes()
            dead = (folder / "stat").read_bytes().rpartition(b")")[2].split()[0] in b"ZX"
        except OSError:
            continue
        if token.encode() in whole and not dead:
            found[int(folder.name)] = words
    return found


def sleepers(token: str) -> list[int]:
    return [pid for pid, words in bearing(token).items() if words.endswith(f"{token}\0".encode())]


@pytest.fixture(scope="module")
def parents(tmp_path_factory: pytest.TempPathFactory) -> Parents:
    """Return what starts and kills them, with one model for all."""
    return Parents(tmp_path_factory.mktemp("killed"))


@pytest.mark.parametrize("seal", SEALS)
def test_nothing_outlives_a_killed_parent(seal: str, parents: Any) -> None:
    parents.kill(seal, list(CHILDREN.values()))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(120))
def test_nothing_outlives_a_parent_that_is_killed_at_any_moment(seed: int, parents: Any) -> None:
    chance = random.Random(seed)
    codes = chance.choices(list(CHILDREN.values()), k=chance.randint(1, 4))
    parents.kill(chance.choice(SEALS), codes, after=chance.uniform(0.3, 3.0))
