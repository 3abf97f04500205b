"""A serving worker that does not start says why."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

import modelenv
from modelenv.serving.workers.process import ProcessLimits, ServingProcess
from modelenv.worker.errors import RunFailedError, WrongInterpreterError

from .obedient_process import HERE, Ready, serve

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it has no socket pairs of Unix")


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
