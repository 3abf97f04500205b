"""Several write one folder at the same time: each write is there, or was refused."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from envfiles import Fingerprint, TargetBusy, TargetChanged, leftovers, stage
from envfiles.store.locking import lock_file, locked

ROOT = Path(__file__).parents[3]
MODEL = {"MLmodel": "old\n", "requirements.txt": "numpy==1\n"}


pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A model folder, alone in another."""
    folder = tmp_path / "out" / "model"
    folder.mkdir(parents=True)
    for name, text in MODEL.items():
        (folder / name).write_text(text)
    return folder


def append(target: Path, line: str, *, thinking: float = 0.0) -> None:
    """Add a line to a file, as an edit does: read, think, write a copy, put it in place."""
    found = Fingerprint.of(target)
    text = (target / "requirements.txt").read_text()
    time.sleep(thinking)
    with stage(target, overwrite=True, since=found) as staging:
        staging.carry()
        staging.write({"requirements.txt": f"{text}{line}\n"})
        staging.commit()


def lines(target: Path) -> list[str]:
    return (target / "requirements.txt").read_text().splitlines()


def write(target: Path, found: Fingerprint, *, carry: bool = False) -> None:
    """Write over what was found before."""
    with stage(target, overwrite=True, since=found) as staging:
        if carry:
            staging.carry()
            pytest.fail("it went on with a mixture")
        staging.write({"MLmodel": "mine"})
        staging.commit()


class TestWhoReadBefore:
    @pytest.mark.parametrize("carry", [True, False])
    def test_is_refused_where_somebody_wrote_meanwhile(self, target: Path, carry: bool) -> None:
        found = Fingerprint.of(target)
        append(target, "theirs")
        with pytest.raises(TargetChanged, match=r"meanwhile \(requirements\.txt\)") as caught:
            write(target, found, carry=carry)
        assert caught.value.changed == ("requirements.txt",)
        assert lines(target) == ["numpy==1", "theirs"]
        assert [path.name for path in target.parent.iterdir()] == ["model"]

    def test_is_refused_where_the_folder_is_gone(self, target: Path) -> None:
        found = Fingerprint.of(target)
        shutil.rmtree(target)
        with pytest.raises(TargetChanged, match=r"MLmodel, requirements\.txt"):
            write(target, found)
        assert not target.exists()

    def test_who_overwrites_is_told_what_that_undid(self, target: Path) -> None:
        with stage(target, overwrite=True) as staging:
            append(target, "theirs")
            staging.write({"MLmodel": "mine"})
            staging.commit()
        (note,) = staging.notes
        assert "(requirements.txt)" in note
        with stage(target, overwrite=True) as staging:
            staging.write({"MLmodel": "mine"})
            staging.commit()
        assert staging.notes == ()


CHANGES: dict[str, Callable[[Path], object]] = {
    "other bytes": lambda folder: (folder / "small").write_text("b"),
    "a large one's bytes": lambda folder: (folder / "large").write_bytes(b"b" * (2 << 20)),
    "a large one's length": lambda folder: os.truncate(folder / "large", 2 << 20),
    "a new file": lambda folder: (folder / "new").touch(),
    "a new folder": lambda folder: (folder / "new").mkdir(),
    "one below": lambda folder: (folder / "code" / "own.py").write_text("b"),
    "one gone": lambda folder: (folder / "small").unlink(),
    "another name": lambda folder: (folder / "small").rename(folder / "other"),
    "a link that leads elsewhere": lambda folder: (folder / "another").replace(folder / "link"),
    "a pipe instead of a file": lambda folder: (folder / "pipe").replace(folder / "small"),
}


