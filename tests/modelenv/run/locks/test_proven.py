"""A lock can be proven instead of the requirements: what it installs, and nothing else."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

import modelenv
from envfiles import InvalidFile, dump_toml
from modelenv.base.addresses.known_hosts import UnknownHostError
from modelenv.base.errors import WrongUseError
from modelenv.cli import main
from modelenv.environments.builders.from_lock import file_by_file
from modelenv.environments.errors import BuildFailedError
from modelenv.folder.model_folder import ModelFolder
from modelenv.run.locks.chosen import wanted_of_lock
from modelenv.run.locks.errors import LockRefusedError

from ....small_worlds import write_wheel
from ...conftest import made_once

pytest.importorskip("packaging.pylock")

BODY = """
try:
    from alpha import version
except ImportError:
    return "none"
return version
"""
OTHERWISE = (
    "pylock.toml was proven, and not the requirements: pylock.toml: alpha: alpha is missing in"
    " requirements.txt"
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that predicts which version of alpha is there, saved where none was."""
    with made_once(tmp_path_factory) as project:
        folder: Path = project.root.parent / "model"
        modelenv.save_model(project.model(BODY), folder, input_example=[1])
    return folder


@pytest.fixture
def saved(template: Path, target: Path) -> Path:
    shutil.copytree(template, target)
    return target


def lock(folder: Path, *, version: str = "1.0", **further: Any) -> Path:
    """Lock alpha, whose wheel lies beside the model."""
    file = write_wheel(folder / "wheels", "alpha", version)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    wheel = {"name": file.name, "path": f"wheels/{file.name}", "hashes": {"sha256": digest}}
    wheel |= further.pop("wheel", {})
    package = {"name": "alpha", "version": version, "wheels": [wheel]}
    document = {"lock-version": "1.0", "created-by": "hand", "packages": [package]}
    place = folder / "pylock.toml"
    place.write_text(dump_toml({**document, **further}))
    return place


def test_what_a_lock_installs_is_proven_and_the_verdict_says_so(saved: Path, uv: str) -> None:
    lock(saved)
    assert modelenv.verify(saved).good
    verdict = modelenv.verify(saved, lock=True)
    assert (verdict.status, verdict.lock) == ("differs", "pylock.toml")
    assert verdict.where == "an environment built with uv from pylock.toml"
    assert "'none' became '1.0'" in verdict.reason
    assert verdict.notes[0] == OTHERWISE
    assert sum("alpha is missing" in note for note in verdict.notes) == 1
    assert verdict.built is not None
    assert verdict.built["sources"] == ("pylock.toml",)


@pytest.mark.slow
def test_another_lock_of_the_same_pins_is_another_environment(saved: Path, uv: str) -> None:
    for version in ("1.0", "2.0"):
        lock(saved, version=version)
        assert f"became '{version}'" in modelenv.verify(saved, lock="pylock.toml").reason


@pytest.mark.slow
def test_the_command_proves_it_too(
    saved: Path, uv: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lock(saved)
    assert run("verify", "-m", str(saved), "--json", "--lock") == 1
    assert json.loads(capsys.readouterr().out)["lock"] == "pylock.toml"
    assert run("verify", "--lock", "uv.lock", "-m", str(saved)) == 2
    assert "has no lock uv.lock; it has pylock.toml" in capsys.readouterr().err


def run(*words: str) -> int:
    try:
        main([*words])
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def test_a_file_of_another_hash_is_not_installed(saved: Path, uv: str) -> None:
    lock(saved, wheel={"hashes": {"sha256": "00" * 32}})
    with pytest.raises(BuildFailedError, match=r"[Hh]ash mismatch") as caught:
        modelenv.verify(saved, lock=True)
    way = str(caught.value).splitlines()[-1]
    assert "modelenv fix" not in way  # which edits the pins, and the lock decides
    assert str(saved / "pylock.toml") in way
    assert "from its pins, without lock" in way


@pytest.mark.parametrize(
    ("further", "said"),
    [
        ({"environments": ['sys_platform == "nowhere"']}, "any of the environments"),
        ({"requires-python": "<3"}, "does not satisfy the Python version"),
        (
            {"wheel": {"name": "alpha-1.0-cp27-cp27m-win32.whl"}},
            "No wheel found matching the provided tags for package 'alpha'",
        ),
        ({"lock-version": "2.0"}, "2.0"),
    ],
)
def test_one_that_is_not_for_this_environment_is_refused(
    further: dict[str, Any], said: str, saved: Path
) -> None:
    lock(saved, **further)
    with pytest.raises(LockRefusedError, match=said):
        modelenv.verify(saved, lock=True)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (
            {"env_manager": "replica"},
            "installed by uv and pip, and the environment manager replica",
        ),
        ({"env_manager": "local"}, "choose uv or virtualenv"),
        ({"pip_requirements_override": "six"}, "a lock is proven as it stands"),
        ({"lock": "pylock.toml.bak"}, "has no lock pylock.toml.bak; it has pylock.toml"),
    ],
)
def test_what_no_lock_goes_with_is_told(how: dict[str, Any], said: str, saved: Path) -> None:
    lock(saved)
    with pytest.raises(WrongUseError, match=said):
        modelenv.verify(saved, **{"lock": True, **how})


