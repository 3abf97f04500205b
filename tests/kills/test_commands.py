"""The commands themselves, killed at random moments, as somebody who loses patience does it."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

import modelenv
from envfiles import check_agreement

from .killing import left_running

HOME = Path(modelenv.__file__).parent.parent
TRAIN = """
class Model:
    def predict(self, data):
        return [each + 1 for each in data]

def build():
    return Model(), [1, 2]
"""
COMMANDS = {
    "save": ("save", "train:build", "-o", "model", "--overwrite"),
    "add": ("requirements", "add", "-m", "model", "pip", "--no-index"),
    "migrate": ("migrate-channels", "model", "--from", "conda-forge", "--to", "mine"),
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux"),
]


def start(place: Path, words: tuple[str, ...]) -> subprocess.Popen[str]:
    temporary = place / "temporary"
    temporary.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-m", "modelenv", *words],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(HOME), "TMPDIR": str(temporary)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(place: Path, words: tuple[str, ...]) -> float:
    """Run a command to its end; return its seconds."""
    began = time.monotonic()
    process = start(place, words)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    return time.monotonic() - began


@pytest.mark.parametrize("name", COMMANDS)
def test_killed_the_next_one_leaves_nothing_else(name: str, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(TRAIN)
    run(tmp_path, COMMANDS["save"])
    seconds = run(tmp_path, COMMANDS[name])
    chance = random.Random(name)
    for _ in range(20):
        process = start(tmp_path, COMMANDS[name])
        time.sleep(chance.uniform(0.1, seconds))
        process.kill()
        process.communicate()
        assert left_running(tmp_path, within=2.0) == []
        check_agreement(tmp_path / "model")
        run(tmp_path, COMMANDS[name])
        names = {path.name for path in tmp_path.iterdir()} - {"__pycache__"}
        assert names == {"train.py", "model", "temporary"}
        assert list((tmp_path / "temporary").iterdir()) == []
        assert modelenv.inspect_model(tmp_path / "model").environment is not None
