"""No index's distribution is offered for a project of this machine that bears its name."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modelenv import update_requirements
from resolver import ConflictError

from ...small_worlds import write_wheel

Model = Callable[..., Path]


@pytest.fixture
def folder(model: Model, installed_site: Callable[..., None], wheels: Any) -> Path:
    """A folder, where pip finds a `sluice` that is somebody else's."""
    installed_site("alpha", "1.0")
    wheels.add("sluice", "9.3")
    return model({"alpha==1.0": "imported by the model"})


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project, in which we are."""
    root = tmp_path / "sluice"
    root.mkdir()
    (root / "pyproject.toml").write_text('[project]\nname = "sluice"\nversion = "0.1"\n')
    monkeypatch.chdir(root)
    return root


@pytest.mark.parametrize(
    "line", ["-e .", ".", f"..{os.sep}sluice", "-e {path}", "sluice @ {url}", "sluice[x] @ {url}"]
)
def test_the_project_is_meant_and_nobody_elses(line: str, folder: Path, project: Path) -> None:
    before = (folder / "requirements.txt").read_bytes()
    said = line.format(path=project, url=project.as_uri())
    with pytest.raises(ConflictError) as caught:
        update_requirements(folder, add=[said])
    told = str(caught.value)
    assert "9.3" not in told
    assert "say sluice" not in told
    assert "build its wheel (pip wheel --no-deps) and name that file" in told
    assert (folder / "requirements.txt").read_bytes() == before


def test_its_wheel_is_the_way_out(folder: Path, project: Path) -> None:
    write_wheel(project / "dist", "sluice", "0.1")
    update_requirements(folder, add=["./dist/sluice-0.1-py3-none-any.whl"])
    assert [path.name for path in (folder / "wheels").iterdir()] == ["sluice-0.1-py3-none-any.whl"]
    assert "sluice==0.1" in (folder / "requirements.txt").read_text()


def test_a_wheel_that_does_not_suit_is_not_exchanged_for_anothers(
    folder: Path, project: Path
) -> None:
    file = write_wheel(project, "sluice", "0.1")
    foreign = file.rename(project / "sluice-0.1-cp27-none-win32.whl")
    with pytest.raises(ConflictError) as caught:
        update_requirements(folder, add=[f"sluice @ {foreign.as_uri()}"])
    assert "say sluice" not in str(caught.value)


@pytest.mark.parametrize("place", ["{built}", "{travels}"])
def test_a_wheel_that_was_built_anew_is_another_file(
    place: str, folder: Path, project: Path
) -> None:
    """What stands in the folder is not written to before the new one takes its place."""
    built = write_wheel(project / "dist", "sluice", "0.1")
    update_requirements(folder, add=[str(built)])
    travels = folder / "wheels" / built.name
    write_wheel(project / "dist", "sluice", "0.1", modules={"sluice/new.py": "x = 1\n" * 100})
    with travels.open("rb") as stream:
        before = travels.read_bytes()
        update_requirements(folder, add=[place.format(built=built, travels=travels)])
        assert stream.read() == before
    assert travels.read_bytes() == (built.read_bytes() if place == "{built}" else before)