def test_a_folder_without_one_says_what_writes_it(saved: Path) -> None:
    with pytest.raises(WrongUseError, match=r"has no lock to prove; .* `modelenv lock` writes one"):
        modelenv.verify(saved, lock=True)


def project(folder: Path, uv: str, index: Any) -> None:
    """Have uv lock a project that asks an index for alpha, and for nobody's in a group."""
    for name in ("alpha", "nobodys"):
        index.add(write_wheel(folder / "built", name, "3.0"))
    shutil.rmtree(folder / "built")
    said = {
        "project": {
            "name": "own",
            "version": "0.1",
            "requires-python": ">=3.8",
            "dependencies": ["alpha"],
        },
        "dependency-groups": {"dev": ["nobodys"]},
        "tool": {"uv": {"index": [{"url": f"{index.url}/simple/", "default": True}]}},
    }
    (folder / "pyproject.toml").write_text(dump_toml(said))
    command = [uv, "lock", "-q", "--project", str(folder), "--python", sys.executable]
    variables = {**os.environ, "TMPDIR": str(folder.parent)}
    subprocess.run(command, check=True, capture_output=True, env=variables)


def test_the_lock_of_a_project_of_uvs_is_proven_as_mlflow_restores_it(
    saved: Path, uv: str, index: Any
) -> None:
    project(saved, uv, index)
    before = {file: file.read_bytes() for file in saved.rglob("*") if file.is_file()}
    index.asked.clear()
    verdict = modelenv.verify(saved, lock=True)
    assert (verdict.status, verdict.lock) == ("differs", "uv.lock")
    assert "became '3.0'" in verdict.reason
    assert verdict.where == "an environment built with uv from uv.lock"
    assert before == {file: file.read_bytes() for file in saved.rglob("*") if file.is_file()}
    assert not any("files/nobodys" in each for each in index.asked)
    with pytest.raises(WrongUseError, match=r"uv\.lock is installed by uv alone"):
        modelenv.verify(saved, lock="uv.lock", env_manager="virtualenv")
    (saved / "pyproject.toml").unlink()
    with pytest.raises(LockRefusedError, match=r"it has no pyproject\.toml beside it"):
        modelenv.verify(saved, lock="uv.lock")


@pytest.mark.skipif(os.name == "nt", reason="links are for administrators there")
@pytest.mark.parametrize("name", ["uv.lock", "pyproject.toml"])
def test_what_leads_out_of_the_folder_is_not_handed_to_uv(
    name: str, saved: Path, tmp_path: Path
) -> None:
    """uv says the line that it cannot read: it may be of anybody's file."""
    (saved / "uv.lock").write_text("version = 1\n")
    (saved / "pyproject.toml").write_text("[project]\nname = 'own'\nversion = '1'\n")
    (saved / name).rename(tmp_path / "elsewhere")
    (saved / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InvalidFile, match="leads out of the folder"):
        modelenv.verify(saved, lock="uv.lock", env_manager="uv")


@pytest.mark.slow
def test_of_two_locks_one_is_proven_and_the_other_named(saved: Path, uv: str, index: Any) -> None:
    project(saved, uv, index)
    lock(saved)
    assert modelenv.verify(saved, lock="uv.lock").lock == "uv.lock"
    both = modelenv.verify(saved, lock=True)
    assert both.lock == "pylock.toml"
    assert "uv.lock was not proven: --lock uv.lock does that" in both.notes


@pytest.mark.slow
def test_pip_proves_it_as_well(saved: Path) -> None:
    lock(saved)
    verdict = modelenv.verify(saved, lock=True, env_manager="virtualenv")
    assert "became '1.0'" in verdict.reason
    assert verdict.where == "an environment built with venv and pip from pylock.toml"
    lock(saved, wheel={"hashes": {"sha256": "00" * 32}})
    with pytest.raises(BuildFailedError, match="DO NOT MATCH"):
        modelenv.verify(saved, lock=True, env_manager="virtualenv")


@pytest.mark.parametrize(
    ("hashes", "checked"),
    [({"sha256": "0f" * 32}, True), ({"md5": "0f" * 16}, True), ({"blake2b": "0f" * 64}, False)],
)
def test_no_file_is_given_to_an_installer_without_a_hash(
    hashes: dict[str, str], checked: bool, saved: Path
) -> None:
    lock(saved, wheel={"hashes": hashes})
    wanted = wanted_of_lock(ModelFolder.open(saved), True)
    with (
        nullcontext() if checked else pytest.raises(BuildFailedError, match="have no place: alpha")
    ):
        assert file_by_file(wanted, "virtualenv").contents.lock is None


