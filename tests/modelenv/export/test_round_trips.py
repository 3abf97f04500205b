"""What is exported is read back, by our own reader of its form, as the pins that it was made of."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import envfiles
from modelenv.base.indexes import Indexes
from modelenv.base.settings import Settings
from modelenv.export.exporting import EnvironmentFormat

from ...small_worlds import PYTHON
from .worlds import described, export

UV = Settings.from_environment().uv
NAMES = ("alpha", "Beta.x", "gamma_y", "delta-z")
VERSIONS = ("1.0", "2.0.post1", "1!3.1rc2", "4.0+cpu.1", "2026.6", "0.0.0.dev1")
REASONS = ("via Beta.x", "called while predicting (a/b.py:3)", "asked for: # 'so'", "")
ROUND = itertools.count()

pins = st.dictionaries(
    st.sampled_from(NAMES), st.tuples(st.sampled_from(VERSIONS), st.sampled_from(REASONS))
)


def read_list(file: Path) -> list[str]:
    """Return what a file of requirements, a project, a lock or a script asks for."""
    read = envfiles.read_requirements(file, name="-r", folder=file.parent)
    return [each.requirement for each in read.entries()]


def read_ray(file: Path) -> list[str]:
    """Return what the pip of a runtime environment of Ray's is given."""
    said: Any = envfiles.load_yaml(file.read_text("utf-8"))
    listed: Iterable[str] = said["pip"]["packages"]
    return [each.requirement for each in envfiles.read_requirements(listed).entries()]


def read_container(file: Path) -> list[str]:
    """Return what a container to develop in installs when it is made."""
    command: str = json.loads(file.read_text("utf-8"))["postCreateCommand"]
    return read_list(file.parent.parent / command.rsplit(maxsplit=1)[-1])


def read_bento(file: Path) -> list[str]:
    """Return what a bento installs."""
    said: Any = envfiles.load_yaml(file.read_text("utf-8"))
    listed = read_list(file.parent / said["python"]["requirements_txt"])
    return [each for each in listed if not each.startswith("bentoml")]


READERS: dict[EnvironmentFormat, tuple[str, Callable[[Path], list[str]]]] = {
    "requirements": ("pins.txt", read_list),
    "pep723": ("run.py", read_list),
    "ray-runtime-env": ("env.yaml", read_ray),
    "devcontainer": ("", read_container),
    "bentofile": ("", read_bento),
    "model-settings": ("", lambda file: read_list(file.parent / "requirements.txt")),
}


FRESH = [HealthCheck.function_scoped_fixture]  # each example has a folder of its own


@settings(deadline=None, max_examples=12, suppress_health_check=FRESH)
@given(pinned=pins, form=st.sampled_from(sorted(READERS)))
def test_pins_come_back_as_they_were(
    model: Any, indexes: Indexes, pinned: Any, form: EnvironmentFormat
) -> None:
    lines = {f"{name}=={version}": reason for name, (version, reason) in pinned.items()}
    folder = described(model(lines, name=f"round{next(ROUND)}/model"), PYTHON)
    file, reader = READERS[form]
    done, _ = export(folder, folder.parent / file, form)
    assert reader(done.place) == list(done.pins)
    same = [each.requirement for each in envfiles.read_folder(folder).requirements]
    assert list(done.pins) == same


@pytest.mark.parametrize("form", sorted(READERS))
def test_pins_of_a_lock_come_back(locked: Path, form: EnvironmentFormat) -> None:
    file, reader = READERS[form]
    done, _ = export(locked, locked.parent / file, form)
    assert reader(done.place) == ["alpha==1.0", "beta==2.0", "delta==4.0"]


@pytest.mark.skipif(UV is None, reason="uv is not here, and makes the lock")
def test_a_project_of_uvs_comes_back(locked: Path, indexes: Indexes, tmp_path: Path) -> None:
    done, _ = export(locked, tmp_path / "project", "uv", indexes=indexes)
    assert read_list(tmp_path / "project/uv.lock") == list(done.pins)
    # The project asks for what the model needs for itself; the rest narrows.
    read = envfiles.read_requirements(done.place, name="-r")
    asked = [each.requirement for each in read.entries()]
    assert sorted([*asked, *read.spelled_constraints()]) == list(done.pins)
