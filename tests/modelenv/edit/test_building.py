"""Source-only distributions are built on request, and travel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from envfiles import read_folder
from modelenv import Indexes, update_requirements
from modelenv.cli.edit import requirements
from resolver import BuildError, UnbuiltError

from ...small_worlds import write_source, write_wheel

pytest.importorskip("build")

Configured = Callable[[str], Path]
PINS = {"alpha==1.0": "imported by the model"}


@pytest.fixture
def folder(configured: Configured, index: Any) -> Path:
    """A folder, and an index of which pip knows; nothing else is configured."""
    return configured(f"{index.url}/simple")


def lines(folder: Path) -> list[str]:
    return [entry.requirement for entry in read_folder(folder).requirements]


def test_without_being_asked_nothing_is_built_and_nothing_changes(
    folder: Path, index: Any, tmp_path: Path, snapshot: Callable[[Path], dict[str, bytes]]
) -> None:
    index.add(write_source(tmp_path / "made", "beta", "1.0"))
    before = snapshot(folder)
    with pytest.raises(UnbuiltError, match=r"- beta 1\.0 \(metadata 2\.1 "):
        update_requirements(folder, add=["beta"])
    assert snapshot(folder) == before


def test_what_is_built_travels_with_what_it_turns_out_to_require(
    folder: Path, index: Any, tmp_path: Path
) -> None:
    index.add(write_source(tmp_path / "made", "beta", "1.0", ["gamma", "delta>=1"]))
    index.add(write_source(tmp_path / "made", "gamma", "2.0"))
    index.add(write_wheel(tmp_path / "made", "delta", "1.5"))
    told: list[str] = []
    update_requirements(folder, add=["beta"], indexes=Indexes(build=True), report=told.append)
    assert lines(folder) == ["alpha==1.0", "beta==1.0", "delta==1.5", "gamma==2.0"]
    assert sorted(file.name for file in (folder / "wheels").iterdir()) == [
        "beta-1.0-py3-none-any.whl",
        "gamma-2.0-py3-none-any.whl",
    ]
    assert told == ["build beta 1.0", "build gamma 2.0"]


def test_what_was_built_is_not_built_again(folder: Path, index: Any, tmp_path: Path) -> None:
    index.add(write_source(tmp_path / "made", "beta", "1.0"))
    told: list[str] = []
    for _ in range(2):
        update_requirements(folder, add=["beta"], indexes=Indexes(build=True), report=told.append)
        update_requirements(folder, remove=["beta"])
    assert told == ["build beta 1.0"]


def test_the_backend_is_told_what_the_line_says(folder: Path, index: Any, tmp_path: Path) -> None:
    index.add(write_source(tmp_path / "made", "beta", "1.0"))
    line = 'beta --config-settings "colour=blue"'
    edited = update_requirements(folder, add=[line], indexes=Indexes(build=True))
    (wheel,) = (folder / "wheels").iterdir()
    assert b"colour=blue" in wheel.read_bytes()
    assert any("--config-settings are not written" in note for note in edited.notes)


def test_a_build_that_fails_is_an_error_with_its_last_words(
    folder: Path, index: Any, tmp_path: Path, snapshot: Callable[[Path], dict[str, bytes]]
) -> None:
    index.add(write_source(tmp_path / "made", "beta", "1.0", fails=True))
    before = snapshot(folder)
    with pytest.raises(BuildError, match="it cannot be built here") as caught:
        update_requirements(folder, add=["beta"], indexes=Indexes(build=True))
    assert str(caught.value).startswith("beta 1.0: no wheel can be built of it: its build failed:")
    assert snapshot(folder) == before


def test_the_command_has_the_option(folder: Path, index: Any, tmp_path: Path) -> None:
    index.add(write_source(tmp_path / "made", "beta", "1.0"))
    done = CliRunner().invoke(requirements, ["add", "-m", str(folder), "beta", "--build"])
    assert done.exit_code == 0, done.output
    assert "beta 1.0 was built here" in done.output
