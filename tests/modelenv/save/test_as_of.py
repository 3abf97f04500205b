"""Additions of a save are chosen as of a date, which the folder records."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import modelenv
from envfiles import load_yaml, read_folder
from modelenv import Indexes, lock_model
from modelenv.base.errors import UndatedError
from modelenv.folder.model_folder import ModelFolder
from modelenv.wheels.model_lock import ModelLock
from modelenv.wheels.shelf import Shelf
from modelenv.wheels.targets import PlatformTarget
from resolver import Target

from ...small_worlds import Index, write_wheel

IN_2022 = Indexes(as_of="2022-12-31")


@pytest.fixture(autouse=True)
def world(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Release `beta` once a year."""
    for year, version in enumerate(("1.0", "2.0", "3.0"), 2021):
        file = write_wheel(tmp_path / "links", "beta", version)
        index.add(file, f"{year}-06-01T12:00:00Z")
    for name in [each for each in os.environ if each.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", f"{index.url}/simple")
    monkeypatch.setenv("MODELENV_CACHE_DIR", str(tmp_path / "cache"))


def save(project: Any, folder: Path, indexes: Indexes) -> modelenv.Account:
    return modelenv.save_model(
        project.model("return [each + 1 for each in data]"),
        folder,
        input_example=[1],
        extra_pip_requirements=["beta"],
        indexes=indexes,
        prove=False,
    )


def test_it_is_chosen_recorded_and_told(project: Any, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    account = save(project, folder, IN_2022)
    assert account.pins == ("beta==2.0",)
    assert account.to_json()["as_of"] == "2023-01-01T00:00:00Z"
    assert "what is not installed was chosen as of: 2023-01-01T00:00:00Z" in str(account)
    said = load_yaml((folder / "MLmodel").read_text())
    assert isinstance(said, dict)
    assert said["flavors"]["modelenv"]["as_of"] == "2023-01-01T00:00:00Z"
    assert "resolved as of: 2023-01-01T00:00:00Z" in str(modelenv.inspect_model(folder))
    assert modelenv.inspect_model(folder).to_json()["as_of"] == "2023-01-01T00:00:00Z"
    lock = read_folder(folder).lock
    assert lock is not None
    assert lock.as_of == "2023-01-01T00:00:00Z"
    assert lock_model(folder).as_of == "2023-01-01T00:00:00Z"


def test_without_a_date_nothing_is_said_of_one(project: Any, tmp_path: Path) -> None:
    account = save(project, tmp_path / "out", Indexes())
    assert account.pins == ("beta==3.0",)
    assert account.to_json()["as_of"] is None
    assert "as of" not in str(account)
    assert "as_of" not in (tmp_path / "out" / "MLmodel").read_text()


def test_a_model_that_is_made_now_has_no_date_yet(project: Any, tmp_path: Path) -> None:
    with pytest.raises(UndatedError, match="no folder yet"):
        save(project, tmp_path / "out", Indexes(as_of="model"))


def test_a_lock_of_another_date_is_not_taken_for_an_image(
    project: Any, index: Index, tmp_path: Path
) -> None:
    folder, links = tmp_path / "out", tmp_path / "links"
    again = (links / "beta-2.0-py3-none-any.whl").rename(links / "beta-2.0-1-py3-none-any.whl")
    index.add(again, "2023-08-01T12:00:00Z")  # a second file of that release
    save(project, folder, IN_2022)
    model, python = ModelFolder.open(folder), Target.current().python_version
    target = PlatformTarget.of(python.rpartition(".")[0], "linux/amd64", python)
    for said, files in ((Indexes(), 1), (IN_2022, 1), (Indexes(as_of="2024-01-01"), 2)):
        shelf = Shelf(target, model.sources({}).with_indexes(said))
        (choice,) = ModelLock(model, shelf).choices()
        assert len(choice.wheels) == files
