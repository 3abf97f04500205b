"""Whoever looks at a folder, runs or compares it hears where a lock says something else, once."""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import modelenv
from envfiles import Lock, Locked, LockedFile, write_pylock
from modelenv.cli import main
from modelenv.folder.model_folder import ModelFolder
from modelenv.run.locks.beside import LockBeside, iter_locks_beside

from ...conftest import made_once
from ..test_inspect_foreign import folder_of, function

pytest.importorskip("packaging.pylock")

UV_LOCK = """version = 1
[[package]]
name = "own"
version = "0.1"
source = { virtual = "." }
[package.metadata]
requires-dist = [{ name = "six", specifier = "==1.16.0" }]
[[package]]
name = "six"
version = "1.16.0"
"""
BESIDES = "pylock.toml: own: own is missing in requirements.txt"
COUNTS = "says otherwise than the requirements, which count here:"


def pylock(version: str = "1.0", **hashes: tuple[str, ...]) -> str:
    file = f"own-{version}-py3-none-any.whl"
    given: Any = hashes or {"hashes": ("sha256:" + "0f" * 32,)}
    wheel = LockedFile(file=file, url=f"https://host/{file}", **given)
    return write_pylock(Lock(packages=(Locked(name="own", version=version, artifacts=(wheel,)),)))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with made_once(tmp_path_factory) as project:
        folder: Path = project.root.parent / "model"
        modelenv.save_model(project.model("return data"), folder, input_example=[1, 2])
    return folder


@pytest.fixture
def saved(template: Path, target: Path) -> Path:
    """A model that needs nothing, and a lock that has something."""
    shutil.copytree(template, target)
    (target / "pylock.toml").write_text(pylock())
    return target


def test_all_that_look_or_run_say_it_once(
    saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = f"pylock.toml {COUNTS} {BESIDES}"
    inspected = modelenv.inspect_model(saved)
    assert str(inspected).count(BESIDES) == 1
    assert [each["disagreeing"] for each in inspected.to_json()["locks"]] == [[BESIDES]]
    verdict = modelenv.verify(saved)
    assert verdict.good
    assert [note for note in verdict.notes if "pylock" in note] == [said]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert modelenv.predict(saved) == [1, 2]
    assert [str(each.message) for each in caught] == [said]
    other = shutil.copytree(saved, tmp_path / "other")
    (other / "pylock.toml").unlink()
    main(["diff", str(saved), str(other)])
    assert capsys.readouterr().err == f"note: {saved}: {said}\n"
    main(["diff", str(saved), str(other), "--json"])
    assert json.loads(capsys.readouterr().out)["notes"] == [f"{saved}: {said}"]


@pytest.mark.parametrize("text", ["[[", "lock-version = '2.0'\ncreated-by = 'x'\npackages = []"])
def test_one_that_cannot_be_read_is_told_and_the_model_runs(text: str, saved: Path) -> None:
    (saved / "pylock.toml").write_text(text)
    (reason,) = modelenv.inspect_model(saved).unreadable
    assert reason.startswith("pylock.toml")
    note = f"pylock.toml cannot be read, and the requirements count here: {reason}"
    assert [each for each in modelenv.verify(saved).notes if "pylock" in each] == [note]


def test_what_its_hashes_do_not_hold_is_told_by_who_looks(saved: Path) -> None:
    (saved / "pylock.toml").write_text(pylock(hashes=(), other_hashes=("md5:00",)))
    found = modelenv.inspect_model(saved)
    said = "not locked by hashes, as no line of requirements can have md5: own"
    assert f"pylock.toml: {said}" in str(found).splitlines()
    assert found.to_json()["locks"][0]["remarks"] == [said]


def foreign(
    place: Path, lines: str, files: dict[str, str], python: str = "3.10.1"
) -> modelenv.Inspection:
    flavors = {"python_function": {**function("mlflow.sklearn"), "python_version": python}}
    return modelenv.inspect_model(folder_of(place, flavors, {"requirements.txt": lines, **files}))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ('"six==1.16"', []),
        ('"six>=1.17"', ["six>=1.17 in pyproject.toml was six==1.16.0 when uv.lock was made"]),
        (
            '"six==1.16.0", "tqdm"',
            ["tqdm in pyproject.toml was not asked for when uv.lock was made"],
        ),
        ("", ["six was asked for when uv.lock was made, and is not in pyproject.toml"]),
    ],
)
def test_a_project_that_was_edited_since_it_was_locked_is_told(
    asked: str, said: list[str], tmp_path: Path
) -> None:
    project = f'[project]\nname = "own"\nversion = "0.1"\ndependencies = [{asked}]\n'
    files = {"uv.lock": UV_LOCK, "pyproject.toml": project}
    assert list(foreign(tmp_path / "m", "six==1.16.0\n", files).disagreeing) == said


