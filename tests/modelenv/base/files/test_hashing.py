"""Hashes are those of what stands in the files, however many threads find them."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

import pytest

from modelenv.base.files.bounded import UntrustedFileError
from modelenv.base.files.hashing import LARGE, Hashing, digest, digests

SIZES = (0, 1, LARGE, LARGE + 1, 9_000_000, 10_000_000)  # with threads, and more than a block


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Return files of several sizes, each of other bytes."""
    found = [tmp_path / f"{size}.bin" for size in SIZES]
    for number, (file, size) in enumerate(zip(found, SIZES)):  # noqa: B905
        file.write_bytes(bytes([number]) * size)
    return found


def expected(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def threads() -> list[str]:
    names = [each.name for each in threading.enumerate()]
    return [name for name in names if name.startswith("modelenv-hashing")]


def test_each_file_has_its_own_hash_in_the_order_asked(files: list[Path]) -> None:
    found = digests(reversed(files))
    assert found == {file: expected(file) for file in files}
    assert list(found) == files[::-1]
    assert threads() == []


def test_a_file_is_hashed_while_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "grows.bin"
    with Hashing() as hashing, file.open("wb", buffering=0) as stream:
        with hashing.following(file) as written:
            for piece in range(1, 6):
                stream.write(os.urandom(700_000))
                written(700_000 * piece)
            stream.write(b"nobody was told of this")
        assert hashing.digests([file]) == {file: expected(file)}


@pytest.mark.parametrize("begun", ["begin", "following", "know"])
def test_what_is_known_is_forgotten_once_somebody_writes(tmp_path: Path, begun: str) -> None:
    file = tmp_path / "model.pkl"
    file.write_bytes(b"a" * (LARGE + 1))
    with Hashing() as hashing:
        if begun == "begin":
            hashing.begin(file)
        elif begun == "know":
            hashing.know(file, expected(file))
        else:
            with hashing.following(file):
                pass
        assert hashing.digests([file]) == {file: expected(file)}
        times = file.stat()
        with file.open("r+b") as stream:
            stream.write(b"b")
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
        assert hashing.digests([file]) == {file: expected(file)}


def test_what_settled_is_still_known(files: list[Path]) -> None:
    with Hashing() as hashing:
        hashing.begin(files[-1])
        hashing.settle()
        assert threads() == []
        assert hashing.digests(files)[files[-1]] == expected(files[-1])


def test_who_is_left_by_an_error_leaves_no_thread(tmp_path: Path) -> None:
    file = tmp_path / "half.bin"
    file.touch()

    def fail() -> None:
        with Hashing() as hashing, hashing.following(file) as written:
            written(1_000_000_000)  # which never come
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert threads() == []


@pytest.mark.parametrize("count", [1, 3])
def test_what_is_no_file_is_named(tmp_path: Path, files: list[Path], count: int) -> None:
    with pytest.raises(UntrustedFileError, match="is a folder"):
        digests([*files[-count:], tmp_path])
    with pytest.raises(FileNotFoundError):
        digests([*files[-count:], tmp_path / "absent"])
    with pytest.raises(FileNotFoundError):
        digest(tmp_path / "absent")
