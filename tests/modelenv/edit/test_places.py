"""A folder on another disk, on one that is read-only, below a parent that nobody may write to."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import modelenv
from envfiles import TargetRefused, TargetUnwritable, read_folder
from modelenv import lock_model, migrate_channels, update_requirements
from modelenv.folder.model_folder import ModelFolder
from modelenv.folder.rewrite import rewriting

Model = Callable[..., Path]
NOBODY = 65534

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="places of POSIX")


@pytest.fixture
def folder(model: Model, installed_site: Callable[..., None], wheels: Any) -> Path:
    """A model, alone in a folder, that can be edited in each way."""
    for name in ("alpha", "added"):
        installed_site(name, "1.0")
        wheels.add(name, "1.0")
    made = model({"alpha==1.0": "imported by the model"}, name="out/model")
    conda = made / "conda.yaml"
    conda.write_text(conda.read_text().replace("conda-forge", "defaults"))
    return made


def mounted(place: Path, *words: str) -> Iterator[Path]:
    """Mount something for as long as it is looked at."""
    place.mkdir(exist_ok=True)
    command = ["mount", *words, str(place)]
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("this user may not mount")
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own."""
    yield from mounted(tmp_path / "disk", "-t", "tmpfs", "tmpfs")


EDITS: dict[str, Callable[[Path], object]] = {
    "add": lambda folder: update_requirements(folder, add=["added"], index="never"),
    "lock": lock_model,
}


def test_a_target_on_another_disk_than_all_the_rest(disk: Path, project: Any) -> None:
    target = disk / "deep" / "model"
    for factor in (2, 3):  # a new folder, and one that is replaced
        model = project.model(f"return [{factor} * each for each in data]", module=f"own{factor}")
        modelenv.save_model(model, target, input_example=[1], overwrite=True)
    edited = update_requirements(target, add=["pip"], index="never")
    assert str(edited.difference.changes[0]).startswith("+ pip")
    assert modelenv.predict(target) == [3]
    assert [path.name for path in target.parent.iterdir()] == ["model"]


@pytest.mark.parametrize("what", EDITS)
def test_on_a_disk_that_is_read_only_the_place_is_named(
    what: str, folder: Path, disk: Path
) -> None:
    there = disk / "model"
    subprocess.run(["cp", "-r", str(folder), str(there)], check=True)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with pytest.raises(TargetUnwritable, match=rf"{there}: cannot be written: Read-only"):
        EDITS[what](there)
    (migrated,) = migrate_channels(there)
    assert "cannot be written: Read-only file system" in migrated.reason


def test_a_mount_point_is_refused_but_for_its_channels(folder: Path) -> None:
    for place in mounted(folder, "--bind", str(folder)):
        with pytest.raises(TargetRefused, match="mount point"):
            EDITS["add"](place)
        (migrated,) = migrate_channels(place)
        assert (migrated.status, migrated.notes) == ("changed", ())


def test_a_link_is_refused_with_what_to_name(folder: Path, tmp_path: Path) -> None:
    link = tmp_path / "latest"
    link.symlink_to(folder)
    with pytest.raises(TargetRefused, match="name the folder that it points to"):
        EDITS["add"](link)
    (migrated,) = migrate_channels(link)  # a file of it is what is changed
    assert migrated.status == "changed"
    assert read_folder(folder).channels == ("conda-forge",)
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


@pytest.fixture
def not_mine(folder: Path) -> Iterator[Path]:
    """A model that a user without rights owns, in a folder that they may not write to."""
    if os.geteuid() != 0:
        pytest.skip("this user cannot become another")
    with tempfile.TemporaryDirectory(dir="/var/tmp") as place:
        Path(place).chmod(0o755)
        there = Path(place, "model")
        subprocess.run(["cp", "-r", str(folder), str(there)], check=True)
        subprocess.run(["chown", "-R", str(NOBODY), str(there)], check=True)
        yield there


def as_nobody(work: Callable[[], object]) -> None:
    """Do something in a process of a user without rights."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setuid(NOBODY)
            work()
            code = 0
        finally:
            if code:
                traceback.print_exc(file=sys.__stderr__)
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_below_a_parent_that_is_not_ones_own(not_mine: Path) -> None:
    def edit() -> None:
        model = ModelFolder.at(not_mine, to_change=True)  # nobody may read what is installed
        with pytest.raises(TargetUnwritable, match="Permission denied") as caught, rewriting(model):
            pytest.fail("it was begun")
        assert str(not_mine.parent) in str(caught.value)
        (migrated,) = migrate_channels(not_mine)
        assert migrated.status == "changed"

    as_nobody(edit)
    assert read_folder(not_mine).channels == ("conda-forge",)
    assert list(not_mine.parent.rglob(".*")) == []


def test_a_large_file_is_not_copied(folder: Path) -> None:
    large = folder / "large.bin"
    with large.open("wb") as stream:
        stream.truncate(100_000_000)
    before = large.stat()
    began = time.process_time()
    EDITS["add"](folder)
    assert large.stat().st_ino == before.st_ino
    assert large.stat().st_mtime_ns == before.st_mtime_ns
    assert time.process_time() - began < 5
