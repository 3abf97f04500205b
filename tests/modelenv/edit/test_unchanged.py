"""An edit after which the pins are what they were leaves what belongs to them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from envfiles import read_folder
from modelenv import lock_model, update_requirements
from resolver import Target, WheelFolder

pytest.importorskip("packaging.pylock")

Model = Callable[..., Path]
VERSIONS = {"alpha": "1.0", "beta": "2.0"}
PINS = {
    "alpha==1.0": "imported by the model",
    "beta==2.0": "imported by the model; via alpha",
}


@pytest.fixture
def locked(model: Model, installed_site: Callable[..., None], wheels: Any) -> Path:
    """A folder whose pins are proven, and locked with their hashes."""
    installed_site("alpha", "1.0", "beta>=1")
    installed_site("beta", "2.0")
    installed_site("gamma", "1.0", "beta")
    wheels.add("alpha", "1.0", "beta>=1")
    wheels.add("beta", "2.0")
    wheels.add("gamma", "1.0", "beta")
    folder = model(PINS)
    text = (folder / "requirements.txt").read_text()
    (folder / "requirements.txt").write_text(f"# ours, as the team agreed\n{text}")
    lock_model(folder, hashes=True, sources=[WheelFolder(wheels.folder, Target.current())])
    (folder / "pylock.py312.toml").write_text("")
    return folder


def ours(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((folder / "MLmodel").read_text())
    return dict(found["flavors"]["modelenv"])


def test_what_another_requires_stays_with_its_lock_its_hashes_and_its_proof(locked: Path) -> None:
    lock = (locked / "pylock.toml").read_bytes()
    edited = update_requirements(locked, remove=["beta"], index="never")
    assert not edited.difference
    assert edited.notes == ("beta stays: alpha requires beta",)
    assert (locked / "pylock.toml").read_bytes() == lock
    assert (locked / "pylock.py312.toml").exists()
    assert ours(locked)["proof"] == {"status": "reproduces"}
    assert ours(locked)["lock"] == "pylock.toml"
    spec = read_folder(locked)
    assert all(each.hashes for each in spec.requirements)
    assert [each.comment for each in spec.requirements] == ["imported by the model", "via alpha"]
    assert (locked / "requirements.txt").read_text().startswith("# ours, as the team agreed\n")
    assert "its proof stands" in str(edited)
    assert edited.to_json()["proof"] == {"status": "reproduces"}


def test_several_who_require_a_name_are_all_named(model: Model, locked: Path) -> None:
    folder = model({**PINS, "gamma==1.0": "imported by the model"}, name="more")
    edited = update_requirements(folder, remove=["beta"], index="never")
    assert "beta stays: alpha and gamma require beta" in edited.notes


def test_what_is_asked_for_as_it_is_pinned_keeps_the_lock(locked: Path) -> None:
    update_requirements(locked, add=["beta>=1"], index="never")
    assert ours(locked)["proof"] == {"status": "reproduces"}
    assert (locked / "pylock.toml").exists()
    assert read_folder(locked).requirements[1].comment == "asked for (beta>=1); via alpha"


@pytest.mark.parametrize("form", ["pylock.toml", "requirements.txt"])
def test_hashes_of_what_is_locked_come_into_the_list_and_the_lock_stays(
    locked: Path, tmp_path: Path, form: str
) -> None:
    lock = (locked / "pylock.toml").read_bytes()
    told = {each.name: each.hashes for each in read_folder(locked).requirements}
    without_hashes(locked)
    file = tmp_path / form
    lines = (f"{name}=={found} --hash={told[name][0]}" for name, found in VERSIONS.items())
    file.write_bytes(lock if form == "pylock.toml" else "\n".join(lines).encode())
    edited = update_requirements(locked, replace_all=[f"-r {file}"], index="never")
    assert (locked / "pylock.toml").read_bytes() == lock
    assert ours(locked)["lock"] == "pylock.toml"
    assert ours(locked)["proof"] == {"status": "reproduces"}
    assert {each.name: each.hashes for each in read_folder(locked).requirements} == told
    assert "each line has hashes now: only files with one of them are installed" in edited.notes


def test_hashes_that_the_lock_does_not_have_take_it(locked: Path) -> None:
    """Of another kind, so that nobody can tell whether they are those of its files."""
    without_hashes(locked)
    files = {each.name.partition("-")[0]: each for each in (locked / "wheels").glob("*.whl")}
    lines = [
        f"{name}=={found} --hash=sha512:{hashlib.sha512(files[name].read_bytes()).hexdigest()}"
        for name, found in VERSIONS.items()
    ]
    edited = update_requirements(locked, replace_all=lines, index="never")
    assert not (locked / "pylock.toml").exists()
    assert "lock" not in ours(locked)
    assert ours(locked)["proof"] == {"status": "reproduces"}
    assert any(each.startswith("pylock.toml was out of date") for each in edited.notes)


def without_hashes(folder: Path) -> None:
    """Take the hashes out of the list, as a lock without --hashes leaves it."""
    for name in ("requirements.txt", "conda.yaml"):
        text = (folder / name).read_text()
        kept = (each for each in text.splitlines() if "--hash" not in each)
        lines = "".join(f"{each.replace('--require-hashes', '')}\n" for each in kept)
        (folder / name).write_text(lines.replace(" \\\n", "\n"))


def test_what_changes_the_pins_takes_the_lock_and_the_proof(locked: Path) -> None:
    edited = update_requirements(locked, add=["gamma"], index="never")
    assert list(locked.glob("pylock*")) == []
    assert ours(locked)["proof"] == {"status": "unproven"}
    assert "not proven" in str(edited)


def test_another_wheel_of_the_same_version_takes_the_lock_and_the_proof(
    locked: Path, wheels: Any
) -> None:
    other = wheels.add("beta", "2.0", "gamma<9")
    update_requirements(locked, add=[f"beta @ {other.as_uri()}"], index="never")
    assert not (locked / "pylock.toml").exists()
    assert ours(locked)["proof"] == {"status": "unproven"}


def test_in_a_folder_of_anothers_locks_stay_too(model: Model, locked: Path) -> None:
    folder = model({"alpha==1.0": "", "beta==2.0": ""}, ours=False, name="theirs")
    (folder / "pylock.toml").write_bytes((locked / "pylock.toml").read_bytes())
    update_requirements(folder, add=["beta>=1"], index="never")
    assert (folder / "pylock.toml").exists()
