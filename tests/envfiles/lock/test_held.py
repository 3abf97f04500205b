"""A lock is held to the lines beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envfiles import (
    Entry,
    Lock,
    Locked,
    LockedFile,
    agrees_plainly,
    lock_faults,
    read_pylock,
    write_pylock,
)
from envfiles.lock.held import iter_lock_faults
from envfiles.requirements.reader import parse_requirements

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


pins = st.dictionaries(st.sampled_from("abcd"), st.sampled_from("12"), max_size=4)


@given(locked=pins, listed=pins, marked=st.booleans())
def test_each_name_on_which_a_lock_and_lines_differ_is_named_once_and_no_other(
    locked: dict[str, str], listed: dict[str, str], marked: bool
) -> None:
    here, other = (OTHERS, WINDOWS) if marked else ("", WINDOWS)
    packages = [pinned(name, version, here) for name, version in locked.items()]
    packages += [pinned(name, "9", other) for name in locked]
    lock = Lock(packages=tuple(packages), created_by="modelenv 1")
    text = "".join(f"{name}=={version}\n" for name, version in listed.items())
    lines = parse_requirements(text, file="requirements.txt")
    found = [*iter_lock_faults("requirements.txt", lines, read_pylock(write_pylock(lock)), LINUX)]
    differing = {name for name, version in locked.items() ^ listed.items()}
    assert sorted(_named(str(each)) for each in found) == sorted(differing)


@given(locked=pins, listed=pins, hashes=st.sampled_from([(), (ONE,), (TWO,)]))
def test_what_agrees_plainly_agrees(
    locked: dict[str, str], listed: dict[str, str], hashes: tuple[str, ...]
) -> None:
    packages = tuple(pinned(name, version) for name, version in locked.items())
    text = write_pylock(Lock(packages=packages, created_by="modelenv 1"))
    entries = [Entry(f"{name}=={version}", hashes=hashes) for name, version in listed.items()]
    spelled = "".join(f"{' '.join((each.requirement, *each.options))}\n" for each in entries)
    lines = parse_requirements(spelled, file="requirements.txt")
    faults = [*iter_lock_faults("requirements.txt", lines, read_pylock(text), LINUX)]
    assert agrees_plainly(text, entries) is not bool(faults)


def _named(said: str) -> str:
    """Return the name that a sentence is on: behind the place of the line, or of the package."""
    return said.rsplit(": ", maxsplit=1)[-1][0]
