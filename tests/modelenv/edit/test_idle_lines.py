"""Lines for other targets stay in the list, and count where it is locked for these."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
import yaml

from envfiles import read_folder, read_pylock
from modelenv import Indexes, lock_model, update_requirements
from modelenv.pins.change.idle_lines import idle_lines
from resolver import Lines, Target

from ...small_worlds import Index, write_wheel

pytest.importorskip("packaging.pylock")

HERE = Target.of("3.11", "linux_x86_64")


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ('a==1; sys_platform == "win32"', True),
        ('a; platform_machine == "arm64" and python_version >= "3.12"', True),
        ('a; python_version < "3.11"', True),
        ('a; python_version < "3"', False),
        ('a; sys_platform == "linux" and sys_platform == "win32"', False),
        ('a @ https://me:secret@host/a.zip ; sys_platform == "win32"', False),
        ('a; sys_platform == "linux"', False),
        ("a", False),
    ],
)
def test_what_another_target_installs_is_told_apart(line: str, kept: bool) -> None:
    lines = Lines.of([line], "add").requirements
    assert bool(idle_lines(lines, HERE)) is kept
    assert idle_lines(lines, HERE, ["a"]) == ()
    assert idle_lines([*lines, *Lines.of(["A>=1"], "add").requirements], HERE) == ()


@pytest.fixture
def other() -> str:
    """A marker that is false here and true on another platform, and that platform."""
    here = Target.current().markers["sys_platform"]
    return "win32" if here != "win32" else "linux"


@pytest.fixture
def folder(configured: Any, index: Index, tmp_path: Path) -> Path:
    for name, version in (("alpha", "1.0"), ("gamma", "1.0"), ("gamma", "1.5")):
        index.add(write_wheel(tmp_path / "files", name, version))
    made: Path = configured(f"{index.url}/simple")
    return made


def listed(folder: Path) -> list[str]:
    return [each.requirement for each in read_folder(folder).requirements]


def test_a_line_for_another_platform_is_kept_and_locked_for_it(folder: Path, other: str) -> None:
    line = f'gamma<1.5; sys_platform == "{other}"'
    never = "delta; python_version < '3'"
    edited = update_requirements(folder, add=[line, never])
    assert listed(folder) == ["alpha==1.0", line]
    assert f"kept for other targets (modelenv lock --platform): add[0]: {line}" in edited.notes
    assert any(each.startswith("left out: add[1]: delta") for each in edited.notes)
    assert line in yaml.safe_load((folder / "conda.yaml").read_text())["dependencies"][-1]["pip"]

    platform = "win_amd64" if other == "win32" else "linux_x86_64"
    for hashes in (False, True):
        lock_model(folder, platforms=[platform], hashes=hashes)
        lock = read_pylock((folder / "pylock.toml").read_text())
        found = {each.name: (each.version, each.marker) for each in lock.packages}
        assert found == {"alpha": ("1.0", ""), "gamma": ("1.0", f'sys_platform == "{other}"')}
        assert listed(folder) == ["alpha==1.0", line]
    assert [bool(each.hashes) for each in read_folder(folder).requirements] == [True, False]

    edited = update_requirements(folder, add=[f'gamma; sys_platform == "{other}"'])
    assert listed(folder) == ["alpha==1.0", f'gamma; sys_platform == "{other}"']
    assert not (folder / "pylock.toml").exists()  # it was for that platform too
    assert read_folder(folder).requirements[0].hashes
    update_requirements(folder, remove=["gamma"])
    assert listed(folder) == ["alpha==1.0"]


def test_one_that_comes_beside_a_lock_of_this_target_leaves_it_and_the_proof(
    folder: Path, other: str
) -> None:
    lock_model(folder, indexes=Indexes())
    lock = (folder / "pylock.toml").read_bytes()
    line = f'gamma==1.5; sys_platform == "{other}"'
    edited = update_requirements(folder, replace_all=["alpha", line])
    assert "its proof stands" in str(edited)
    assert listed(folder) == ["alpha==1.0", line]
    assert (folder / "pylock.toml").read_bytes() == lock


def test_what_a_lock_leaves_out_is_told_once_for_all_its_targets(folder: Path, other: str) -> None:
    apart = [f'gamma; sys_platform == "{other}"', 'gamma; python_version < "3.9"', "alpha"]
    update_requirements(folder, replace_all=apart)
    update_requirements(folder, add=['delta; python_version < "3.9"'])
    platforms = ["win_amd64", "macosx_arm64", "linux_x86_64"]
    locking = lock_model(folder, platforms=platforms, pythons=["3.12", "3.13"])
    told = [each for each in locking.notes if "delta" in each or "gamma" in each]
    assert told == [
        'not locked, as their markers are for none of these targets: delta; python_version < "3.9"'
    ]
    alone = lock_model(folder)
    (told_alone,) = [each for each in alone.notes if each.startswith("not locked")]
    assert told_alone.startswith("not locked, as their markers are for other targets: delta; ")


def test_a_line_with_an_address_is_told_without_its_login(folder: Path, other: str) -> None:
    line = f'beta @ https://me:secret@host/beta.zip ; sys_platform == "{other}"'
    edited = update_requirements(folder, add=[line])
    assert listed(folder) == ["alpha==1.0"]
    (told,) = [each for each in edited.notes if "beta" in each]
    assert told.startswith("left out, though other targets install it: add[0]: beta @ https://****")
    assert "secret" not in str(edited)


def test_a_line_without_a_hash_in_a_list_that_has_some_is_told(folder: Path, other: str) -> None:
    open_line, pinned = (f'gamma{said}; sys_platform == "{other}"' for said in (">=1", "==1.5"))
    update_requirements(folder, add=[open_line])
    locking = lock_model(folder, hashes=True)
    assert any(each.startswith(f"no hash is known of {open_line}") for each in locking.notes)
    edited = update_requirements(folder, add=[pinned])
    assert any(each.startswith(f"no hash is known of {pinned}") for each in edited.notes)
    platform = "win_amd64" if other == "win32" else "linux_x86_64"
    locking = lock_model(folder, hashes=True, platforms=[platform])
    assert all(each.hashes for each in read_folder(folder).requirements)
    assert not any("no hash" in each for each in locking.notes)


def test_a_name_that_is_pinned_here_now_counts_everywhere(folder: Path, other: str) -> None:
    line = f'gamma<1.5; sys_platform == "{other}"'
    update_requirements(folder, add=[line])
    edited = update_requirements(folder, add=["gamma>=1"])
    assert listed(folder) == ["alpha==1.0", "gamma==1.5"]
    assert f"{line} is gone: gamma is pinned for every target now" in edited.notes


def test_lines_of_one_name_get_the_hashes_of_their_own_versions(
    folder: Path, index: Index, tmp_path: Path
) -> None:
    lines = [
        f"gamma=={version}; python_version {which}"
        for version, which in (("1.0", '< "3.9"'), ("1.5", '== "3.9"'))
    ]
    update_requirements(folder, add=lines)
    assert listed(folder) == ["alpha==1.0", *lines]
    lock_model(folder, hashes=True, pythons=["3.8", "3.9"])
    read = {each.requirement: each.hashes for each in read_folder(folder).requirements}
    for line, version in zip(lines, ("1.0", "1.5"), strict=True):
        wheel = tmp_path / "files" / f"gamma-{version}-py3-none-any.whl"
        assert read[line] == (f"sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}",)