class TestFingerprint:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        (tmp_path / "code").mkdir()
        (tmp_path / "code" / "own.py").write_text("a")
        (tmp_path / "small").write_text("a")
        (tmp_path / "large").write_bytes(b"a" * ((2 << 20) + 1))
        (tmp_path / "link").symlink_to("small")
        (tmp_path / "another").symlink_to("large")
        os.mkfifo(tmp_path / "pipe")
        return tmp_path

    @pytest.mark.parametrize("what", CHANGES)
    def test_every_change_is_seen(self, folder: Path, what: str) -> None:
        before = Fingerprint.of(folder)
        assert before == Fingerprint.of(folder)
        CHANGES[what](folder)
        assert before != Fingerprint.of(folder)
        assert before.differing(Fingerprint.of(folder))

    def test_what_says_nothing_new_is_none(self, folder: Path) -> None:
        before = Fingerprint.of(folder)
        (folder / "code" / "__pycache__").mkdir()
        (folder / ".small.0123abcd.partial").touch()
        (folder / "small").unlink()
        (folder / "small").write_text("a")  # another file of the same bytes
        os.utime(folder / "code" / "own.py", (0, 0))
        os.link(folder / "large", folder.parent / f"{folder.name}-second")
        assert before == Fingerprint.of(folder)

    def test_of_nothing_is_nothing(self, tmp_path: Path) -> None:
        assert Fingerprint.of(tmp_path / "gone") == Fingerprint()


def test_of_many_writers_each_line_is_there_or_was_refused(target: Path) -> None:
    refused: list[str] = []

    def write(line: str) -> None:
        for _ in range(3):
            try:
                append(target, line, thinking=0.01)
            except (TargetChanged, FileNotFoundError):
                continue
            return
        refused.append(line)

    wanted = [f"line{number}" for number in range(24)]
    threads = [threading.Thread(target=write, args=(line,)) for line in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(lines(target)) == sorted({"numpy==1", *wanted} - set(refused))
    assert len(refused) < len(wanted)
    assert [path.name for path in target.parent.iterdir()] == ["model"]


LOCKED = """
import sys, time
from pathlib import Path
sys.path.insert(0, {root!r})
from envfiles.store.locking import locked
with locked(Path({target!r}), "commit", patience=5):
    print("held", flush=True)
    time.sleep(60)
"""


class TestLock:
    @pytest.fixture
    def holder(self, target: Path) -> Iterator[subprocess.Popen[bytes]]:
        """Another process that holds the lock."""
        code = LOCKED.format(root=str(ROOT), target=str(target))
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            yield process
            process.kill()

    def test_is_not_taken_from_one_who_lives(
        self, target: Path, holder: subprocess.Popen[bytes]
    ) -> None:
        os.utime(lock_file(target, "commit"), (0, 0))  # its age says nothing
        os.kill(holder.pid, signal.SIGSTOP)
        with (
            pytest.raises(TargetBusy, match="another process"),
            locked(target, "commit", patience=0.1),
        ):
            pytest.fail("it was taken")
        os.kill(holder.pid, signal.SIGCONT)

    def test_goes_with_one_who_is_killed(
        self, target: Path, holder: subprocess.Popen[bytes]
    ) -> None:
        holder.kill()
        holder.wait()
        assert lock_file(target, "commit").exists()
        append(target, "mine")
        assert lines(target) == ["numpy==1", "mine"]
        assert [path.name for path in target.parent.iterdir()] == ["model"]

    def test_a_child_that_was_forked_meanwhile_does_not_keep_it(self, target: Path) -> None:
        with locked(target, "commit", patience=0):
            child = os.fork()
            if child == 0:
                time.sleep(60)
                os._exit(0)
        try:
            with locked(target, "commit", patience=0) as alone:
                assert alone
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)

    def test_a_link_of_its_name_is_not_followed(self, target: Path) -> None:
        lock_file(target, "commit").symlink_to(target.parent / "elsewhere")
        with pytest.raises(OSError, match="links"), locked(target, "commit", patience=0):
            pytest.fail("it was followed")
        assert not (target.parent / "elsewhere").exists()


def test_where_the_system_has_no_locks_the_race_is_named(target: Path) -> None:
    code = (
        "import sys\nsys.modules['fcntl'] = None\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "from envfiles import stage\n"
        f"with stage({str(target)!r}, overwrite=True) as staging:\n"
        "    staging.write({'MLmodel': 'new'})\n    staging.commit()\n"
        "print(staging.notes)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "has no locks here: of two changes at the same moment one may be lost" in done.stdout
    assert [path.name for path in target.parent.iterdir()] == ["model"]


def test_what_a_killed_writer_left_is_named_until_the_next_writes(target: Path) -> None:
    code = (
        f"import os, sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom envfiles import stage\n"
        f"with stage({str(target)!r}, overwrite=True):\n    os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=False)
    (left,) = leftovers(target)
    assert left.parent == target.parent
    with stage(target, overwrite=True):
        assert leftovers(target) == ()  # what is being written is none
