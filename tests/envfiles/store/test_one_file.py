"""One file of a folder gets other bytes, in one step, from beside the folder."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from envfiles import TargetChanged, TargetUnwritable, leftovers, put_file, replace_file, stage, tidy

ROOT = Path(__file__).parents[3]


def make(parent: Path) -> Path:
    """Make a model folder; return a file of it."""
    folder = parent / "model"
    folder.mkdir(parents=True)
    (folder / "MLmodel").write_text("old\n")
    (folder / "conda.yaml").write_text("old\n")
    return folder / "conda.yaml"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_its_permissions_stay_and_nothing_else_is_there(tmp_path: Path) -> None:
    file = make(tmp_path)
    file.chmod(0o600)
    assert replace_file(file, b"old\n", b"new\n", folder=file.parent) == ()
    assert file.read_bytes() == b"new\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (names(tmp_path), names(file.parent)) == (["model"], ["MLmodel", "conda.yaml"])


def test_one_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(TargetUnwritable):
        replace_file(tmp_path / "gone", b"", b"new")
    assert names(tmp_path) == []


@pytest.mark.parametrize("whole", [True, False])
def test_one_that_somebody_else_changed_stays_theirs(tmp_path: Path, whole: bool) -> None:
    file = make(tmp_path)
    file.write_text("theirs")
    with pytest.raises(TargetChanged, match=r"conda\.yaml: somebody else changed it") as caught:
        replace_file(file, b"old\n", b"new\n", folder=file.parent if whole else None)
    assert caught.value.changed == ("conda.yaml",)
    assert (file.read_text(), names(file.parent)) == ("theirs", ["MLmodel", "conda.yaml"])


EVENTS = ("open", "os.rename", "os.chmod", "os.remove", "fcntl.flock")


def killed(file: Path, step: int) -> bool:
    """Replace a file in a child that is killed before a step; return whether it was."""
    child = os.fork()
    if child == 0:
        left = iter(range(step))

        def hook(event: str, _: object) -> None:
            if event in EVENTS and next(left, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        replace_file(file, b"old\n", b"new\n", folder=file.parent)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux")
def test_killed_at_any_moment_nothing_is_left_in_the_folder(tmp_path: Path) -> None:
    left = 0
    for step in range(60):
        file = make(tmp_path / str(step))
        was_killed = killed(file, step)
        assert file.read_text() in ("old\n", "new\n")
        assert names(file.parent) == ["MLmodel", "conda.yaml"]
        left += len(leftovers(file.parent))
        tidy(file.parent)
        assert names(file.parent.parent) == ["model"]
        if not was_killed:
            break
    else:
        pytest.fail("it never came to its end")
    assert left > 3


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    """A model folder that is a mount point: nothing can be renamed into it from beside it."""
    file = make(tmp_path)
    command = ["mount", "--bind", str(file.parent), str(file.parent)]
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("this user may not mount")
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("nothing can be mounted here")
    yield file
    subprocess.run(["umount", "-l", str(file.parent)], check=True)


def test_in_a_mount_point_it_stands_in_the_folder_until_it_is_whole(mounted: Path) -> None:
    assert replace_file(mounted, b"old\n", b"new\n", folder=mounted.parent) == ()
    assert mounted.read_text() == "new\n"
    assert names(mounted.parent) == ["MLmodel", "conda.yaml"]
    assert names(mounted.parent.parent) == ["model"]


def test_what_was_left_in_a_folder_is_named_not_carried_and_removed(tmp_path: Path) -> None:
    file = make(tmp_path)
    mine, left = file.with_name(".own.partial"), file.with_name(".conda.yaml.0123abcd.partial")
    mine.touch()
    left.touch()
    assert leftovers(file.parent) == (left,)
    with stage(file.parent, overwrite=True) as staging:
        assert not left.exists()
        left.touch()  # as of an old release, which does it now
        staging.carry()
        staging.commit()
    assert names(file.parent) == [".own.partial", "MLmodel", "conda.yaml"]


@pytest.mark.parametrize("before", [None, b"old\n"])
def test_a_file_by_itself_has_all_its_bytes_or_those_before(
    tmp_path: Path, before: bytes | None
) -> None:
    file = tmp_path / "out.json"
    if before is not None:
        file.write_bytes(before)
        file.chmod(0o640)
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handled = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(TargetUnwritable, match=r"out\.json: cannot be .*: File too large$"):
            put_file(file, bytes(5000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handled)
    assert (file.read_bytes() if file.exists() else None) == before
    assert names(tmp_path) == ([] if before is None else ["out.json"])
    put_file(file, b"new\n")
    assert file.read_bytes() == b"new\n"
    assert before is None or stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_link_stays_one_and_what_a_killed_process_left_goes(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("old")
    (tmp_path / ".real.json.0f1e2d3c.partial").write_text("cu")
    (tmp_path / "out.json").symlink_to("real.json")
    put_file(tmp_path / "out.json", b"new")
    assert (tmp_path / "out.json").is_symlink()
    assert (tmp_path / "real.json").read_text() == "new"
    assert names(tmp_path) == ["out.json", "real.json"]


def test_a_pipe_and_a_device_are_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    put_file(pipe, b"new")
    put_file(Path("/dev/null"), b"new")
    assert os.read(reader, 10) == b"new"
    os.close(reader)
    assert names(tmp_path) == ["pipe"]
