"""A wheel that travels in a folder serves the pin of its own version, and no other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from envfiles import Entry, read_folder
from modelenv import lock_model, update_requirements
from modelenv.environments.interpreter import Python
from modelenv.environments.spec import want
from modelenv.run.cross_check import ask_index
from resolver import Target, WheelFolder

pytest.importorskip("packaging.pylock")

Model = Callable[..., Path]


def carry(folder: Path, wheel: Path) -> Path:
    (folder / "wheels").mkdir(exist_ok=True)
    return wheel.rename(folder / "wheels" / wheel.name)


@pytest.fixture
def folder(model: Model, wheels: Any) -> Path:
    """A folder that pins the second version of what it carries the first one of."""
    made = model({"own==2.0": "imported by the model"})
    carry(made, wheels.add("own", "1.0"))
    return made


def test_an_environment_is_not_built_from_a_wheel_of_another_version(folder: Path) -> None:
    here = Python.current()
    wheels = folder / "wheels"
    assert want(here, here.installed(), ["own==2.0"], wheels=wheels).wheels == ()
    found = want(here, here.installed(), ["own==1.0"], wheels=wheels)
    assert [each.name for each in found.wheels] == ["own-1.0-py3-none-any.whl"]


def test_a_reference_is_not_installed_from_a_wheel_of_its_name(folder: Path) -> None:
    here = Python.current()
    line = "own @ git+https://host/own@1f2e3d4"
    assert want(here, here.installed(), [line], wheels=folder / "wheels").wheels == ()


def test_a_lock_finds_a_pin_elsewhere_where_another_version_of_it_travels(
    folder: Path, wheels: Any
) -> None:
    wheel = wheels.add("own", "2.0")
    locking = lock_model(folder, sources=[WheelFolder(wheels.folder, Target.current())])
    assert locking.missing == ()
    assert locking.lock is not None
    (file,) = locking.lock.by_name["own"].artifacts
    assert file.path == f"wheels/{wheel.name}"


def test_the_index_is_asked_for_a_pin_of_which_another_version_travels(
    folder: Path, wheels: Any
) -> None:
    opinion = ask_index(folder, [WheelFolder(wheels.folder, Target.current())])
    assert opinion.asked == 1
    assert opinion.against == ("own 2.0: no index and no folder has it",)


def test_after_another_version_is_set_the_old_wheel_is_neither_there_nor_named(
    model: Model, wheels: Any
) -> None:
    pytest.importorskip("pip")
    folder = model({"own==1.0": "imported by the model"})
    carry(folder, wheels.add("own", "1.0"))
    text = (folder / "requirements.txt").read_text()
    (folder / "requirements.txt").write_text(f"--find-links wheels\n{text}")
    wheels.add("own", "2.0")
    update_requirements(folder, replace_all=["own==2.0"])
    spec = read_folder(folder)
    assert [each.requirement for each in spec.requirements] == ["own==2.0"]
    assert spec.options == ()
    assert not (folder / "wheels").exists()


def test_a_wheel_for_another_platform_stays_with_its_line(
    model: Model, wheels: Any, installed_site: Callable[..., None]
) -> None:
    installed_site("alpha", "1.0")
    line = 'own==1.0; sys_platform == "nowhere"'
    folder = model({line: "imported by the model"})
    carry(folder, wheels.add("own", "1.0"))
    text = (folder / "requirements.txt").read_text()
    (folder / "requirements.txt").write_text(f"--find-links wheels\n{text}")
    update_requirements(folder, add=["alpha"], index="never")
    spec = read_folder(folder)
    assert Entry(line).requirement in [each.requirement for each in spec.requirements]
    assert spec.options == ("--find-links wheels",)
    assert (folder / "wheels" / "own-1.0-py3-none-any.whl").exists()
