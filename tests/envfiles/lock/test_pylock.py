from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from envfiles import (
    Entry,
    EnvSpec,
    InvalidEntry,
    InvalidFile,
    InvalidSpec,
    Lock,
    Locked,
    LockedFile,
    check_agreement,
    read_folder,
    write_files,
)
from envfiles.errors import Disagreement
from envfiles.lock.pylock import other_tools, read_pylock, read_toml, write_pylock

pylock = pytest.importorskip("packaging.pylock")

HASH = "sha256:" + "0f" * 32
LONGER = "sha512:" + "0f" * 64
WHEEL = LockedFile(
    file="numpy-2.4.6-cp311-cp311-linux_x86_64.whl",
    hashes=(HASH, LONGER),
    url="https://host/numpy-2.4.6-cp311-cp311-linux_x86_64.whl",
    size=7,
    uploaded="2024-03-01T12:00:00.250000Z",
)
LOCAL = LockedFile(
    file="own-1.0-py3-none-any.whl", hashes=(HASH,), path="wheels/own-1.0-py3-none-any.whl"
)
SDIST = LockedFile(file="own-1.0.tar.gz", hashes=(HASH,), url="https://host/own-1.0.tar.gz")
LOCK = Lock(
    packages=(
        Locked(name="own", version="1.0", artifacts=(SDIST, LOCAL), reasons=("imported", "x.py:3")),
        Locked(name="numpy", version="2.4.6", artifacts=(WHEEL,), marker='python_version < "4"'),
        Locked(name="code", reference="git+https://host/code@1f2e3d4#subdirectory=x&revision=main"),
        Locked(name="arch", reference="https://host/arch.zip#subdirectory=y", archive=(HASH,)),
        Locked(name="here", reference="./here"),
    ),
    python="3.11.7",
    requires_python="==3.11.*",
    environments=('sys_platform == "linux"',),
)


def test_a_lock_is_read_back_as_it_was_written() -> None:
    assert read_pylock(write_pylock(LOCK)) == LOCK


def test_other_readers_take_it() -> None:
    found = pylock.Pylock.from_dict(read_toml(write_pylock(LOCK)))
    assert [each.name for each in found.packages] == ["arch", "code", "here", "numpy", "own"]
    assert found.packages[3].wheels[0].size == 7
    assert str(found.packages[3].wheels[0].upload_time) == "2024-03-01 12:00:00.250000+00:00"
    assert dict(found.packages[3].wheels[0].hashes) == dict(
        each.split(":") for each in (HASH, LONGER)
    )
    assert found.packages[1].vcs.commit_id == "1f2e3d4"


def test_the_tables_of_other_tools_are_kept() -> None:
    text = write_pylock(LOCK, tool={"theirs": {"x": [1]}})
    assert other_tools(text) == {"theirs": {"x": [1]}}
    assert write_pylock(read_pylock(text), tool=other_tools(text)) == text


def test_a_folder_with_a_lock_agrees_or_tells_where_it_does_not(tmp_path: Path) -> None:
    lock = Lock(packages=(LOCK.packages[-1], replace(LOCK.packages[-2], marker="")))
    spec = EnvSpec(
        python="3.11.7",
        requirements=(Entry("own==1.0", hashes=(HASH,)), Entry("numpy==2.4.6", hashes=(HASH,))),
        lock=lock,
    )
    for name, text in write_files(spec).items():
        (tmp_path / name).write_text(text)
    assert read_folder(tmp_path) == spec
    assert read_folder(tmp_path, lock=False) == replace(spec, lock=None)
    check_agreement(tmp_path)
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("own==1.1\npandas==3\n")
    (tmp_path / "conda.yaml").unlink()
    with pytest.raises(Disagreement) as caught:
        check_agreement(tmp_path)
    assert str(caught.value).splitlines() == [
        "requirements.txt:1: own==1.1 here, own 1.0 in pylock.toml",
        "requirements.txt:2: pandas==3 is missing in pylock.toml",
        "pylock.toml: numpy: numpy is missing in requirements.txt",
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x = ", "p.toml:1: not TOML"),
        ("a = 1\nb = = 2", "p.toml:2: not TOML"),
        ("", "Missing required value in 'lock-version'"),
        ('lock-version = "2.0"', "p.toml: "),
        ('lock-version = "1.0"\ncreated-by = 1', "created-by"),
        ('lock-version = "1.0"\ncreated-by = "x"\n[[packages]]\nname = "a"\n', "packages[0]"),
        ("a = " + "[" * 5000, "nested deeper"),
        ("a" + ".a" * 5000 + " = 1", "nested deeper"),
        ("[" + "a." * 5000 + "a]", "nested deeper"),
    ],
)
def test_a_bad_lock_is_refused_with_file_and_place(text: str, reason: str) -> None:
    with pytest.raises(InvalidFile) as caught:
        read_pylock(text, file="p.toml")
    assert str(caught.value).startswith("p.toml")
    assert reason in str(caught.value)


def test_what_is_half_a_lock_cannot_be_said() -> None:
    with pytest.raises(InvalidSpec, match=r"^packages\[0\]: a has to have either"):
        Lock(packages=(Locked(name="a", version="1"),))
    with pytest.raises(InvalidEntry, match="has no hash"):
        LockedFile(file="a-1.tar.gz", hashes=(), url="https://host/a-1.tar.gz")
    with pytest.raises(InvalidEntry, match="either a URL or a path"):
        LockedFile(file="a-1.tar.gz", hashes=(HASH,))
    with pytest.raises(InvalidSpec, match="not consistent"):
        write_pylock(Lock(packages=(Locked(name="b", version="1", artifacts=(LOCAL,)),)))
