"""A folder of somebody else's may change, be deep, or hold what is not what its name says."""

from __future__ import annotations

import json
import os
import pickle
import threading
from collections import Counter
from pathlib import Path

import pytest

from modelenv import inspect_model
from modelenv.folder.documents.pickles import FolderPickles
from modelenv.folder.documents.walk import DEEPEST, GONE, Listed, shortly, walk

from ...fuzz.grounds import write_pinned
from ...small_worlds import write_wheel


def unscanned(folder: Path, *loaded: str) -> dict[str, str]:
    """Return what of a folder was not scanned, by its name."""
    return {
        each.name: each.reason
        for each in FolderPickles.of(folder, folder / "code", loaded).unscanned
    }


def test_what_is_listed_is_in_order_and_no_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("c", "b/z", "b/a"):
        (tmp_path / name).write_text("12")
    (tmp_path / "b" / "loop").symlink_to("..")
    found = [*walk(tmp_path)]
    assert [each.name for each in found] == ["c", "b/a", "b/loop", "b/z"]
    assert [each.size for each in found] == [2, 2, 0, 2]


@pytest.mark.skipif(os.name == "nt", reason="such paths are too long there")
def test_a_folder_deeper_than_any_is_named_shortly(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(DEEPEST + 5):
        deep /= "folder"
    deep.mkdir(parents=True)
    (said,) = FolderPickles.of(tmp_path, tmp_path / "code").unscanned
    assert f"a folder below {DEEPEST} others" in said.reason
    assert len(str(said)) < 250
    assert (shortly("a/b"), len(shortly("folder/" * 500))) == ("a/b", 121)


def test_what_went_away_is_told(tmp_path: Path) -> None:
    assert [each.reason for each in walk(tmp_path / "none")] == [GONE]
    with pytest.raises(StopIteration):
        next(walk(tmp_path))


@pytest.mark.skipif(os.name == "nt", reason="a file that is open cannot go away there")
def test_a_folder_that_changes_is_inspected_all_the_same(tmp_path: Path) -> None:
    folder = write_pinned(tmp_path / "model")
    ended = threading.Event()

    def change() -> None:
        while not ended.is_set():
            for number in range(20):
                (folder / f"x{number}").write_bytes(pickle.dumps(Counter()))
            for number in range(20):
                (folder / f"x{number}").unlink()

    changing = threading.Thread(target=change)
    changing.start()
    try:
        for _ in range(10):
            assert inspect_model(folder).bytes > 0
    finally:
        ended.set()
        changing.join()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nobody is refused here")
def test_a_folder_that_cannot_be_listed_is_told(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    assert "Permission" in unscanned(tmp_path)["closed"]


def test_a_wheel_is_one_by_content_and_where_wheels_are(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path / "wheels", "gamma", "1.0")
    assert "a distribution" in unscanned(tmp_path)[f"wheels/{wheel.name}"]
    (tmp_path / wheel.name).write_bytes(wheel.read_bytes())
    (tmp_path / "wheels" / "other.whl").write_bytes(pickle.dumps(Counter()))
    found = FolderPickles.of(tmp_path, tmp_path / "code")
    assert found.named == {"wheels/other.whl": ("collections.Counter",)}
    assert wheel.name not in unscanned(tmp_path)
    assert f"wheels/{wheel.name}" not in unscanned(tmp_path, f"wheels/{wheel.name}")
    assert f"wheels/{wheel.name}" not in unscanned(tmp_path, "wheels")


def test_only_that_it_is_code_is_told_elsewhere(tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.mkdir()
    (code / "own.py").write_bytes(b"x = 1\n")
    (code / "other.py").write_bytes(pickle.dumps(Counter()) + b"behind")
    found = FolderPickles.of(tmp_path, code)
    assert found.named == {"code/other.py": ("collections.Counter",)}
    assert [each.name for each in found.unscanned] == ["code/other.py"]


def test_all_files_share_the_opcodes_there_are(tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / f"{number}.pkl").write_bytes(b"\x80\x04" + b"N0" * 200_000 + b"N.")
    said = unscanned(tmp_path)
    assert set(said) == {"2.pkl", "3.pkl"}
    assert "more opcodes" in said["2.pkl"]
    assert "no time is left" in said["3.pkl"]


def test_a_thing_without_a_kind_has_no_size(tmp_path: Path) -> None:
    assert Listed(tmp_path, "a", None, GONE).size == 0
    assert json.dumps(unscanned(tmp_path)) == "{}"
