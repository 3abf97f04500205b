"""Built environments are kept by their content."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from modelenv.environments.cache import EnvironmentCache

ABOUT = {"manager": "fake", "python": "3.11.7", "requirements": ["a==1"]}


def build(root: Path) -> None:
    root.mkdir()
    (root / "file").write_text("built")


def never(root: Path) -> None:
    raise AssertionError("it was built again")


def usable(root: Path) -> bool:
    return (root / "file").exists()


@pytest.fixture
def cache(tmp_path: Path) -> EnvironmentCache:
    return EnvironmentCache(tmp_path / "cache" / "environments")


def test_what_was_built_is_not_built_again(cache: EnvironmentCache) -> None:
    with cache.opened("key", ABOUT, build, usable) as first:
        pass
    with cache.opened("key", ABOUT, never, usable) as second:
        assert second == first
        assert (second / "file").read_text() == "built"


def test_a_failed_build_leaves_nothing(cache: EnvironmentCache) -> None:
    def fails(root: Path) -> None:
        build(root)
        raise ValueError("no such wheel")

    with pytest.raises(ValueError, match="no such wheel"), cache.opened("k", ABOUT, fails, usable):
        pass
    assert cache.entries() == ()


def test_what_is_no_longer_usable_is_built_again(cache: EnvironmentCache) -> None:
    with cache.opened("key", ABOUT, build, usable) as root:
        (root / "file").unlink()
    with cache.opened("key", ABOUT, build, usable) as again:
        assert (again / "file").exists()
    assert not root.exists()


def in_a_process(cache: EnvironmentCache, body: str) -> subprocess.Popen[str]:
    script = f"""
    import os, sys, time
    from pathlib import Path
    from modelenv.environments.cache import EnvironmentCache
    cache = EnvironmentCache(Path({str(cache.folder)!r}))
    log = Path({str(cache.folder.parent / "log")!r})
    def usable(root): return (root / "file").exists()
    def say(what):
        with log.open("a") as file: file.write(what + "\\n")
    """
    code = textwrap.dedent(script) + textwrap.dedent(body)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen([sys.executable, "-c", code], env=environment, text=True)


def waits_for(file: Path, text: str) -> bool:
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        if file.exists() and text in file.read_text():
            return True
        time.sleep(0.02)
    return False


BUILDS_SLOWLY = """
def build(root):
    say("build")
    root.mkdir()
    time.sleep(0.5)
    (root / "file").touch()
with cache.opened("key", {}, build, usable):
    say("used")
"""


def test_of_two_processes_one_builds_and_both_use_it(cache: EnvironmentCache) -> None:
    cache.folder.mkdir(parents=True)
    both = [in_a_process(cache, BUILDS_SLOWLY) for _ in range(2)]
    assert [process.wait(timeout=120) for process in both] == [0, 0]
    assert sorted((cache.folder.parent / "log").read_text().split()) == ["build", "used", "used"]


def test_a_build_that_was_killed_is_repaired_by_the_next(cache: EnvironmentCache) -> None:
    cache.folder.mkdir(parents=True)
    killed = in_a_process(
        cache,
        """
        def build(root):
            root.mkdir()
            (root / "file").touch()
            say("half")
            time.sleep(60)
        with cache.opened("key", {}, build, usable): pass
        """,
    )
    assert waits_for(cache.folder.parent / "log", "half")
    killed.kill()
    killed.wait()
    assert [entry.complete for entry in cache.entries()] == [False]

    with cache.opened("key", ABOUT, build, usable) as root:
        assert (root / "file").read_text() == "built"
    assert len(list((cache.folder / "key").glob("*/file"))) == 1


def test_what_is_in_use_is_not_removed_until_its_user_is_dead(cache: EnvironmentCache) -> None:
    cache.folder.mkdir(parents=True)
    user = in_a_process(
        cache,
        """
        def build(root):
            root.mkdir()
            (root / "file").touch()
        with cache.opened("key", {}, build, usable):
            say("using")
            time.sleep(60)
        """,
    )
    assert waits_for(cache.folder.parent / "log", "using")
    assert cache.remove() == ()
    assert [entry.in_use for entry in cache.entries()] == [True]
    user.kill()
    user.wait()
    assert [entry.key for entry in cache.remove()] == ["key"]
    assert cache.entries() == ()


def test_prune_removes_what_was_long_unused_and_what_is_unfinished(cache: EnvironmentCache) -> None:
    for key in ("old", "new"):
        with cache.opened(key, ABOUT, build, usable):
            pass
    long_ago = time.time() - 40 * 86400
    os.utime(cache.folder / "old" / "environment.json", (long_ago, long_ago))
    (cache.folder / "unfinished" / "abc").mkdir(parents=True)
    removed = cache.remove(30)
    assert sorted(entry.key for entry in removed) == ["old", "unfinished"]
    assert [entry.key for entry in cache.entries()] == ["new"]


def test_an_entry_tells_what_it_holds(cache: EnvironmentCache) -> None:
    with cache.opened("key", ABOUT, build, usable):
        pass
    (entry,) = cache.entries()
    assert (entry.manager, entry.requirements, entry.bytes) == ("fake", ("a==1",), 5)
    assert entry.to_json()["complete"] is True


def test_what_others_left_beside_an_environment_is_removed(cache: EnvironmentCache) -> None:
    def litter() -> None:
        (folder / "432ec228e753" / "bin").mkdir(parents=True)
        (folder / "432ec228e753.txt").write_text("written by who was left of a killed build")
        (folder / "link").symlink_to(cache.folder)

    with cache.opened("key", ABOUT, build, usable) as root:
        folder = root.parent
        litter()
        with cache.opened("key", ABOUT, never, usable) as second:
            assert len(list(folder.iterdir())) == 3
        litter()
        assert cache.remove() == ()  # it is in use
        assert second == root
        assert len(list(folder.iterdir())) == 3
    litter()
    assert cache.remove(unused_days=1) == ()
    assert len(list(folder.iterdir())) == 3
    assert (root / "file").exists()
