"""Builds for metadata are made with the Python that they are for."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from modelenv import Indexes, lock_model
from modelenv.base.settings import Settings
from modelenv.environments.builders.wheels import OtherPython, wheel_builder
from modelenv.environments.errors import PythonMissingError
from modelenv.environments.interpreter import Python
from modelenv.environments.pythons.discovery import find
from modelenv.environments.spec import minor
from resolver import BuildError, Target, WheelBuilder

from ...small_worlds import write_source, write_wheel

BUILDING = Indexes(build=True)
HERE = minor(Target.current().python_version)


@pytest.fixture(scope="module")
def other() -> str:
    """Another Python that is on this machine."""
    settings = Settings.from_environment()
    for version in ("3.9", "3.10", "3.12", "3.13", "3.8", "3.14", "3.11"):
        if version == HERE:
            continue
        try:
            find(version, Python.current(), settings)
        except PythonMissingError:
            continue
        return version
    return pytest.skip("there is no other Python here")


def built(version: str, indexes: Indexes = BUILDING) -> Any:
    environment = Settings.from_environment().environment
    return wheel_builder(indexes, Target.of(version), environment, lambda _: None)


def test_who_builds_is_the_python_that_it_is_for(other: str) -> None:
    assert isinstance(built(HERE), WheelBuilder)
    assert isinstance(built(other), OtherPython)
    assert built(other, Indexes()) is None
    abroad = wheel_builder(BUILDING, Target.of(other, "win_amd64"), {}, lambda _: None)
    assert isinstance(abroad, WheelBuilder)  # which refuses that, and says why


def test_a_lock_for_another_python_is_told_what_is_required(
    other: str, model: Any, wheels: Any
) -> None:
    write_source(wheels.folder, "own", "1.0", ["beta"])
    write_wheel(wheels.folder, "beta", "1.0")
    folder = model({"own": ""}, ours=False, python=f"{other}.0")
    locking = lock_model(folder, indexes=BUILDING)
    assert locking.lock is not None
    assert sorted(locking.lock.by_name) == ["beta", "own"]


def test_a_build_that_fails_says_so(other: str, model: Any, wheels: Any) -> None:
    write_source(wheels.folder, "own", "1.0", fails=True)
    folder = model({"own": ""}, ours=False, python=f"{other}.0")
    with pytest.raises(BuildError, match="cannot be built here"):
        lock_model(folder, indexes=BUILDING)
    assert not os.path.lexists(folder / "pylock.toml")


def test_it_is_built_once(other: str, tmp_path: Path) -> None:
    archive = write_source(tmp_path / "made", "own", "1.0", ["beta"])

    class Source:
        name, settings = "own", ()

        def fetch(self, folder: Path) -> Path:
            return Path(shutil.copy(archive, folder))

    told: list[str] = []
    builder = OtherPython(
        version=other,
        cache=tmp_path / "cache",
        indexes=Indexes(build=True, as_of="2024-01-01"),
        settings=Settings.from_environment(),
        report=told.append,
    )
    first = builder(Source())
    assert first.name == "own-1.0-py3-none-any.whl"
    assert builder(Source()) == first
    assert len(told) == 1
