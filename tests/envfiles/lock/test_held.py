"""A lock is held to the lines beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from envfiles import Entry, Lock, Locked, LockedFile, agrees_plainly, lock_faults, write_pylock

pytest.importorskip("packaging.pylock")

ONE, TWO = "sha256:" + "01" * 32, "sha256:" + "02" * 32
LINUX = {"sys_platform": "linux", "python_version": "3.11", "python_full_version": "3.11.7"}


def pinned(name: str, version: str, marker: str = "", digest: str = ONE) -> Locked:
    file = f"{name}-{version}-py3-none-any.whl"
    wheel = LockedFile(file=file, hashes=(digest,), url=f"https://host/{file}")
    return Locked(name=name, version=version, marker=marker, artifacts=(wheel,))


def at(reference: str) -> Locked:
    return Locked(name="own", reference=reference)


def faults(place: Path, lines: str, *packages: Locked, closed: bool = True) -> list[str]:
    (place / "requirements.txt").write_text(lines)
    lock = Lock(packages=packages, default_groups=("serve",), created_by="modelenv 1")
    (place / "pylock.toml").write_text(write_pylock(lock))
    return [*map(str, lock_faults(place, LINUX, closed=closed))]


WINDOWS, OTHERS = 'sys_platform == "win32"', 'sys_platform != "win32"'


@pytest.mark.parametrize(
    ("lines", "packages", "said"),
    [
        ("a==1\n", [pinned("a", "1")], []),
        ("a==1\n", [pinned("a", "1"), pinned("b", "2", WINDOWS)], []),
        ("a==1\n", [pinned("a", "1", OTHERS), pinned("a", "2", WINDOWS)], []),
        ("a==1\n", [pinned("a", "1"), pinned("b", "2", "'x' in extras")], []),
        (f"a==1\nb==2; {WINDOWS}\n", [pinned("a", "1")], []),
        ("a>=1\n", [pinned("a", "1.5")], []),
        ("a\n", [pinned("a", "2.0a1")], []),
        (f"a==1 --hash={TWO}\n", [pinned("a", "1", digest=TWO)], []),
        ("own @ git+https://host/own@1f2e3d4\n", [at("git+https://host/own@1f2e3d4")], []),
        ("a>=2\n", [pinned("a", "1.5")], ["requirements.txt:1: a>=2 here, a 1.5 in pylock.toml"]),
        (
            "a==2\n",
            [pinned("a", "1", OTHERS), pinned("a", "2", WINDOWS)],
            ["requirements.txt:1: a==2 here, a 1 in pylock.toml"],
        ),
        (
            f"a==1 --hash={TWO}\n",
            [pinned("a", "1")],
            ["requirements.txt:1: a has files of other hashes in pylock.toml"],
        ),
        (
            "a==1\nb==1\n",
            [pinned("a", "1"), pinned("c", "1", "'serve' in dependency_groups")],
            [
                "requirements.txt:2: b==1 is missing in pylock.toml",
                'pylock.toml: c; "serve" in dependency_groups: c is missing in requirements.txt',
            ],
        ),
        (
            "own @ git+https://host/own@1f2e3d4\n",
            [at("git+https://host/own@ffffff0")],
            [
                "requirements.txt:1: own @ git+https://host/own@1f2e3d4 here,"
                " own @ git+https://host/own@ffffff0 in pylock.toml"
            ],
        ),
        (
            "own @ git+https://host/own@1f2e3d4\n",
            [pinned("own", "1")],
            ["requirements.txt:1: own @ git+https://host/own@1f2e3d4 here, own 1 in pylock.toml"],
        ),
    ],
)
def test_what_is_installed_here_is_held_to_the_lines(
    lines: str, packages: list[Locked], said: list[str], tmp_path: Path
) -> None:
    assert faults(tmp_path, lines, *packages) == said


def test_an_open_list_leaves_out_what_its_lines_require(tmp_path: Path) -> None:
    packages = pinned("a", "1"), pinned("b", "1")
    assert faults(tmp_path, "a==1\n", *packages, closed=False) == []
    assert len(faults(tmp_path, "a==1\n", *packages)) == 1


def test_a_list_that_names_another_file_is_followed(tmp_path: Path) -> None:
    (tmp_path / "more.txt").write_text("b==2\n")
    said = faults(tmp_path, "-r more.txt\na==1\n", pinned("a", "1"), pinned("b", "1"))
    assert said == ["more.txt:1: b==2 here, b 1 in pylock.toml"]


@pytest.mark.parametrize(
    ("lines", "surely"),
    [
        (["a==1", "b==2"], True),
        (["a==1"], False),
        (["a==1", "b==3"], False),
        (["a==1", "b==2", "c==1"], False),
        (["a==1", "b>=2"], False),
        (["a==1", 'b==2; sys_platform == "linux"'], False),
    ],
)
def test_what_agrees_is_seen_in_the_text_of_a_lock_of_ours(lines: list[str], surely: bool) -> None:
    lock = Lock(packages=(pinned("a", "1"), pinned("b", "2")), created_by="modelenv 1")
    entries = [*map(Entry, lines)]
    assert agrees_plainly(write_pylock(lock), entries) is surely
    theirs = Lock(packages=lock.packages, created_by="pip")
    assert not agrees_plainly(write_pylock(theirs), entries)


def test_a_line_of_other_hashes_does_not_agree_plainly() -> None:
    lock = Lock(packages=(pinned("a", "1"),), created_by="modelenv 1")
    assert agrees_plainly(write_pylock(lock), [Entry("a==1", hashes=(ONE,))])
    assert not agrees_plainly(write_pylock(lock), [Entry("a==1", hashes=(TWO,))])
