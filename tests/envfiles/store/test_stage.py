# ruff: noqa: PT012 (what is raised in the block of `stage` is what is tested)
from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from envfiles import StoreError, TargetExists, TargetRefused, TargetUnwritable, stage

ROOT = Path(__file__).parents[3]
MODEL = {"MLmodel": "flavors: {}\n", "requirements.txt": "numpy==2.4.6\n"}
posix = pytest.mark.skipif(os.name != "posix", reason="needs signals and fork")


def fill(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def content(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def place(target: Path, files: dict[str, str], *, overwrite: bool = False) -> None:
    with stage(target, overwrite=overwrite) as staging:
        staging.write(files)
        staging.commit()


def run(code: str, target: Path) -> int:
    """Run code in a child interpreter, the target in its `target`."""
    head = f"import os, signal\nfrom envfiles import stage\ntarget = {str(target)!r}\n"
    return subprocess.run([sys.executable, "-c", head + code], cwd=ROOT, check=False).returncode


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A folder that every user can reach, which those of pytest are not."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        yield Path(place)


class TestPlacing:
    def test_the_folder_appears_whole_and_alone(self, tmp_path: Path) -> None:
        target = tmp_path / "model"
        with stage(target) as staging:
            staging.write(MODEL)
            assert staging.folder.parent == tmp_path
            assert staging.folder.name.startswith(".model.")
            assert not target.exists()
            staging.commit()
        assert content(target) == MODEL
        assert names(tmp_path) == ["model"]

    def test_missing_parents_are_made(self, tmp_path: Path) -> None:
        place(tmp_path / "a" / "b" / "model", MODEL)
        assert content(tmp_path / "a" / "b" / "model") == MODEL

    def test_an_empty_folder_counts_as_absent(self, tmp_path: Path) -> None:
        (tmp_path / "model").mkdir()
        place(tmp_path / "model", MODEL)
        assert content(tmp_path / "model") == MODEL

    def test_a_relative_path_is_meant_from_where_the_block_was_entered(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path)
        with stage("model/") as staging:
            monkeypatch.chdir(tmp_path / "elsewhere")
            staging.commit()
        assert (tmp_path / "model").is_dir()

    @posix
    def test_the_umask_gives_the_permissions(self, tmp_path: Path) -> None:
        before = os.umask(0o027)
        try:
            place(tmp_path / "model", MODEL)
        finally:
            os.umask(before)
        assert stat.S_IMODE((tmp_path / "model").stat().st_mode) == 0o750

    def test_a_name_as_long_as_the_file_system_allows_is_taken(self, tmp_path: Path) -> None:
        place(tmp_path / ("é" * 127), MODEL)
        assert content(tmp_path / ("é" * 127)) == MODEL

    def test_a_second_commit_is_an_error(self, tmp_path: Path) -> None:
        with stage(tmp_path / "model") as staging:
            staging.commit()
            with pytest.raises(RuntimeError, match="committed already"):
                staging.commit()


class TestLeaving:
    def test_without_commit_nothing_is_left(self, tmp_path: Path) -> None:
        with stage(tmp_path / "a" / "b" / "model") as staging:
            staging.write(MODEL)
        assert names(tmp_path) == []

    @pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
    def test_by_an_exception_nothing_is_left(
        self, tmp_path: Path, error: type[BaseException]
    ) -> None:
        with pytest.raises(error), stage(tmp_path / "a" / "model") as staging:
            staging.write(MODEL)
            (staging.folder / "code").mkdir(mode=0o500)
            raise error
        assert names(tmp_path) == []

    def test_the_old_folder_stays_as_it_was(self, tmp_path: Path) -> None:
        target = fill(tmp_path / "model", MODEL)
        with pytest.raises(ValueError, match="no"), stage(target, overwrite=True) as staging:
            staging.write({"MLmodel": "new"})
            raise ValueError("no")
        assert content(target) == MODEL
        assert names(tmp_path) == ["model"]

    def test_a_parent_that_somebody_else_uses_by_now_stays(self, tmp_path: Path) -> None:
        with stage(tmp_path / "a" / "model"):
            (tmp_path / "a" / "theirs").write_text("x")
        assert names(tmp_path / "a") == ["theirs"]

    def test_the_error_of_the_block_is_seen_even_if_the_folder_is_gone(
        self, tmp_path: Path
    ) -> None:
        with pytest.raises(ValueError, match="seen"), stage(tmp_path / "model") as staging:
            staging.folder.rmdir()
            raise ValueError("seen")


class TestRefusing:
    def test_an_existing_target_before_any_work(self, tmp_path: Path) -> None:
        target = fill(tmp_path / "model", MODEL)
        with pytest.raises(TargetExists) as caught, stage(target):
            pytest.fail("the block was entered")
        assert str(caught.value) == (
            f"{target}: exists already: choose another path, or pass overwrite=True (--overwrite)"
            " to replace it"
        )
        assert names(tmp_path) == ["model"]

    @pytest.mark.parametrize("overwrite", [False, True])
    def test_a_file(self, tmp_path: Path, overwrite: bool) -> None:
        (tmp_path / "model").write_text("mine")
        with (
            pytest.raises(StoreError, match="is a file"),
            stage(tmp_path / "model", overwrite=overwrite),
        ):
            pytest.fail("the block was entered")
        assert (tmp_path / "model").read_text() == "mine"

    @posix
    @pytest.mark.parametrize("overwrite", [False, True])
    @pytest.mark.parametrize("points_to", ["there", "nowhere"])
    def test_a_symbolic_link(self, tmp_path: Path, points_to: str, overwrite: bool) -> None:
        fill(tmp_path / "there", MODEL)
        (tmp_path / "model").symlink_to(tmp_path / points_to)
        with (
            pytest.raises(TargetRefused, match="symbolic link"),
            stage(tmp_path / "model", overwrite=overwrite),
        ):
            pytest.fail("the block was entered")
        assert content(tmp_path / "there") == MODEL

    @pytest.mark.parametrize(
        "files", [{"notes.md": ""}, {"requirements.txt": "", "setup.py": ""}, {**MODEL, ".git": ""}]
    )
    def test_to_overwrite_what_is_no_model(self, tmp_path: Path, files: dict[str, str]) -> None:
        target = fill(tmp_path / "project", files)
        with pytest.raises(TargetRefused), stage(target, overwrite=True):
            pytest.fail("the block was entered")
        assert content(target) == files

    @pytest.mark.parametrize("name", [".", "..", "../model"])
    @pytest.mark.parametrize("files", [{}, MODEL])
    def test_the_working_directory_and_its_parents(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, files: dict[str, str]
    ) -> None:
        (fill(tmp_path / "model", files) / "below").mkdir()
        monkeypatch.chdir(tmp_path / "model" / ("below" if name == ".." else ""))
        if not files and name != "..":
            Path("below").rmdir()
        with pytest.raises(TargetRefused), stage(name, overwrite=True):
            pytest.fail("the block was entered")

    @pytest.mark.parametrize("mount", ["/dev/shm", "/proc"])
    def test_a_mount_point(self, mount: str) -> None:
        if not os.path.ismount(mount):
            pytest.skip("not mounted here")
        with pytest.raises(TargetRefused, match="mount point"), stage(mount, overwrite=True):
            pytest.fail("the block was entered")

    def test_a_path_below_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("x")
        reason = "cannot be written: Not a directory"
        below = tmp_path / "file" / "a" / "model"
        with pytest.raises(TargetUnwritable, match=reason), stage(below):
            pytest.fail("the block was entered")
        assert names(tmp_path) == ["file"]

    def test_a_name_that_is_too_long(self, tmp_path: Path) -> None:
        with (
            pytest.raises(TargetUnwritable, match="File name too long"),
            stage(tmp_path / ("x" * 256)),
        ):
            pytest.fail("the block was entered")

    def test_a_parent_name_that_is_too_long_leaves_nothing(self, tmp_path: Path) -> None:
        with pytest.raises(TargetUnwritable), stage(tmp_path / "a" / ("x" * 256) / "model"):
            pytest.fail("the block was entered")
        assert names(tmp_path) == []

    @posix
    @pytest.mark.parametrize("old", [True, False])
    def test_a_parent_that_is_read_only(self, open_place: Path, old: bool) -> None:
        locked = open_place / "locked"
        target = fill(locked / "model", MODEL) if old else locked / "model"
        locked.mkdir(exist_ok=True)
        locked.chmod(0o555)
        code = (
            "from envfiles import TargetUnwritable\n"
            "if os.geteuid() == 0:\n"
            "    os.setuid(65534)  # nobody, who may not write everywhere\n"
            "try:\n"
            "    with stage(target, overwrite=True):\n"
            "        os._exit(3)\n"
            "except TargetUnwritable as error:\n"
            "    os._exit(0 if 'Permission denied' in str(error) else 4)\n"
        )
        assert run(code, target) == 0
        locked.chmod(0o755)
        assert names(locked) == (["model"] if old else [])
        assert not old or content(target) == MODEL

    @posix
    def test_a_relative_path_where_the_working_directory_is_gone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "gone").mkdir()
        monkeypatch.chdir(tmp_path / "gone")
        (tmp_path / "gone").rmdir()
        with pytest.raises(TargetUnwritable, match="working directory"), stage("model"):
            pytest.fail("the block was entered")
        place(fill(tmp_path / "model", MODEL), MODEL, overwrite=True)


class TestOverwriting:
    @pytest.mark.parametrize(
        "old",
        [
            {"MLmodel": "old", "gone": ""},
            {"requirements.txt": "", "conda.yaml": "", "python_env.yaml": ""},
        ],
    )
    def test_the_new_folder_replaces_all_of_the_old(
        self, tmp_path: Path, old: dict[str, str]
    ) -> None:
        target = fill(tmp_path / "model", old)
        (target / "code").mkdir()
        (target / "code" / "read_only.py").write_text("")
        (target / "code").chmod(0o500)
        place(target, MODEL, overwrite=True)
        assert content(target) == MODEL
        assert names(tmp_path) == ["model"]

    def test_an_absent_target_needs_no_old_one(self, tmp_path: Path) -> None:
        place(tmp_path / "model", MODEL, overwrite=True)
        assert content(tmp_path / "model") == MODEL

    @pytest.mark.skipif(not sys.platform.startswith("linux"), reason="exchange is Linux's")
    def test_no_reader_finds_the_target_absent(self, tmp_path: Path) -> None:
        target = fill(tmp_path / "model", {"MLmodel": "0"})
        looks, done = [], threading.Event()

        def look() -> None:
            while not done.is_set():
                looks.append(target.is_dir())

        watcher = threading.Thread(target=look)
        watcher.start()
        for generation in range(50):
            place(target, {"MLmodel": str(generation)}, overwrite=True)
        done.set()
        watcher.join()
        assert looks
        assert all(looks)


class TestRaces:
    @pytest.mark.parametrize("files", [MODEL, {"theirs": "x"}])
    def test_a_folder_that_appears_meanwhile_is_not_lost(
        self, tmp_path: Path, files: dict[str, str]
    ) -> None:
        with pytest.raises(TargetExists), stage(tmp_path / "model") as staging:
            staging.write(MODEL)
            fill(tmp_path / "model", files)
            staging.commit()
        assert content(tmp_path / "model") == files
        assert names(tmp_path) == ["model"]

    def test_a_strange_folder_that_appears_meanwhile_is_not_overwritten(
        self, tmp_path: Path
    ) -> None:
        with pytest.raises(TargetRefused), stage(tmp_path / "model", overwrite=True) as staging:
            fill(tmp_path / "model", {"theirs": "x"})
            staging.commit()
        assert content(tmp_path / "model") == {"theirs": "x"}

    @pytest.mark.parametrize("kind", ["folder", "file", "link"])
    def test_what_appears_in_the_last_moment_is_not_lost(self, tmp_path: Path, kind: str) -> None:
        target = tmp_path / "model"
        with pytest.raises(TargetExists, match="somebody else"), stage(target) as staging:
            if kind == "folder":
                fill(target, {"theirs": "x"})
            elif kind == "file":
                target.write_text("x")
            else:
                target.symlink_to(tmp_path)
            staging._appear()  # what commit does after its last look at the target
        assert names(tmp_path) == ["model"]

    def test_an_old_folder_that_vanishes_meanwhile_is_no_hindrance(self, tmp_path: Path) -> None:
        target = fill(tmp_path / "model", {"MLmodel": "old"})
        with stage(target, overwrite=True) as staging:
            staging.write(MODEL)
            (target / "MLmodel").unlink()
            target.rmdir()
            staging.commit()
        assert content(target) == MODEL

    def test_of_many_at_once_one_wins(self, tmp_path: Path) -> None:
        outcomes: list[str] = []
        barrier = threading.Barrier(4)

        def save(number: int) -> None:
            try:
                with stage(tmp_path / "model") as staging:
                    staging.write({"MLmodel": str(number)})
                    barrier.wait()
                    staging.commit()
                outcomes.append(str(number))
            except TargetExists:
                outcomes.append("late")

        threads = [threading.Thread(target=save, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes)[1:] == ["late"] * 3
        assert content(tmp_path / "model") == {"MLmodel": min(outcomes)}
        assert names(tmp_path) == ["model"]


@posix
class TestKilled:
    DIE = ("os._exit(7)", "os.kill(os.getpid(), signal.SIGKILL)")

    @pytest.mark.parametrize("die", DIE)
    def test_in_the_block_the_target_stays_absent(self, tmp_path: Path, die: str) -> None:
        code = f"with stage(target) as s:\n s.write({MODEL!r})\n {die}"
        assert run(code, tmp_path / "model") in {7, -signal.SIGKILL}
        assert not (tmp_path / "model").exists()
        place(tmp_path / "model", MODEL)  # and the way is free

    @pytest.mark.parametrize("die", DIE)
    def test_in_the_block_the_target_stays_the_old_one(self, tmp_path: Path, die: str) -> None:
        target = fill(tmp_path / "model", MODEL)
        run(
            f"with stage(target, overwrite=True) as s:\n s.write({{'MLmodel': 'new'}})\n {die}",
            target,
        )
        assert content(target) == MODEL

    @pytest.mark.parametrize("die", DIE)
    def test_after_the_commit_the_target_is_the_new_one(self, tmp_path: Path, die: str) -> None:
        target = fill(tmp_path / "model", {"MLmodel": "old", "gone": ""})
        run(
            f"with stage(target, overwrite=True) as s:\n s.write({MODEL!r})\n s.commit()\n {die}",
            target,
        )
        assert content(target) == MODEL

    def test_at_any_moment_the_target_is_one_generation_whole(self, tmp_path: Path) -> None:
        target = fill(tmp_path / "model", {"MLmodel": "0", "twin": "0"})
        code = (
            "for n in range(10**6):\n with stage(target, overwrite=True) as s:\n"
            "  s.write({'MLmodel': str(n), 'twin': str(n)})\n  s.commit()\n  print(flush=True)"
        )
        head = f"from envfiles import stage\ntarget = {str(target)!r}\n"
        for delay in (0.0, 0.003, 0.007, 0.011):
            with subprocess.Popen(
                [sys.executable, "-c", head + code], cwd=ROOT, stdout=subprocess.PIPE
            ) as child:
                assert child.stdout is not None
                child.stdout.readline()
                time.sleep(delay)
                child.kill()
            found = content(target)
            assert set(found) == {"MLmodel", "twin"}
            assert found["MLmodel"] == found["twin"]

    def test_a_forked_child_takes_nothing_away(self, tmp_path: Path) -> None:
        code = (
            "import sys\nwith stage(target) as s:\n pid = os.fork()\n if not pid: sys.exit()\n"
            " os.waitpid(pid, 0)\n s.write({'MLmodel': ''})\n s.commit()"
        )
        assert run(code, tmp_path / "model") == 0
        assert content(tmp_path / "model") == {"MLmodel": ""}


class TestCarrying:
    def test_what_is_not_written_is_shared_with_the_folder_that_stays_in_place(
        self, tmp_path: Path
    ) -> None:
        target = fill(tmp_path / "model", {**MODEL, "pylock.toml": "old"})
        fill(target / "code" / "deep", {"own.py": "x"})
        (target / "link").symlink_to("code")
        (target / "code").chmod(0o750)
        inode = (target / "code" / "deep" / "own.py").stat().st_ino
        with stage(target, overwrite=True) as staging:
            staging.carry(but={"pylock.toml"})
            staging.write({"MLmodel": "new"})
            assert (target / "MLmodel").read_text() == MODEL["MLmodel"]
            staging.commit()
        assert names(target) == ["MLmodel", "code", "link", "requirements.txt"]
        assert (target / "MLmodel").read_text() == "new"
        assert (target / "link").is_symlink()
        assert stat.S_IMODE((target / "code").stat().st_mode) == 0o750
        assert (target / "code" / "deep" / "own.py").stat().st_ino == inode

    def test_left_without_commit_the_folder_is_as_it_was(self, tmp_path: Path) -> None:
        target = fill(tmp_path / "model", MODEL)
        with stage(target, overwrite=True) as staging:
            staging.carry()
            staging.write({"MLmodel": "new"})
        assert content(target) == MODEL
        assert names(tmp_path) == ["model"]


def test_a_rewrite_writes_what_there_is_and_removes_what_becomes_none(tmp_path: Path) -> None:
    target = fill(tmp_path / "model", MODEL | {"pylock.toml": "", "own.txt": "kept"})
    with stage(target, overwrite=True) as staging:
        staging.carry()
        staging.write({"pylock.toml": None, "constraints.txt": None, "MLmodel": "new"})
        assert content(target) == MODEL | {"pylock.toml": "", "own.txt": "kept"}
        staging.commit()
    assert content(target) == MODEL | {"own.txt": "kept", "MLmodel": "new"}
