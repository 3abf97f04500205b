"""The lock of a uv project is read, held against lines, and its project edited."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from envfiles import Entry, InvalidFile, UvProject

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

LOCK = """version = 1
[[package]]
name = "Own.Project"
version = "0.1"
source = { KIND = "." }
[[package]]
name = "numpy"
version = "1.26.4"
[[package]]
name = "numpy"
version = "2.5.2"
[[package]]
name = "no-version"
"""
PROJECT = """[project]
name = "own-project"
version = "0.1"
dependencies = ["numpy>=1.26  ", "Scikit_Learn[x]<2; python_version > '3'", "six"]
[tool.uv.sources]
six = { index = "private" }
"""


@pytest.mark.parametrize("kind", ["virtual", "editable"])
def test_the_locked_versions_are_read_without_the_project_itself(kind: str, tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text(LOCK.replace("KIND", kind))
    project = UvProject.read(tmp_path)
    assert project is not None
    assert project.to_json() == {"numpy": ["1.26.4", "2.5.2"]}
    assert project.project is None
    assert project.edited([], [Entry("six")]) is None


def test_without_a_lock_there_is_no_project(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    assert UvProject.read(tmp_path) is None


@pytest.mark.parametrize("name", ["uv.lock", "pyproject.toml"])
def test_what_is_no_toml_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text(LOCK)
    (tmp_path / name).write_text("a = [\n")
    with pytest.raises(InvalidFile, match=name):
        UvProject.read(tmp_path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("numpy==2.5.2", []),
        ("numpy", []),
        ("numpy==2.0", ["numpy==2.0 is numpy 1.26.4, 2.5.2 in uv.lock"]),
        ("pandas<3", ["pandas<3 is not in uv.lock"]),
    ],
)
def test_a_line_that_the_lock_says_otherwise_is_told(line: str, said: list[str]) -> None:
    project = UvProject(versions={"numpy": frozenset({"1.26.4", "2.5.2"})}, project=None)
    assert list(project.against([Entry(line)])) == said


@pytest.mark.parametrize(
    ("before", "after", "dependencies"),
    [
        (["six"], ["six==1.17.0"], ["numpy>=1.26  ", "Scikit_Learn[x]<2; python_version > '3'"]),
        (["scikit-learn==1.0"], [], ["numpy>=1.26  ", "six"]),
        (
            [],
            ["idna==3.0; python_version<'3.12'", "idna==3.1; python_version>='3.12'"],
            ["numpy>=1.26  ", "Scikit_Learn[x]<2; python_version > '3'", "six"],
        ),
        (["numpy==1"], ["numpy==1"], None),
    ],
)
def test_an_edit_changes_the_lines_of_its_names_alone(
    before: list[str], after: list[str], dependencies: list[str] | None, tmp_path: Path
) -> None:
    (tmp_path / "uv.lock").write_text(LOCK)
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    project = UvProject.read(tmp_path)
    assert project is not None
    edited = tomllib.loads(project.edited(map(Entry, before), map(Entry, after)) or "")
    old = tomllib.loads(PROJECT)
    added = [Entry(line).requirement for line in after] if dependencies is not None else []
    kept = old["project"]["dependencies"] if dependencies is None else dependencies
    assert edited["project"]["dependencies"] == [*kept, *added]
    assert edited["tool"] == old["tool"]
