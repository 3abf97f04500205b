"""Runs as of a date: an open list is resolved before anything is built, a closed one is judged."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from modelenv import Indexes, lock_model, predict, verify
from modelenv.environments.errors import FixedEnvironmentError
from modelenv.folder.model_folder import ModelFolder
from modelenv.run.isolated import RunOptions, wanted_of
from resolver import Target

from ...small_worlds import Index, write_wheel

PYTHON = Target.current().python_version
IN_2022 = Indexes(as_of="2022-12-31")
# What loads a folder of MLflow's; it answers which release of `beta` is beside it.
LOADER = """
class Model:
    def predict(self, data):
        from importlib.metadata import version
        return [version("beta") for _ in data]
def load_model(path):
    return Model()
"""


@pytest.fixture(autouse=True)
def world(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Release `beta` once a year, and what leads to it once."""
    links = tmp_path / "links"
    modules = {"mlflow/__init__.py": "", "mlflow/pyfunc.py": LOADER}
    first = write_wheel(links, "mlflow", "1.0", ["beta"], modules=modules)
    for file in (first, write_wheel(links, "setuptools", "58.0")):  # which MLflow adds
        index.add(file, "2021-01-01T00:00:00Z")
    for year, version in enumerate(("1.0", "2.0", "3.0"), 2021):
        index.add(write_wheel(links, "beta", version), f"{year}-06-01T12:00:00Z")
    for name in [each for each in os.environ if each.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", f"{index.url}/simple")
    monkeypatch.setenv("MODELENV_CACHE_DIR", str(tmp_path / "cache"))


def written(folder: Path, *lines: str, python: str = PYTHON) -> Path:
    """Write a folder as MLflow does."""
    folder.mkdir()
    (folder / "MLmodel").write_text(
        "flavors:\n  python_function:\n    env: {virtualenv: python_env.yaml}\n"
        f"    loader_module: theirs\n    python_version: {python}\n"
        "utc_time_created: '2021-12-31 10:20:30.123456'\n"
    )
    (folder / "python_env.yaml").write_text(
        f"python: {python}\ndependencies:\n- -r requirements.txt\n"
    )
    (folder / "requirements.txt").write_text("".join(f"{line}\n" for line in lines))
    return folder


def pins(folder: Path, **options: Any) -> list[str]:
    """Return what the environment of a run would hold; nobody is left to choose in it."""
    wanted = wanted_of(ModelFolder.open(folder), replace(RunOptions(), **options))
    assert wanted.contents.closed
    return sorted(line for line in wanted.contents.requirements if "setuptools" not in line)


def test_a_prediction_is_that_of_its_time(tmp_path: Path) -> None:
    folder = written(tmp_path / "m", "mlflow")
    with pytest.warns(UserWarning, match=r"3 distributions were chosen, as of 2023-01-01T00:0"):
        assert predict(folder, [1], indexes=IN_2022) == ["2.0"]
    with pytest.warns(UserWarning, match=r"as of 2021-12-31T10:20:30\.123456Z"):
        assert predict(folder, [1], indexes=Indexes(as_of="model")) == ["1.0"]


@pytest.mark.slow
@pytest.mark.parametrize("manager", ["uv", "virtualenv"])
def test_whoever_builds_it_is_given_no_choice(manager: Any, tmp_path: Path) -> None:
    folder = written(tmp_path / "m", "mlflow>=1")
    with pytest.warns(UserWarning, match="were chosen"):
        assert predict(folder, [1], indexes=IN_2022, env_manager=manager) == ["2.0"]


def test_what_is_installed_here_has_no_say(
    tmp_path: Path, installed_site: Callable[..., None]
) -> None:
    installed_site("setuptools", "58.0")
    installed_site("mlflow", "1.0", "beta")
    installed_site("beta", "1.0")
    folder = written(tmp_path / "m", "mlflow")
    assert pins(folder) == ["beta==1.0", "mlflow==1.0"]
    assert pins(folder, indexes=IN_2022) == ["beta==2.0", "mlflow==1.0"]
    assert pins(folder, indexes=IN_2022, override=["beta!=2.0"]) == ["beta==1.0", "mlflow==1.0"]


def test_the_date_that_its_lock_records_holds(tmp_path: Path) -> None:
    folder = written(tmp_path / "m", "mlflow")
    lock_model(folder, indexes=IN_2022)
    assert pins(folder) == ["beta==2.0", "mlflow==1.0"]
    assert pins(folder, indexes=Indexes(as_of="model")) == ["beta==1.0", "mlflow==1.0"]


def test_names_that_a_lock_closes_are_no_versions(tmp_path: Path) -> None:
    folder = written(tmp_path / "m", "mlflow", "beta")
    lock_model(folder, indexes=IN_2022)
    assert ModelFolder.open(folder).pins.closed
    assert pins(folder) == ["beta==2.0", "mlflow==1.0"]


def test_it_is_resolved_for_the_python_that_is_named(tmp_path: Path) -> None:
    folder = written(tmp_path / "m", "mlflow", 'beta<2; python_version < "3.9"')
    model, options = ModelFolder.open(folder), replace(RunOptions(), indexes=IN_2022)
    assert "beta==2.0" in wanted_of(model, options, version=PYTHON).contents.requirements
    assert "beta==1.0" in wanted_of(model, options, version="3.8").contents.requirements


def test_pins_that_came_later_are_told_and_run(tmp_path: Path) -> None:
    folder = written(tmp_path / "m", "mlflow==1.0", "beta==3.0")
    lock_model(folder, hashes=True)
    wanted = wanted_of(ModelFolder.open(folder), replace(RunOptions(), indexes=IN_2022))
    said = "later than 2023-01-01T00:00:00Z its index received beta 3.0 (on 2023-06-01)"
    assert said in wanted.contents.notes
    assert "beta==3.0" in wanted.contents.requirements


def test_an_index_that_is_down_is_told_of_pins_that_need_none(
    tmp_path: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = written(tmp_path / "m", "mlflow==1.0", "beta==3.0")
    lock_model(folder, hashes=True)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    wanted = wanted_of(ModelFolder.open(folder), replace(RunOptions(), indexes=IN_2022))
    (note,) = wanted.contents.notes
    assert note.startswith("which pins are later than 2023-01-01T00:00:00Z is not known: ")


def test_an_environment_that_was_made_elsewhere_has_its_own_time(tmp_path: Path) -> None:
    folder = ModelFolder.open(written(tmp_path / "m", "mlflow"))
    options = replace(RunOptions(), indexes=IN_2022, manager="image")
    with pytest.raises(FixedEnvironmentError, match="as_of changes the environment"):
        wanted_of(folder, options)


@pytest.mark.slow
def test_a_verdict_says_as_of_when(tmp_path: Path) -> None:
    folder = written(tmp_path / "m", "mlflow")
    verdict = verify(folder, indexes=IN_2022)
    assert any("were chosen, as of 2023-01-01T00:00:00Z" in note for note in verdict.notes)
