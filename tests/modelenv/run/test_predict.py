"""A saved model predicts again, elsewhere, and a verdict tells whether it does the same."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import modelenv
from modelenv.base.errors import WrongUseError
from modelenv.environments.interpreter import Python
from modelenv.folder.errors import BadFolderError
from modelenv.folder.model_folder import ModelFolder
from modelenv.run.predict import describe_file, to_text
from modelenv.worker import values
from modelenv.worker.errors import RunFailedError

from ..conftest import made_once


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with made_once(tmp_path_factory) as project:
        folder: Path = project.root.parent / "model"
        model = project.model("return [each + 1 for each in data]")
        modelenv.save_model(model, folder, input_example=[1, 2])
    return folder


@pytest.fixture
def saved(template: Path, target: Path) -> Path:
    return Path(shutil.copytree(template, target))


def test_it_predicts_on_the_example_or_on_what_it_is_given(saved: Path) -> None:
    assert modelenv.predict(saved) == [2, 3]
    assert modelenv.predict(str(saved), [7]) == [8]
    assert modelenv.predict(saved, (7,), env_manager="local") == [8]


def test_what_it_is_given_may_be_wrong(saved: Path) -> None:
    with pytest.raises(RunFailedError) as caught:
        modelenv.predict(saved, 3)
    assert caught.value.stage == "predict"
    assert caught.value.where.startswith("a replica, ")


def test_an_untouched_folder_reproduces(saved: Path) -> None:
    verdict = modelenv.verify(saved)
    assert (verdict.status, verdict.good, verdict.where) == ("reproduces", True, "a replica")
    assert verdict.seconds > 0
    assert modelenv.verify(saved, env_manager="local").where == "this interpreter"


def test_another_prediction_is_told_with_its_place(saved: Path) -> None:
    (saved / "prediction.json").write_text("[2, 4]")
    verdict = modelenv.verify(saved)
    assert (verdict.status, verdict.good) == ("differs", False)
    assert verdict.reason == "prediction[1]: 4 became 3"


def test_a_model_that_no_longer_runs_fails_with_its_stage(saved: Path) -> None:
    (saved / "code" / "own_model.py").write_text("import gone_with_the_wind\n")
    verdict = modelenv.verify(saved)
    assert (verdict.status, verdict.stage) == ("fails", "load")
    assert verdict.missing == ("gone_with_the_wind",)
    assert "gone_with_the_wind" in verdict.detail


def test_a_model_that_hangs_fails_in_time(saved: Path) -> None:
    (saved / "code" / "own_model.py").write_text("import time; time.sleep(600)\n")
    verdict = modelenv.verify(saved, timeout=1.0)
    assert verdict.status == "fails"
    # How far it came in a second is the machine's affair.
    assert verdict.reason.startswith("it did not end within 1 s")


def test_pins_that_are_not_installed_are_not_for_a_replica(saved: Path) -> None:
    lines = (saved / "requirements.txt").read_text()
    (saved / "requirements.txt").write_text(f"{lines}packaging==0.0.1\n")
    with pytest.raises(WrongUseError, match="uv or virtualenv"):
        modelenv.verify(saved, env_manager="replica")


def test_another_python_is_told(saved: Path) -> None:
    for name in ("python_env.yaml", "conda.yaml"):
        text = (saved / name).read_text()
        version = ModelFolder.open(saved).mlmodel.python
        (saved / name).write_text(text.replace(version, "3.99.1"))
    with pytest.raises(WrongUseError, match=r"needs Python 3\.99\.1, and there is no Python 3\.99"):
        modelenv.verify(saved)


def test_what_is_no_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadFolderError, match="there is no such folder"):
        modelenv.verify(tmp_path / "absent")
    with pytest.raises(BadFolderError, match="there is no MLmodel file"):
        modelenv.predict(tmp_path)


@pytest.mark.parametrize(
    ("name", "described"),
    [
        (
            "a.json",
            {"type": "payload", "like": {"type": "json_object"}},
        ),
        (
            "a.CSV",
            {"type": "csv", "like": {"type": "json_object"}},
        ),
        ("a.npy", {"type": "npy"}),
        ("a.pkl", {"type": "pickle"}),
    ],
)
def test_an_input_file_is_known_by_its_name(
    name: str, described: Any, saved: Path, tmp_path: Path
) -> None:
    (tmp_path / name).touch()
    found = describe_file(tmp_path / name, ModelFolder.open(saved))
    if "like" in described:
        described["like"]["file"] = str(saved / "input_example.json")
    assert found == {**described, "file": str(tmp_path / name)}


def test_one_of_another_name_or_none_is_told(saved: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    with pytest.raises(WrongUseError, match="cannot tell what it holds"):
        describe_file(tmp_path / "a.txt", ModelFolder.open(saved))
    with pytest.raises(WrongUseError, match="there is no such file"):
        describe_file(tmp_path / "a.json", ModelFolder.open(saved))


@pytest.mark.parametrize(
    ("prediction", "said"),
    [
        ([1, 2.5, None], [1, 2.5, None]),
        (np.array([[1.0, np.nan]]), [[1.0, None]]),
        (pd.DataFrame({"a": [1], "b": ["x"]}), [{"a": 1, "b": "x"}]),
        (pd.Series([1, 2], name="price"), [1, 2]),
        # As merge() of pandas 1 numbers its rows, and a filter leaves them.
        (pd.Series([1.5, np.nan], index=pd.Index([0, 1])), [1.5, None]),
        (pd.Series(["x"], index=["customer"], name=3), ["x"]),
        ({"a": "ü"}, {"a": "ü"}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_prediction_is_said_as_the_scoring_protocol_does(
    prediction: Any, said: Any, tmp_path: Path
) -> None:
    output = values.write(prediction, str(tmp_path / "prediction"))
    assert json.loads(to_text(output)) == {"predictions": said}


def test_one_that_no_json_holds_is_told(tmp_path: Path) -> None:
    output = values.write({1, 2}, str(tmp_path / "prediction"))
    with pytest.raises(WrongUseError, match=r"builtins\.set, which JSON cannot hold"):
        to_text(output)
    output = values.write(pd.Series([np.inf], index=[7]), str(tmp_path / "infinite"))
    with pytest.raises(WrongUseError, match=r"Series, which JSON cannot hold: inf has no form"):
        to_text(output)


def test_where_installers_look_is_said_for_any_folder(saved: Path) -> None:
    (saved / "more").mkdir()
    lines = (
        "--extra-index-url https://host/simple\n--find-links more\n--find-links https://host/all\n"
        "--require-hashes\n--trusted-host host\n"
    )
    (saved / "requirements.txt").write_text(lines)
    python = Python.current()
    wanted = ModelFolder.open(saved).wanted(python, python.installed())
    assert set(wanted.contents.options) == {
        "--extra-index-url https://host/simple",
        f"--find-links {(saved / 'more').as_uri()}",
        "--find-links https://host/all",
        "--trusted-host host",
    }
