"""Locks that poetry, pdm and pipenv wrote, read by their own exports: the tools themselves."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import envfiles
from modelenv.pins.lines import read_lines, selected

pytestmark = pytest.mark.slow

TOOLS = {
    "poetry": ("poetry==2.5.1", "poetry-plugin-export"),
    "pdm": ("pdm==2.29.4", "hishel==1.4.0"),  # it does not start with a newer one
    "pipenv": ("pipenv==2026.10.3",),
}
PROJECT = """
[project]
name = "wine"
version = "0.1.0"
requires-python = ">=3.10,<4"
dependencies = ["alpha==1.0", "beta; sys_platform == 'win32'"]
[project.optional-dependencies]
fast = ["gamma"]
[dependency-groups]
test = ["delta"]
docs = ["epsilon"]
[tool.poetry]
package-mode = false
[[tool.poetry.source]]
name = "here"
url = "{url}"
[[tool.pdm.source]]
name = "pypi"
url = "{url}"
"""
PIPFILE = """
[[source]]
name = "here"
url = "{url}"
verify_ssl = false
[packages]
alpha = "==1.0"
[dev-packages]
delta = "*"
"""
PINS = {"alpha": "1.0", "beta": "2.0", "gamma": "3.0", "delta": "4.0", "epsilon": "5.0"}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Variables with a PATH on which the tools are found: those that are there, else new ones."""
    root = tmp_path_factory.mktemp("tools")
    folders = []
    for name, lines in TOOLS.items():
        if shutil.which(name) is None:
            subprocess.run([sys.executable, "-m", "venv", root / name], check=True)
            folders.append(root / name / ("Scripts" if os.name == "nt" else "bin"))
            python = folders[-1] / "python"
            subprocess.run([python, "-m", "pip", "install", "--quiet", *lines], check=True)
    path = os.pathsep.join([*map(str, folders), os.environ["PATH"]])
    own = {"PDM_USE_VENV": "0", "PIPENV_PYTHON": sys.executable, "PIPENV_VENV_IN_PROJECT": "1"}
    return {**os.environ, **own, "POETRY_VIRTUALENVS_CREATE": "0", "PATH": path}


@pytest.fixture
def url(index: Any, wheels: Any) -> str:
    """An index that has the pins."""
    for name, version in PINS.items():
        wheels.add(name, version)
    for file in wheels.folder.iterdir():
        index.add(file)
    return f"{index.url}/simple/"


def locked(folder: Path, environment: dict[str, str], file: str, text: str, *words: str) -> None:
    (folder / file).write_text(text)
    subprocess.run([*words], cwd=folder, env=environment, check=True)


def asked(
    lock: Path, environment: dict[str, str], groups: tuple[str, ...] = (), extras: str = ""
) -> set[str]:
    chosen = selected(groups, extras or ())
    read = read_lines(lock, layer="x", environment=environment, selection=chosen)
    assert all(each.hashes for each in read.requirements)
    return {f"{each.requirement.name}{each.requirement.specifier}" for each in read.requirements}


def files(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


@pytest.mark.parametrize("tool", ["poetry", "pdm"])
def test_a_lock_of_a_project_is_what_its_tool_exports(
    tool: str, tmp_path: Path, environment: dict[str, str], url: str
) -> None:
    words = ("poetry", "lock") if tool == "poetry" else ("pdm", "lock", "-G", ":all")
    locked(tmp_path, environment, "pyproject.toml", PROJECT.format(url=url), *words)
    lock, before = tmp_path / f"{tool}.lock", files(tmp_path)
    always = {"alpha==1.0", "beta==2.0"}
    assert asked(lock, environment) == always
    assert asked(lock, environment, extras="fast") == {*always, "gamma==3.0"}
    assert asked(lock, environment, ("test",)) == {*always, "delta==4.0"}
    with pytest.raises(envfiles.InvalidFile, match="nope"):
        asked(lock, environment, ("nope",))
    assert files(tmp_path) == before  # it was exported of a copy


def test_a_lock_of_pipenvs_is_what_it_exports(
    tmp_path: Path, environment: dict[str, str], url: str
) -> None:
    locked(tmp_path, environment, "Pipfile", PIPFILE.format(url=url), "pipenv", "lock")
    lock = tmp_path / "Pipfile.lock"
    assert "alpha==1.0" in asked(lock, environment)
    assert "delta==4.0" not in asked(lock, environment)
    assert {"alpha==1.0", "delta==4.0"} <= asked(lock, environment, ("develop",))
    with pytest.raises(envfiles.InvalidFile, match="has no group nope: it has develop"):
        asked(lock, environment, ("nope",))