def elsewhere(folder: Path, index: Any) -> Path:
    """Lock alpha at the address of an index; return its wheel, which lies beside the folder."""
    place = lock(folder)
    file = next((folder / "wheels").iterdir())
    index.add(file)
    url = f"{index.url}/files/{file.name}"
    place.write_text(place.read_text().replace(f'path = "wheels/{file.name}"', f'url = "{url}"'))
    away = folder.parent / "away"
    away.mkdir()
    shutil.move(file, away)
    return away / file.name


@pytest.mark.parametrize("manager", ["uv", pytest.param("virtualenv", marks=pytest.mark.slow)])
def test_no_index_lets_no_address_of_a_lock_be_asked(
    manager: Any, saved: Path, uv: str, index: Any
) -> None:
    file = elsewhere(saved, index)
    links = modelenv.Indexes(no_index=True, find_links=[str(file.parent)])
    said: dict[str, Any] = {"lock": True, "env_manager": manager}
    nowhere = f"and no place has, with its hash, {file.name}"
    with pytest.raises(LockRefusedError, match=nowhere) as caught:
        modelenv.verify(saved, **said, indexes=modelenv.Indexes(no_index=True))
    assert str(caught.value).startswith(f"{saved / 'pylock.toml'} cannot be installed: --no-index ")
    assert str(caught.value).endswith("(--find-links), or leave --no-index out")
    verdict = modelenv.verify(saved, **said, indexes=links)
    assert "became '1.0'" in verdict.reason
    assert verdict.built is not None
    assert verdict.built["sources"] == ("pylock.toml", "--no-index")
    write_wheel(file.parent, "alpha", "1.0", ["beta"])  # another file of that name
    with pytest.raises(LockRefusedError, match=nowhere):
        modelenv.verify(saved, **said, indexes=links)
    assert index.asked == []


def test_of_a_lock_with_a_project_in_quarantine_nothing_is_built_where_the_index_is_asked(
    saved: Path, index: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere(saved, index)
    index.statuses["alpha"] = {"status": "quarantined", "reason": "it steals"}
    words = ("verify", "-m", str(saved), "--index-url", f"{index.url}/simple", "--index")
    assert run(*words, "--lock", "--json") == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["status"], said["where"], said["seal"]) == ("fails", "no environment", None)
    assert said["reason"].startswith("alpha==1.0 is in quarantine on the index, as harmful: nothin")
    assert '("it steals")' in said["index"]["against"][0]
    assert not [each for each in index.asked if "/files/" in each]
    assert run(*words) == 0  # which its own list does not name


def test_pips_own_no_index_lets_none_be_asked_either(
    saved: Path, index: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere(saved, index)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(LockRefusedError, match="no-index of pip's configuration lets none"):
        modelenv.verify(saved, lock=True)
    assert index.asked == []


@pytest.mark.slow
def test_no_index_leaves_a_lock_of_uvs_to_its_cache(
    saved: Path, uv: str, index: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    project(saved, uv, index)
    index.asked.clear()
    said: dict[str, Any] = {"lock": True, "indexes": modelenv.Indexes(no_index=True)}
    with pytest.raises(BuildFailedError, match=r"lets no address of uv\.lock be asked"):
        modelenv.verify(saved, **said)
    assert index.asked == []
    assert modelenv.verify(saved, lock=True).lock == "uv.lock"
    index.asked.clear()
    assert "became '3.0'" in modelenv.verify(saved, **said).reason
    assert index.asked == []


@pytest.mark.slow
@pytest.mark.parametrize("manager", ["uv", "virtualenv"])
def test_what_a_lock_names_by_a_variable_is_installed_file_by_file(
    manager: Any, saved: Path, uv: str, index: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock(saved)
    file = next((saved / "wheels").iterdir())
    index.add(file)
    monkeypatch.setenv("ALPHA_FILES", "files")
    place = saved / "pylock.toml"
    url = f"{index.url}/${{ALPHA_FILES}}/{file.name}"
    place.write_text(place.read_text().replace(f'path = "wheels/{file.name}"', f'url = "{url}"'))
    file.unlink()
    with pytest.raises(UnknownHostError, match="would send the variable ALPHA_FILES"):
        modelenv.verify(saved, lock=True, env_manager=manager)
    indexes = modelenv.Indexes(allow_variables=[f"ALPHA_FILES={index.url}"])
    verdict = modelenv.verify(saved, lock=True, env_manager=manager, indexes=indexes)
    assert "became '1.0'" in verdict.reason
