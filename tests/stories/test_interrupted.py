"""Ctrl-C in the middle of a command that writes: exit code 130, and the old folder whole."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import modelenv

ROOT = Path(__file__).parents[2]
# By the signal itself where an `exec` of a text was interrupted, which a shell shows as 130.
INTERRUPTED = {130, -signal.SIGINT}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")


@pytest.fixture
def silent_index() -> Iterator[socket.socket]:
    """An index that takes what is asked, and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.fixture
def saved(project: Any, target: Path, tmp_path: Path) -> Path:
    """A model that takes ten minutes to predict once a file is there, and says that it does."""
    body = f"""
    import time
    from pathlib import Path
    if Path({str(tmp_path / "slow")!r}).exists():
        Path({str(tmp_path / "predicts")!r}).touch()
        time.sleep(600)
    return data
    """
    model = project.model(body)
    modelenv.save_model(model, target, input_example=[1], prove=False, seal="off")
    (tmp_path / "slow").touch()
    return target


def start(*words: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "modelenv", *map(str, words)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PIP_CONFIG_FILE": os.devnull},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def check_interrupted(
    process: subprocess.Popen[str], folder: Path, look: Callable[[Path], dict[str, bytes]]
) -> None:
    """Interrupt a command, and look at what it leaves."""
    before = look(folder)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode in INTERRUPTED, said
    assert said.splitlines()[-1] == "interrupted"
    assert "Traceback" not in said
    assert look(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_lock_while_it_waits_for_an_index(
    saved: Path, silent_index: socket.socket, snapshot: Callable[[Path], dict[str, bytes]]
) -> None:
    requirements = saved / "requirements.txt"
    requirements.write_text(requirements.read_text() + "added==1.0\n")
    url = f"http://127.0.0.1:{silent_index.getsockname()[1]}/simple"
    process = start("lock", "-m", saved, "--index-url", url)
    silent_index.settimeout(60)
    with silent_index.accept()[0]:
        check_interrupted(process, saved, snapshot)


PREDICT = {
    "fix": ("fix", "--write", "--seal", "off"),
    "add": ("requirements", "add", "pip", "--no-index", "--prove", "--seal", "off"),
    "minimize": ("minimize", "--write", "--seal", "off"),
}


@pytest.mark.parametrize(
    "what", ["fix", *(pytest.param(each, marks=pytest.mark.slow) for each in ("add", "minimize"))]
)
def test_what_predicts_while_it_predicts(
    what: str, saved: Path, tmp_path: Path, snapshot: Callable[[Path], dict[str, bytes]]
) -> None:
    process = start(*PREDICT[what], "-m", saved)
    limit = time.monotonic() + 60
    while not (tmp_path / "predicts").exists():
        assert process.poll() is None
        assert time.monotonic() < limit
        time.sleep(0.02)
    check_interrupted(process, saved, snapshot)
