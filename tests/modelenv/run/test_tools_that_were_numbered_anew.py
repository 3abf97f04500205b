"""Build tools in MLflow's lists may have versions that no index has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from envfiles import read_folder
from modelenv import update_requirements
from modelenv.folder.model_folder import ModelFolder
from modelenv.pins.change.repin import repin
from modelenv.run.isolated import RunOptions, wanted_of
from resolver import ConflictError, Installed, Lines, Target

NOBODY = Installed((), Target.current())


def made(folder: Path, tool: str, *lines: str) -> Path:
    version = Target.current().python_version
    folder.mkdir()
    (folder / "MLmodel").write_text(
        "flavors:\n  python_function:\n    env: {virtualenv: python_env.yaml}\n"
        f"    loader_module: own\n    python_version: {version}\n"
    )
    (folder / "python_env.yaml").write_text(
        f"python: {version}\nbuild_dependencies:\n- pip==21.0.1\n- {tool}\n"
        "dependencies:\n- -r requirements.txt\n"
    )
    (folder / "requirements.txt").write_text("".join(f"{line}\n" for line in lines))
    return folder


@pytest.fixture(autouse=True)
def _wheels(wheels: Any, installed_site: Callable[..., None]) -> None:
    installed_site("alpha", "1.0")
    wheels.add("setuptools", "52.0.0")
    wheels.add("kiln", "1.0")
    wheels.add("beta", "1.0")


@pytest.mark.parametrize("number", ["52.0.0.post20210125", "58.0.4.post20211013", "52.0.0+local.1"])
def test_an_override_is_run_beside_the_nearest_that_can_be_had(number: str, tmp_path: Path) -> None:
    folder = made(tmp_path / "m", f"setuptools=={number}", "kiln==1.0")
    said: list[str] = []
    options = replace(RunOptions(), override=("beta",), report=said.append)
    wanted = wanted_of(ModelFolder.open(folder), options)
    assert sorted(wanted.contents.requirements) == ["beta==1.0", "kiln==1.0", "setuptools==52.0.0"]
    assert f"setuptools=={number} is on no index: setuptools==52.0.0 is taken" in said


@pytest.mark.parametrize("line", ["kiln==1.0.post2", "kiln==1.0+cu111"])
def test_a_line_of_the_list_is_taken_so_too(line: str, tmp_path: Path) -> None:
    folder = made(tmp_path / "m", "setuptools==52.0.0", line)
    found = repin(
        ModelFolder.open(folder).pins, ["beta"], NOBODY, ModelFolder.open(folder).sources({})
    )
    assert "kiln==1.0" in found.lines
    assert found.notes == (f"{line} is on no index: kiln==1.0 is taken",)


def test_an_edit_leaves_such_a_line_as_it_stands(tmp_path: Path) -> None:
    folder = made(tmp_path / "m", "setuptools==52.0.0.post20210125", "kiln==1.0+cu111")
    edited = update_requirements(folder, add=["beta"])
    lines = [entry.requirement for entry in read_folder(folder).requirements]
    assert sorted(lines) == ["beta==1.0", "kiln==1.0+cu111"]
    assert "kiln==1.0+cu111 is on no index: kiln==1.0 is taken" in edited.notes


def test_a_tool_that_cannot_be_had_at_all_is_told_with_the_file_where_it_stands(
    tmp_path: Path,
) -> None:
    folder = ModelFolder.open(made(tmp_path / "m", "setuptools==99.0", "kiln==1.0"))
    with pytest.raises(ConflictError, match=r"python_env\.yaml\[0\] asks for setuptools==99\.0"):
        repin(folder.pins, Lines.of(["beta"], "override"), NOBODY, folder.sources({}))
