"""One lock for several platforms, held against what uv and pip would install from it on each."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from envfiles import Lock, read_folder
from modelenv import lock_model, verify
from modelenv.base.settings import Settings
from modelenv.wheels.targets import parse_target

pytest.importorskip("packaging.pylock")
pytestmark = pytest.mark.slow

UV = Settings.from_environment().uv
BY_UV = {
    "linux_x86_64": "x86_64-unknown-linux-gnu",
    "linux_aarch64": "aarch64-manylinux_2_28",
    "macosx_arm64": "aarch64-apple-darwin",
    "win_amd64": "x86_64-pc-windows-msvc",
}
"""What uv calls the platforms; its macOS and its Linux are as old as ours."""
OLD = {
    "scikit-learn==1.0.2": "imported by the model",
    "pandas==1.3.5": "imported by the input example",
    "numpy==1.21.6": "via pandas, scikit-learn",
    "scipy==1.7.3": "via scikit-learn",
    "joblib==1.4.2": "via scikit-learn",
    "threadpoolctl==3.5.0": "via scikit-learn",
    "python-dateutil==2.9.0.post0": "via pandas",
    "pytz==2024.2": "via pandas",
    "six==1.17.0": "via python-dateutil",
}


def lock_of(folder: Path) -> Lock:
    found = read_folder(folder).lock
    assert found is not None
    return found


def pins(lock: Lock, target: str) -> set[str]:
    markers = parse_target(target).markers
    assert lock.admits(markers)
    return {f"{each.name}=={each.version}" for each in lock.locked_for(markers)}


def by_uv(folder: Path, target: str) -> set[str]:
    """Return what uv would install on a target; nothing is."""
    assert UV is not None
    python, _, platform = target.partition("-")
    command = [str(UV), "pip", "install", "--dry-run", "--no-build", "--python", sys.executable]
    command += ["--target", str(folder / "nothing"), "--python-version", python]
    command += ["--python-platform", BY_UV[platform], "-r", str(folder / "pylock.toml")]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return set(re.findall(r"^ \+ (\S+)", done.stderr, re.MULTILINE))


def by_pip(folder: Path, python: str) -> set[str]:
    """Return what pip of an interpreter would install."""
    command = [python, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet"]
    command += ["--report", "-", "-r", str(folder / "pylock.toml")]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found = (each["metadata"] for each in json.loads(done.stdout)["install"])
    return {f"{each['name'].lower()}=={each['version']}" for each in found}


@pytest.fixture(autouse=True)
def every_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take each file from whichever of the configured places has it."""
    monkeypatch.setenv("MODELENV_INDEX_STRATEGY", "unsafe-best-match")


@pytest.fixture
def old(model: Callable[..., Path]) -> Path:
    """The folder of a model of 2021."""
    return model(OLD, python="3.8.18")


@pytest.fixture
def today(wine: Any, tmp_path: Path) -> Path:
    """The folder of a model of today."""
    return Path(shutil.copytree(wine.folder, tmp_path / "today"))


@pytest.mark.skipif(UV is None, reason="uv is not installed")
@pytest.mark.parametrize(
    ("name", "pythons"), [("today", ("3.12", "3.13")), ("old", ("3.8", "3.11", "3.13"))]
)
def test_uv_would_install_what_the_lock_says_on_each_target(
    request: pytest.FixtureRequest, name: str, pythons: tuple[str, ...]
) -> None:
    folder = request.getfixturevalue(name)
    lines = (folder / "requirements.txt").read_text()
    locking = lock_model(folder, platforms=[*BY_UV], pythons=pythons)
    lock = lock_of(folder)
    for each in locking.targets:
        assert by_uv(folder, each.name) == pins(lock, each.name), each.name
    assert (folder / "requirements.txt").read_text() == lines
    own = {each.requirement for each in read_folder(folder).requirements}
    assert pins(lock, locking.targets[0].name) == own


def test_what_moves_of_an_old_model_moves_no_further_than_it_has_to(old: Path) -> None:
    locking = lock_model(old, platforms=["linux_x86_64"], pythons=["3.9"])
    assert [each.moved for each in locking.targets] == [(), ()]
    lock_model(old, platforms=["linux_x86_64"], pythons=["3.13"])
    moved = {
        each.partition("==")[0] for each in pins(lock_of(old), "3.13-linux_x86_64") - OLD.keys()
    }
    assert moved == {"scikit-learn", "pandas", "numpy", "scipy", "tzdata"}


def test_pip_installs_the_own_pins_and_refuses_a_python_that_is_none_of_the_targets(
    today: Path, tmp_path: Path
) -> None:
    lock_model(today, platforms=["win_amd64"])
    own = {each.requirement for each in read_folder(today).requirements}
    assert by_pip(today, sys.executable) == own
    text = (today / "pylock.toml").read_text()
    elsewhere = text.replace('sys_platform == \\"linux\\"', 'sys_platform == \\"darwin\\"')
    (today / "pylock.toml").write_text(elsewhere)
    with pytest.raises(subprocess.CalledProcessError):
        by_pip(today, sys.executable)


def test_a_model_of_another_platform_is_proven_with_what_its_lock_has_here(today: Path) -> None:
    trace = json.loads((today / "trace.json").read_text())
    trace["markers"] |= {"sys_platform": "darwin", "platform_machine": "arm64"}
    (today / "trace.json").write_text(json.dumps(trace))
    lock_model(today, platforms=["linux_x86_64"])
    verdict = verify(today)
    assert verdict.status == "reproduces"
    assert any("what pylock.toml has for this counts" in note for note in verdict.notes)
