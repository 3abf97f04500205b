"""Kill the writer, or fail a call, between any two steps: old or new, never a mixture."""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from envfiles import EnvFilesError, recover, stage

ROOT = Path(__file__).parents[3]
OLD = {"MLmodel": "old\n", "requirements.txt": "numpy==1\n", "only_old": "1"}
NEW = {"MLmodel": "new\n", "requirements.txt": "numpy==2\n", "only_new": "2"}

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux")

# The interpreter tells an audit hook of each system call before it is made.
EVENTS = {
    *("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.listdir", "os.scandir"),
    *("os.chmod", "fcntl.flock", "ctypes.dlsym"),
}


def run(target: Path, way: str, step: int, *, exchanging: bool) -> int:
    """Replace the target in a forked child that dies, or whose call fails, before a step.

    Return how it ended: the signal, negative, or 0, or 1 where it raised.
    """
    child = os.fork()
    if child == 0:
        os._exit(_replace(target, way, step, exchanging=exchanging))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _replace(target: Path, way: str, step: int, *, exchanging: bool) -> int:
    if not exchanging:
        sys.modules["ctypes"] = None  # type: ignore[assignment]
    steps = itertools.count(1)
    armed = True

    def hook(event: str, values: object) -> None:
        if armed and event in EVENTS and next(steps) == step:
            if way == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            raise OSError(28, "No space left on device")

    sys.addaudithook(hook)
    try:
        place(target)
    except (OSError, EnvFilesError):
        return 1
    finally:
        armed = False
    return 0 if next(steps) <= step else 2


def place(target: Path) -> None:
    with stage(target, overwrite=True) as staging:
        staging.write(NEW)
        staging.commit()


def fill(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)


