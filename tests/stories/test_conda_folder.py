"""Packages of conda are neither looked up nor pinned again, whatever is edited."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from envfiles import read_folder
from modelenv import lock_model, update_requirements
from modelenv.environments.interpreter import Python
from modelenv.pins.change.repin import repin
from modelenv.pins.package_sources import PackageSources
from modelenv.pins.pin_set import PinSet
from resolver import Target, WheelFolder

Model = Callable[..., Path]


@pytest.fixture
def folder(model: Model, installed_site: Callable[..., None], wheels: Any) -> Path:
    """A folder whose conda.yaml has `beta`, which `alpha` requires and which is not here."""
    installed_site("alpha", "1.0", "beta>=1")
    installed_site("gamma", "1.0", "beta")
    installed_site("delta", "1.0")
    made = model({"alpha==1.0": "imported by the model"})
    text = (made / "conda.yaml").read_text()
    (made / "conda.yaml").write_text(text.replace("- pip\n", "- beta=2.0\n- pip\n", 1))
    return made


def lines(folder: Path) -> list[str]:
    return [entry.requirement for entry in read_folder(folder).requirements]


def test_what_is_added_may_require_it(folder: Path) -> None:
    update_requirements(folder, add=["gamma"], index="never")
    assert lines(folder) == ["alpha==1.0", "gamma==1.0"]
    assert read_folder(folder).conda_dependencies == ("beta=2.0",)


def test_what_it_requires_is_not_pinned_either(
    folder: Path, installed_site: Callable[..., None]
) -> None:
    installed_site("beta", "2.0", "delta")
    update_requirements(folder, add=["gamma"], index="never")
    assert lines(folder) == ["alpha==1.0", "gamma==1.0"]


def test_a_whole_list_may_require_it(folder: Path) -> None:
    update_requirements(folder, replace_all=["gamma"], index="never")
    assert lines(folder) == ["gamma==1.0"]


def test_whoever_asks_for_it_by_name_gets_it_from_pip(
    folder: Path, installed_site: Callable[..., None]
) -> None:
    installed_site("beta", "2.0")
    update_requirements(folder, add=["beta"], index="never")
    assert lines(folder) == ["alpha==1.0", "beta==2.0"]
    update_requirements(folder, add=["gamma"], index="never")
    assert lines(folder) == ["alpha==1.0", "beta==2.0", "gamma==1.0"]


@pytest.mark.parametrize("edit", [{"remove": ["beta"]}, {"replace_all": ["alpha"]}], ids=str)
def test_what_pip_is_to_install_no_longer_is_conda_s_again(
    folder: Path, installed_site: Callable[..., None], edit: dict[str, list[str]]
) -> None:
    installed_site("beta", "2.0")
    update_requirements(folder, add=["beta"], index="never")
    edited = update_requirements(folder, **edit, index="never")  # type: ignore[arg-type]
    assert lines(folder) == ["alpha==1.0"]
    assert not edited.notes


def test_a_change_for_one_run_may_require_it(folder: Path, wheels: Any) -> None:
    python = Python.current()
    spec = read_folder(folder)
    places = PackageSources.of(folder, spec, {})
    found = repin(PinSet(spec), ["gamma"], python.installed(), places)
    assert found.lines == ("alpha==1.0", "gamma==1.0")


def test_a_lock_for_another_target_leaves_it_out(folder: Path, wheels: Any) -> None:
    pytest.importorskip("packaging.pylock")
    wheels.add("alpha", "1.0", "beta>=1")
    source = WheelFolder(wheels.folder, Target.current())
    locking = lock_model(folder, target="3.12-win_amd64", sources=[source])
    assert locking.lock is not None
    assert [each.name for each in locking.lock.packages] == ["alpha"]
    assert "what conda installs is not locked: beta=2.0" in locking.notes
