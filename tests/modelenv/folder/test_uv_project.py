"""An edit leaves no lock of uv's behind that says what was: it is made anew, or it goes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import modelenv
from envfiles import UvProject
from modelenv.folder.model_folder import ModelFolder
from modelenv.folder.rewrite import update_pins
from modelenv.pins.package_sources import PackageSources
from modelenv.worker.verdict import Verdict

PROJECT = """[project]
name = "own"
version = "0.1"
requires-python = ">=3.8"
dependencies = ["alpha==1.0"]
"""
LOCK = """version = 1
revision = 3
requires-python = ">=3.8"
[[package]]
name = "alpha"
version = "1.0"
source = { registry = "https://unreachable.invalid/simple" }
[[package]]
name = "own"
version = "0.1"
source = { virtual = "." }
dependencies = [{ name = "alpha" }]
"""
GONE = "uv.lock and pyproject.toml were out of date and are gone"
RUNS = Verdict(status="runs", where="a replica", reason="it runs")


@pytest.fixture
def folder(model: Callable[..., Path], wheels: Any) -> Path:
    """A folder as MLflow writes it from a uv project."""
    for name, version in (("alpha", "1.0"), ("alpha", "1.1"), ("beta", "2.0")):
        wheels.add(name, version)
    made = model({"alpha==1.0": "", "gamma==3.0": ""}, ours=False)
    (made / "uv.lock").write_text(LOCK)
    (made / "pyproject.toml").write_text(PROJECT)
    return made


def locked(folder: Path) -> dict[str, list[str]]:
    project = UvProject.read(folder)
    return {} if project is None else project.to_json()


@pytest.mark.usefixtures("uv")
@pytest.mark.parametrize(
    ("change", "now"),
    [
        ({"add": ["alpha==1.1"]}, {"alpha": ["1.1"]}),
        ({"add": ["beta"]}, {"alpha": ["1.0"], "beta": ["2.0"]}),
        ({"remove": ["alpha"]}, {}),
    ],
)
def test_uv_makes_its_lock_anew(
    change: dict[str, Any],
    now: dict[str, list[str]],
    folder: Path,
    wheels: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wheels.add("gamma", "3.0")
    monkeypatch.setenv("UV_OFFLINE", "1")
    edited = modelenv.update_requirements(folder, **change)
    assert locked(folder) == now
    assert any("are made anew, by uv" in note for note in edited.notes)
    assert "gamma" not in (folder / "pyproject.toml").read_text()


@pytest.mark.usefixtures("uv")
@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (lambda folder: (folder / "pyproject.toml").unlink(), "there is no project in"),
        (
            lambda folder: (folder / "pyproject.toml").write_text(
                PROJECT.replace("alpha", "nowhere")
            ),
            "uv could not lock them: ",
        ),
        (lambda folder: (folder / "uv.lock").write_text("= no toml"), "uv.lock:1: not TOML"),
    ],
)
def test_where_uv_cannot_the_lock_goes_and_it_is_said(
    broken: Callable[[Path], object],
    said: str,
    folder: Path,
    wheels: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wheels.add("gamma", "3.0")
    monkeypatch.setenv("UV_OFFLINE", "1")
    broken(folder)
    edited = modelenv.update_requirements(folder, add=["beta"])
    (note,) = [note for note in edited.notes if note.startswith(GONE)]
    assert said in note
    assert not (folder / "uv.lock").exists()
    assert not (folder / "pyproject.toml").exists()


def test_what_mends_a_folder_says_it_too(folder: Path, tmp_path: Path) -> None:
    environment = {"PATH": str(tmp_path)}
    sources = PackageSources(folder / "wheels", environment=environment)
    (folder / "pyproject.toml").unlink()
    model = ModelFolder.at(folder, to_change=True)
    (note,) = update_pins(model, ["alpha==1.1"], RUNS, sources=sources, reasons={})
    assert note.startswith(GONE)
    assert not (folder / "uv.lock").exists()


def test_an_edit_that_changes_nothing_leaves_it(folder: Path, wheels: Any) -> None:
    wheels.add("gamma", "3.0")
    edited = modelenv.update_requirements(folder, add=["alpha==1.0"])
    assert (folder / "uv.lock").read_text() == LOCK
    assert not any("uv.lock" in note for note in edited.notes)


def test_a_project_without_a_lock_is_not_uvs(folder: Path, wheels: Any) -> None:
    wheels.add("gamma", "3.0")
    (folder / "uv.lock").unlink()
    modelenv.update_requirements(folder, add=["beta"])
    assert (folder / "pyproject.toml").read_text() == PROJECT


def test_other_channels_are_no_matter_of_uv(folder: Path) -> None:
    (folder / "conda.yaml").write_text("channels: [defaults]\ndependencies: [python=3.11.7]\n")
    modelenv.migrate_channels(folder, old="defaults", new="conda-forge")
    assert (folder / "uv.lock").read_text() == LOCK


def test_a_lock_notes_what_that_of_uv_says_otherwise(folder: Path, wheels: Any) -> None:
    wheels.add("gamma", "3.0")
    (folder / "uv.lock").write_text(LOCK.replace('"1.0"', '"1.9"'))
    notes = modelenv.lock_model(folder).notes
    assert "alpha==1.0 is alpha 1.9 in uv.lock, from which MLflow's uv restores" in notes