def content(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def is_clean_after_the_next(target: Path) -> bool:
    place(target)
    return [path.name for path in target.parent.iterdir()] == [target.name]


@pytest.mark.parametrize("exchanging", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_killed_before_any_system_call_the_folder_is_the_old_one_or_the_new_one(
    tmp_path: Path, exchanging: bool
) -> None:
    outcomes = []
    for step in range(1, 60):
        target = tmp_path / str(step) / "model"
        target.parent.mkdir()
        fill(target, OLD)
        done = run(target, "kill", step, exchanging=exchanging)
        if not exchanging:
            recover(target)
        found = content(target)
        assert found in (OLD, NEW), step
        outcomes.append(found == NEW)
        assert is_clean_after_the_next(target), step
        if done == 0:
            break
        assert done == -signal.SIGKILL
    else:
        pytest.fail("it never came to its end")
    assert len(outcomes) > 12
    assert outcomes == sorted(outcomes)  # once it is the new one, it stays the new one


@pytest.mark.parametrize("exchanging", [pytest.param(True, marks=pytest.mark.slow), False])
def test_whichever_system_call_fails_the_folder_is_the_old_one_or_the_new_one(
    tmp_path: Path, exchanging: bool
) -> None:
    for step in range(1, 60):
        target = tmp_path / str(step) / "model"
        target.parent.mkdir()
        fill(target, OLD)
        done = run(target, "fail", step, exchanging=exchanging)
        recover(target)
        assert content(target) in (OLD, NEW), step
        assert is_clean_after_the_next(target), step
        if done == 0:
            break
    else:
        pytest.fail("it never came to its end")


def test_killed_while_the_first_one_is_made_the_target_is_absent_or_whole(tmp_path: Path) -> None:
    for step in range(1, 60):
        target = tmp_path / str(step) / "model"
        target.parent.mkdir()
        done = run(target, "kill", step, exchanging=True)
        assert not target.exists() or content(target) == NEW, step
        if done == 0:
            break


def test_a_reader_ends_what_a_killed_writer_began(tmp_path: Path) -> None:
    """Without an exchange the target is absent for a moment; who looks for it then finds it."""
    absent = 0
    for step in range(1, 60):
        target = tmp_path / str(step) / "model"
        target.parent.mkdir()
        fill(target, OLD)
        if run(target, "kill", step, exchanging=False) == 0:
            break
        absent += not target.exists()
        recover(target)
        assert target.exists()
    assert absent


class TestLeftovers:
    def test_of_a_dead_process_go_with_the_next(self, tmp_path: Path) -> None:
        code = (
            "import os, signal\nfrom envfiles import stage\n"
            f"with stage({str(tmp_path / 'model')!r}):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
        )
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
        assert [path.suffix for path in tmp_path.iterdir()] == [".partial"]
        with stage(tmp_path / "model") as staging:
            assert [path.name for path in tmp_path.iterdir()] == [staging.folder.name]

    def test_of_a_living_process_stay(self, tmp_path: Path) -> None:
        with stage(tmp_path / "model") as first:
            first.write(OLD)
            with stage(tmp_path / "model") as second:
                second.write(NEW)
                assert content(first.folder) == OLD
        code = (
            "import sys\nfrom envfiles import stage\n"
            f"with stage({str(tmp_path / 'model')!r}):\n    print('in', flush=True)\n"
            "    sys.stdin.read()\n"
        )
        with subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as other:
            assert other.stdout is not None
            other.stdout.readline()
            with stage(tmp_path / "model"):
                assert sum(path.suffix == ".partial" for path in tmp_path.iterdir()) == 2
            assert other.stdin is not None
            other.stdin.close()
        assert list(tmp_path.iterdir()) == []

    def test_of_another_target_stay(self, tmp_path: Path) -> None:
        for name in (".model2.00000000.partial", ".model.x.partial", "model.00000000.partial"):
            (tmp_path / name).mkdir()
        with stage(tmp_path / "model") as staging:
            staging.commit()
        assert len(list(tmp_path.iterdir())) == 4

    def test_a_journal_that_leads_elsewhere_is_not_followed(self, tmp_path: Path) -> None:
        (tmp_path / "victim").mkdir()
        journal = tmp_path / ".model.00000000.journal"
        journal.write_text('{"new": "victim", "old": "../victim"}')
        recover(tmp_path / "model")
        assert (tmp_path / "victim").exists()
        assert not (tmp_path / "model").exists()

    @pytest.mark.parametrize("text", ["", "{", "[]", '{"new": 1}', "\x00"])
    def test_a_journal_that_was_not_whole_yet_is_nothing(self, tmp_path: Path, text: str) -> None:
        fill(tmp_path / "model", OLD)
        (tmp_path / ".model.00000000.journal").write_text(text)
        assert is_clean_after_the_next(tmp_path / "model")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k,nr_inodes=64", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("this user may not mount a small disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_with_the_disk_full_the_old_folder_stays(small_disk: Path) -> None:
    from envfiles import TargetUnwritable

    target = small_disk / "model"
    fill(target, OLD)
    with pytest.raises(TargetUnwritable, match="No space left"), stage(target, overwrite=True) as s:
        s.write({"large": "x" * 1_000_000})
    assert content(target) == OLD
    assert [path.name for path in small_disk.iterdir()] == ["model"]


def test_on_a_disk_that_became_read_only_the_old_folder_stays(small_disk: Path) -> None:
    from envfiles import TargetUnwritable

    target = small_disk / "model"
    fill(target, OLD)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(TargetUnwritable, match="Read-only"), stage(target, overwrite=True):
        pytest.fail("the block was entered")
    assert content(target) == OLD


@pytest.mark.slow
@pytest.mark.parametrize("exchanging", [True, False])
def test_killed_at_random_moments_two_hundred_times(tmp_path: Path, exchanging: bool) -> None:
    code = (
        "import os, sys\n"
        + ("" if exchanging else "sys.modules['ctypes'] = None\n")
        + "from envfiles import stage\n"
        "print('ready', flush=True)\n"
        "count = 0\n"
        "while True:\n"
        "    count += 1\n"
        "    generation = f'{os.getpid()}.{count}'\n"
        f"    with stage({str(tmp_path / 'model')!r}, overwrite=True) as staging:\n"
        "        files = {f'{n}.txt': generation for n in range(20)}\n"
        "        staging.write({'MLmodel': generation, **files})\n"
        "        staging.commit()\n"
        "    print(count, flush=True)\n"
    )
    target, chance = tmp_path / "model", random.Random(7)
    generations = set()
    for _ in range(200):
        with subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout is not None
            for _ in range(1 + chance.randrange(4)):  # ready, and up to three replacements
                writer.stdout.readline()
            time.sleep(chance.random() * 0.02)
            writer.kill()
        recover(target)
        if target.exists():
            found = content(target)
            assert len(found) == 21
            assert len(set(found.values())) == 1
            generations.add(found["MLmodel"])
    assert len(generations) > 50
    assert is_clean_after_the_next(target)
