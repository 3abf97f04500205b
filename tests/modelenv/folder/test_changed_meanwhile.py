"""A run of a folder that somebody else changes meanwhile says nothing of the model."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import modelenv
from envfiles import TargetChanged
from modelenv.environments.spec import silent
from modelenv.folder.model_folder import ModelFolder
from modelenv.folder.rewrite import redone
from modelenv.repair.diagnose import diagnose_folder
from modelenv.run.isolated import RunOptions
from modelenv.run.verify import verify_folder
from modelenv.seal.choose import SealRequest

NONE = {"type": "none"}
MLMODEL = {
    "flavors": {
        "modelenv": {
            "format": 1,
            "version": "1.0.0",
            "input": NONE,
            "prediction": NONE,
            "deterministic": True,
            "proof": {"status": "runs"},
        },
        "python_function": {
            "data": "trace.json",
            "loader_module": "own",
            "code": "code",
            "python_version": ".".join(map(str, sys.version_info[:3])),
        },
    },
    "model_uuid": "1",
    "utc_time_created": "2026-01-01 00:00:00",
}
Model = Callable[..., Path]

# What somebody else does to the folder while the model is loaded, once or each time.
CHANGES = {
    "a file is another": "(folder / 'notes.txt').write_text(str(runs))",
    "a file is gone": "(folder / 'notes.txt').unlink(missing_ok=True)",
    "a file is new": "(folder / f'new{runs}').touch()",
    "a folder of the same content takes its place": (
        "other = folder.with_name('other'); shutil.copytree(folder, other);"
        "shutil.rmtree(folder); other.rename(folder)"
    ),
}
LOADER = """
import pathlib, shutil

def _load_pyfunc(path):
    folder, tally = pathlib.Path({folder!r}), pathlib.Path({tally!r})
    runs = len(tally.read_text()) if tally.exists() else 0
    tally.write_text("x" * (runs + 1))
    if runs < {times}:
        {change}
        raise FileNotFoundError("model.pkl")
    return type("Model", (), {{"predict": lambda self, data: data}})()
"""


@pytest.fixture
def changing(model: Model, tmp_path: Path) -> Callable[..., Path]:
    def make(change: str, times: int = 1) -> Path:
        folder = model({})
        how = {"folder": str(folder), "tally": str(tmp_path / "tally")}
        (folder / "notes.txt").touch()
        text = LOADER.format(**how, times=times, change=change)
        (folder / "code" / "own.py").write_text(text)
        (folder / "MLmodel").write_text(json.dumps(MLMODEL))
        return folder

    return make


@pytest.mark.parametrize("change", CHANGES)
def test_it_is_verified_again(changing: Callable[..., Path], change: str) -> None:
    verdict = modelenv.verify(changing(CHANGES[change]), env_manager="local", seal="off")
    assert verdict.status == "runs", verdict


def test_it_predicts_again(changing: Callable[..., Path]) -> None:
    folder = changing(CHANGES["a file is another"])
    assert modelenv.predict(folder, [1, 2], env_manager="local", seal="off") == [1, 2]


def test_it_is_diagnosed_again(changing: Callable[..., Path]) -> None:
    how = RunOptions(manager="local", seal=SealRequest.read("off", (), ()))
    verdict, found = diagnose_folder(changing(CHANGES["a file is gone"]), how)
    assert verdict.good
    assert found is None


def test_it_is_mended_again(changing: Callable[..., Path]) -> None:
    folder = changing(CHANGES["a folder of the same content takes its place"])
    assert modelenv.fix(folder, env_manager="local", seal="off").good


def test_where_it_never_rests_that_is_said_and_the_model_is_not_blamed(
    changing: Callable[..., Path],
) -> None:
    folder = changing(CHANGES["a file is another"])
    how = RunOptions(manager="local", seal=SealRequest.read("off", (), ()))
    with pytest.raises(TargetChanged) as caught:
        redone(folder, lambda opened: verify_folder(opened, how), silent, most=1)
    assert caught.value.changed == ("notes.txt",)
    assert "somebody else changed it meanwhile (notes.txt), so its run" in str(caught.value)


def test_what_fails_in_a_folder_that_rests_is_the_models_own(changing: Callable[..., Path]) -> None:
    verdict = modelenv.verify(changing("pass"), env_manager="local", seal="off")
    assert (verdict.status, verdict.stage) == ("fails", "load")


def test_a_folder_that_is_linked_and_read_is_the_same(model: Model) -> None:
    folder = model({})
    opened = ModelFolder.to_run(folder)
    (folder.parent / "link").hardlink_to(folder / "MLmodel")
    shutil.copytree(folder, folder.parent / "copy")
    assert not opened.is_changed
