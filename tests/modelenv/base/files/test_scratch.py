"""A temporary folder goes with its process, however that ends."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from modelenv.base.files.scratch import OWNER, orphaned, scratch_folder

HOLD = """
import sys
from modelenv.base.files.scratch import scratch_folder
with scratch_folder() as folder:
    (folder / "file").write_text("x")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", str(tmp_path))


@pytest.mark.skipif(sys.platform == "win32", reason="there the system cleans up")
def test_what_a_killed_process_left_is_removed_by_the_next_and_nothing_else() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        theirs = Path(process.stdout.readline().strip())
        with scratch_folder():
            assert (theirs / "file").exists()
        process.kill()
    with scratch_folder() as ours:
        assert not theirs.exists()
        with scratch_folder():
            assert ours.exists()
    assert not ours.exists()


MANY = """
import sys, threading
from modelenv.base.files.scratch import scratch_folder
lost = []
def hold():
    for turn in range(40):
        with scratch_folder() as folder:
            (folder / "file").write_text("x")
        with scratch_folder() as outer, scratch_folder():
            if not (outer / ".owner").is_file():
                lost.append(outer)
def run():
    try:
        hold()
    except BaseException as error:
        lost.append(error)
threads = [threading.Thread(target=run) for _ in range(6)]
for thread in threads: thread.start()
for thread in threads: thread.join()
sys.exit(f"lost: {lost}" if lost else 0)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there the system cleans up")
def test_who_begins_in_the_same_moment_takes_no_folder_from_another() -> None:
    """Between the making of a folder and its lock everybody else sees it without an owner."""
    line = [sys.executable, "-c", MANY]
    many = [subprocess.Popen(line, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    assert [process.communicate(timeout=100)[1] for process in many] == ["", ""]


def _a_socket(place: Path) -> None:
    os.chdir(place.parent)  # its name may be no longer
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(place.name)


def _a_link_to_a_pipe(place: Path) -> None:
    pipe = place.with_name("pipe")
    os.mkfifo(pipe)
    place.symlink_to(pipe)


OTHERS: dict[str, Callable[[Path], object]] = {
    "a pipe": os.mkfifo,
    "a socket": _a_socket,
    "a file": lambda place: place.write_text(""),
    "a link to a pipe": _a_link_to_a_pipe,
    "a link to nothing": lambda place: place.symlink_to(place.with_name("absent")),
}


@pytest.mark.skipif(sys.platform == "win32", reason="there the system cleans up")
@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("name", ["modelenv-run-left", "modelenv-run-ab12cd_9"])
def test_what_is_no_folder_keeps_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: str, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    OTHERS[other](tmp_path / name)
    with scratch_folder() as folder:
        assert folder.is_dir()


@pytest.mark.skipif(sys.platform == "win32", reason="there the system cleans up")
@pytest.mark.parametrize("other", OTHERS)
def test_what_stands_for_an_owner_keeps_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: str
) -> None:
    """The folder itself says whether he lives."""
    monkeypatch.chdir(tmp_path)
    with scratch_folder() as folder:
        (folder / OWNER).unlink()
        OTHERS[other](folder / OWNER)
        with orphaned(folder) as gone:
            assert not gone
    left = tmp_path / "modelenv-run-left"
    left.mkdir()
    OTHERS[other](left / OWNER)
    with scratch_folder():
        assert not left.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="there the system cleans up")
def test_a_link_in_the_place_of_a_folder_is_removed_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "file").write_text("x")
    link = tmp_path / "modelenv-run-ab12cd_9"
    link.symlink_to(tmp_path / "own")
    with scratch_folder():
        assert not link.is_symlink()
    assert (tmp_path / "own" / "file").read_text() == "x"
