"""Whoever predicts with a folder leaves it as it was: no bytecode, no time of a folder changes."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

import modelenv

from ...conftest import made_once

PACKAGE = """
import os, subprocess, sys

class Model:
    def predict(self, data):
        from own_package.late import plus
        if len(data) > 1:
            child = [sys.executable, "-c", "import own_package.child"]
            there = os.path.dirname(os.path.dirname(__file__))
            subprocess.run(child, check=True, env={**os.environ, "PYTHONPATH": there})
        return [each + plus for each in data]
"""
SEALS = ["auto", "landlock", "watch", "off"]
OWN = """
import sys
import modelenv
model = modelenv.load_model(sys.argv[1], suppress_warnings=True)
assert model.predict([1, 2][: int(sys.argv[2])])[0] == 2
"""
CLASHING = """
import sys
import own_package
import modelenv
from modelenv.worker.resident.model import ResidentModel
model = modelenv.load_model(sys.argv[1], suppress_warnings=True)
assert isinstance(model, ResidentModel)
assert model.predict([1, 2]) == [2, 3]
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with a package of its own, part of which only its prediction imports."""
    with made_once(tmp_path_factory) as project:
        folder: Path = project.root.parent / "model"
        project.write("own_package/late.py", "plus = 1\n")
        project.write("own_package/child.py", "")
        project.write("own_package/__init__.py", PACKAGE)
        model = importlib.import_module("own_package").Model
        modelenv.save_model(model(), folder, input_example=[1, 2], seal="watch")
    return folder


@pytest.fixture
def folder(template: Path, target: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(template, target))


def everything(folder: Path) -> Mapping[str, int]:
    """Return when each file and folder was last changed."""
    paths = (folder, *folder.rglob("*"))
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in paths}


def run(folder: Path, *words: str, python: str = sys.executable) -> None:
    """Run Python on a folder as any other user does: one that writes bytecode where it can."""
    variables = {key: value for key, value in os.environ.items() if key != NO_BYTECODE}
    command = [python, *words]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"


class TestOurRuns:
    @pytest.mark.parametrize(
        ("command", "seal"),
        [
            *(("predict", seal) for seal in SEALS),
            ("verify", "auto"),
            ("diagnose", "auto"),
            *(
                pytest.param(command, seal, marks=pytest.mark.slow)
                for command in ("verify", "diagnose")
                for seal in SEALS[1:]
            ),
        ],
    )
    def test_the_command(self, command: str, seal: str, folder: Path) -> None:
        before = everything(folder)
        run(folder, "-m", "modelenv", command, "-m", str(folder), "--seal", seal)
        assert everything(folder) == before

    @pytest.mark.parametrize(
        "manager", ["replica", "local", "uv", pytest.param("virtualenv", marks=pytest.mark.slow)]
    )
    def test_every_environment(self, manager: str, folder: Path) -> None:
        before = everything(folder)
        words = ("predict", "-m", str(folder), "--env-manager", manager, "--seal", "off")
        run(folder, "-m", "modelenv", *words)
        assert everything(folder) == before

    @pytest.mark.parametrize("command", ["fix", "minimize"])
    def test_repairs_that_write_nothing(self, command: str, folder: Path) -> None:
        before = everything(folder)
        run(folder, "-m", "modelenv", command, "-m", str(folder), "--seal", "watch")
        assert everything(folder) == before

    def test_a_model_in_this_process(self, folder: Path) -> None:
        before = everything(folder)
        run(folder, "-c", OWN, str(folder), "1")
        assert everything(folder) == before

    def test_a_model_in_a_process_of_its_own(
        self, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = tmp_path / "other" / "own_package"
        other.mkdir(parents=True)
        (other / "__init__.py").write_text("another = True\n")
        monkeypatch.setenv("PYTHONPATH", str(other.parent))
        before = everything(folder)
        run(folder, "-c", CLASHING, str(folder))
        assert everything(folder) == before