@pytest.mark.parametrize(
    ("locked", "said"),
    [
        ("", ["six>=1.17 in pyproject.toml was six when uv.lock was made"]),
        (', git = "https://host/six"', []),  # which may be any version
        (', path = "six.whl"', []),
    ],
)
def test_what_was_locked_without_a_version_is_told_from_an_address(
    locked: str, said: list[str], tmp_path: Path
) -> None:
    lock = UV_LOCK.replace(', specifier = "==1.16.0"', locked)
    project = '[project]\nname = "own"\nversion = "0.1"\ndependencies = ["six>=1.17"]\n'
    files = {"uv.lock": lock, "pyproject.toml": project}
    assert list(foreign(tmp_path / "m", "six==1.16.0\n", files).disagreeing) == said


def test_a_lock_of_a_later_version_of_uvs_is_not_read(tmp_path: Path) -> None:
    files = {"uv.lock": UV_LOCK.replace("version = 1\n", "version = 2\n", 1)}
    found = foreign(tmp_path / "m", "six==1.16.0\n", files)
    assert found.unreadable == ("uv.lock: version: is 2, and 1 is read, as by uv",)


@pytest.mark.parametrize(("python", "agrees"), [("3.10.1", False), ("3.12.1", True)])
def test_of_several_versions_in_a_lock_of_uvs_that_for_its_python_counts(
    python: str, agrees: bool, tmp_path: Path
) -> None:
    parted = "".join(
        f'[[package]]\nname = "six"\nversion = "{version}"\nresolution-markers = ["{marker}"]\n'
        for version, marker in (
            ("1.16.0", "python_full_version < '3.11'"),
            ("1.17.0", "python_full_version >= '3.11'"),
        )
    )
    files = {"uv.lock": f"version = 1\n{parted}", "pyproject.toml": "[project]\n"}
    said = [] if agrees else ["six==1.17.0 is six 1.16.0 in uv.lock"]
    assert list(foreign(tmp_path / "m", "six==1.17.0\n", files, python).disagreeing) == said


def test_a_lock_of_uvs_without_its_project_restores_nothing(tmp_path: Path) -> None:
    found = foreign(tmp_path / "m", "six==1.16.0\n", {"uv.lock": UV_LOCK})
    assert "uv.lock: 1 distribution\n" in str(found)
    assert "without its pyproject.toml MLflow's uv does not restore from it" in str(found)


def test_an_open_list_hears_nothing_of_what_its_lines_require(tmp_path: Path) -> None:
    more = Lock(packages=(*_packages("six", "1.16.0"), *_packages("own", "1.0")))
    files = {"pylock.toml": write_pylock(more)}
    assert foreign(tmp_path / "m", "six==1.16.0\n", files).disagreeing == ()
    said = foreign(tmp_path / "n", "six==1.15.0\n", files).disagreeing
    assert said == ("requirements.txt:1: six==1.15.0 here, six 1.16.0 in pylock.toml",)


def _packages(name: str, version: str) -> tuple[Locked, ...]:
    file = f"{name}-{version}-py3-none-any.whl"
    wheel = LockedFile(file=file, hashes=("sha256:" + "0f" * 32,), url=f"https://host/{file}")
    return (Locked(name=name, version=version, artifacts=(wheel,)),)


def test_a_lock_that_was_just_written_agrees(
    model: Callable[..., Path], index: Any, wheels: Any
) -> None:
    wheels.add("alpha", "1.0")
    index.add(*wheels.folder.iterdir())
    folder = model({"alpha==1.0": "imported by the model"})
    modelenv.lock_model(folder, indexes=modelenv.Indexes(index_url=f"{index.url}/simple/"))
    (lock,) = iter_locks_beside(ModelFolder.at(folder))
    assert lock == LockBeside(file="pylock.toml")
    (folder / "requirements.txt").write_text("alpha==1.1\n")
    (lock,) = iter_locks_beside(ModelFolder.at(folder), plainly=True)
    said = "requirements.txt:1: alpha==1.1 here, alpha 1.0 in pylock.toml"
    assert lock.disagreeing == (said,)
