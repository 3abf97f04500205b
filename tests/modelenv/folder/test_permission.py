"""MLflow's variables that forbid loading are honoured by doors and by the loader."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import modelenv
from modelenv.base.errors import WrongUseError
from modelenv.base.settings import ALLOWS_CODE, ALLOWS_PICKLES, Settings
from modelenv.folder.errors import LoadForbiddenError
from modelenv.folder.mlflow.permission import check_allowed
from modelenv.folder.model_folder import ModelFolder

NO_CODE = {ALLOWS_CODE: "false"}
NO_PICKLES = {ALLOWS_PICKLES: "0"}
SCRIPT = "class Model:\n    def predict(self, data):\n        return data\nmodel = Model()\n"
LOAD = "import modelenv_pyfunc_loader as it; print(it.load_model(r'{}').predict([7]))"


def saved(tmp_path: Path, kind: str) -> Path:
    """Save the same model as a script, or as a pickle."""
    script, folder = tmp_path / "given.py", tmp_path / "model"
    script.write_text(SCRIPT)
    model = script if kind == "script" else len
    modelenv.save_model(model, folder, input_example=[7], prove=False)
    return folder


def check(folder: Path, environment: dict[str, str], *, whole: bool = False) -> None:
    check_allowed(ModelFolder.at(folder), Settings(environment, None), whole=whole)


@pytest.mark.parametrize("kind", ["script", "pickle"])
def test_a_model_that_was_saved(kind: str, tmp_path: Path) -> None:
    folder = saved(tmp_path, kind)
    with pytest.raises(LoadForbiddenError, match=f"{ALLOWS_CODE} is set to false"):
        check(folder, NO_CODE)
    if kind == "script":
        check(folder, NO_PICKLES, whole=True)
    else:
        with pytest.raises(LoadForbiddenError, match=r"model\.pkl: .* as a pickle is"):
            check(folder, NO_PICKLES)
    check(folder, {ALLOWS_CODE: "True", ALLOWS_PICKLES: "1"}, whole=True)
    # The loader that travels, where nothing of ours is.
    for variables, allowed in ((NO_CODE, False), (NO_PICKLES, kind == "script"), ({}, True)):
        command = [sys.executable, "-c", LOAD.format(folder)]
        environment = {**os.environ, **variables, "PYTHONPATH": str(folder / "code")}
        ended = subprocess.run(
            command, capture_output=True, text=True, env=environment, check=False
        )
        assert (ended.returncode == 0) is allowed, ended.stderr
        assert allowed or "if you trust this model" in ended.stderr


def test_the_doors_look_before_anything_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = saved(tmp_path, "pickle")
    monkeypatch.setenv(ALLOWS_PICKLES, "false")
    for door in (modelenv.load_model, modelenv.predict, modelenv.verify):
        with pytest.raises(LoadForbiddenError):
            door(folder)
    monkeypatch.setenv(ALLOWS_PICKLES, "perhaps")
    with pytest.raises(WrongUseError, match="perhaps: it is true or false"):
        modelenv.predict(folder)


def test_whoever_saves_a_model_has_it_already(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ALLOWS_CODE, "false")
    account = modelenv.save_model(len, tmp_path / "own", input_example=[7])
    assert account.verdict is not None
    assert account.verdict.good
    stranger = tmp_path / "stranger.py"
    stranger.write_text(SCRIPT)
    with pytest.raises(modelenv.ModelenvError, match=f"{ALLOWS_CODE}=false"):
        modelenv.save_model(stranger, tmp_path / "other", input_example=[7])


@pytest.fixture
def of_mlflow(tmp_path: Path) -> Callable[..., Path]:
    def write(flavor: str, **files: bytes) -> Path:
        text = f"flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n{flavor}"
        (tmp_path / "MLmodel").write_text(text)
        for name, content in files.items():
            (tmp_path / name.replace("_", ".")).write_bytes(content)
        return tmp_path

    return write


SKOPS = "  sklearn:\n    pickled_model: model.skops\n    serialization_format: skops\n"


def test_a_folder_of_mlflows(of_mlflow: Callable[..., Path]) -> None:
    with pytest.raises(LoadForbiddenError, match=r"model\.skops: "):
        check(of_mlflow(SKOPS, model_skops=b"PK\3\4"), NO_PICKLES)
    check(of_mlflow("", model_skops=b"PK\3\4"), NO_PICKLES)
    with pytest.raises(LoadForbiddenError, match=r"python\.model: "):
        check(of_mlflow("", python_model=b"\x80\x04N."), NO_PICKLES)
