"""A copy is what was there, with its times; what is said of its hash is of what was written."""

from __future__ import annotations

import errno
import hashlib
import os
import sys
import threading
from pathlib import Path

import pytest

from modelenv.base.files.bounded import UntrustedFileError
from modelenv.base.files.copying import Copier, copy_file
from modelenv.base.files.hashing import LARGE, Hashing

linux = pytest.mark.skipif(sys.platform != "linux", reason="a file that only Linux has")
SIZES = (0, 1, LARGE, LARGE + 1, 12_000_000)


def expected(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.mark.parametrize("size", SIZES)
def test_a_copy_has_the_bytes_the_times_and_the_permissions(tmp_path: Path, size: int) -> None:
    source, target = tmp_path / "source.bin", tmp_path / "target.bin"
    source.write_bytes(os.urandom(1000) * (size // 1000) + b"x" * (size % 1000))
    source.chmod(0o640)
    os.utime(source, ns=(10**18, 10**18 + 7000))
    with Hashing() as hashing:
        Copier(hashing=hashing).copy(source, target)
        assert hashing.digests([target]) == {target: expected(source)}
    assert target.read_bytes() == source.read_bytes()
    assert target.stat().st_mtime_ns == source.stat().st_mtime_ns
    assert target.stat().st_mode == source.stat().st_mode
    assert not target.samefile(source)


def test_what_stands_at_the_target_is_replaced_not_written_to(tmp_path: Path) -> None:
    source, target, other = (tmp_path / name for name in ("source", "target", "other"))
    source.write_text("new")
    target.write_text("older")
    os.link(target, other)
    copy_file(source, target)
    assert (target.read_text(), other.read_text()) == ("new", "older")


def holes(file: Path) -> bool:
    found = file.stat()
    return getattr(found, "st_blocks", found.st_size) * 512 < found.st_size


@pytest.mark.parametrize("data", [(), (0,), (4_000_000,), (2_000_000, 7_999_000), (0, 7_999_997)])
def test_holes_stay_holes(tmp_path: Path, data: tuple[int, ...]) -> None:
    source, target = tmp_path / "source.bin", tmp_path / "target.bin"
    with source.open("wb") as stream:
        stream.truncate(8_000_000)
        for start in data:
            stream.seek(start)
            stream.write(b"end")
    with Hashing() as hashing:
        Copier(hashing=hashing).copy(source, target)
        assert hashing.digests([target]) == {target: expected(source)}
    assert target.read_bytes() == source.read_bytes()
    assert holes(target) or not holes(source)


@pytest.mark.skipif(not hasattr(os, "copy_file_range"), reason="the kernel copies nothing here")
@pytest.mark.parametrize("hole", [0, 4_000_000])
@pytest.mark.parametrize("calls", [0, 1])
@pytest.mark.parametrize("way", ["error", "nothing"])
def test_a_file_system_that_does_not_copy_within_the_kernel(
    way: str, calls: int, hole: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some say so by an error, some by copying nothing, from the first call on or a later one."""
    done, kernel = [], os.copy_file_range

    def refusing(old: int, new: int, most: int) -> int:
        done.append(most)
        if len(done) <= calls:
            return kernel(old, new, min(most, 4096))
        if way == "error":
            raise OSError(errno.EXDEV, "not here")
        return 0

    source, target = tmp_path / "source.bin", tmp_path / "target.bin"
    with source.open("wb") as stream:
        stream.seek(hole)
        stream.write(os.urandom(2_000_000))
    monkeypatch.setattr(os, "copy_file_range", refusing)
    with Hashing() as hashing:
        Copier(hashing=hashing).copy(source, target)
        assert hashing.digests([target]) == {target: expected(source)}
    assert target.read_bytes() == source.read_bytes()
    assert len(done) == calls + 1


def other_disk(folder: Path) -> Path | None:
    there = Path("/dev/shm")
    return there if there.is_dir() and there.stat().st_dev != folder.stat().st_dev else None


@pytest.mark.parametrize("link", [False, True])
def test_a_copy_may_come_from_another_disk(tmp_path: Path, link: bool) -> None:
    there = other_disk(tmp_path)
    if there is None:
        pytest.skip("there is no other disk")
    source, target = there / f"modelenv-test-{os.getpid()}", tmp_path / "target.bin"
    try:
        source.write_bytes(os.urandom(LARGE + 1))
        with source.open("r+b") as stream:
            stream.truncate(LARGE + 3_000_000)
        Copier(link=link).copy(source, target)
        assert target.read_bytes() == source.read_bytes()
        assert holes(target) or not holes(source)
    finally:
        source.unlink()


def test_a_link_is_made_where_it_may_be_of_what_a_link_leads_to(tmp_path: Path) -> None:
    source, way, target = (tmp_path / name for name in ("source", "way", "target"))
    source.write_bytes(b"w" * (LARGE + 1))
    way.symlink_to(source)
    with Hashing() as hashing:
        Copier(hashing=hashing, link=True).copy(way, target)
        assert hashing.digests([target]) == {target: expected(source)}
    assert target.samefile(source)
    assert not target.is_symlink()


def test_the_hash_is_of_what_was_written_whoever_writes_meanwhile(tmp_path: Path) -> None:
    source, target = tmp_path / "source.bin", tmp_path / "target.bin"
    source.write_bytes(b"\0" * 40_000_000)
    begun, done = threading.Event(), threading.Event()

    def write() -> None:
        with source.open("r+b", buffering=0) as stream:
            while not done.is_set():
                stream.seek(0)
                for _ in range(40):
                    stream.write(os.urandom(4096))
                    stream.seek(1_000_000 - 4096, os.SEEK_CUR)
                begun.set()

    writer = threading.Thread(target=write)
    writer.start()
    begun.wait()
    with Hashing() as hashing:
        copier = Copier(hashing=hashing)
        copier.copy(source, target)
        done.set()
        writer.join()
        assert hashing.digests([target]) == {target: expected(target)}
    assert copier.torn == [source]


@linux
def test_what_says_no_size_is_copied_whole(tmp_path: Path) -> None:
    copy_file(Path("/proc/self/limits"), tmp_path / "limits")
    assert "Max open files" in (tmp_path / "limits").read_text()


@linux
def test_what_cannot_be_read_is_named_as_that(tmp_path: Path) -> None:
    with pytest.raises(UntrustedFileError, match="/proc/self/mem cannot be read: ") as caught:
        copy_file(Path("/proc/self/mem"), tmp_path / "memory")
    assert caught.value.file == Path("/proc/self/mem")


@pytest.mark.parametrize("size", [LARGE // 2, LARGE + 200_000])
def test_what_cannot_be_written_names_the_target(tmp_path: Path, size: int) -> None:
    resource = pytest.importorskip("resource")
    source, target = tmp_path / "source.bin", tmp_path / "target.bin"
    source.write_bytes(os.urandom(size))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Hashing() as hashing:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
        try:
            with pytest.raises(OSError, match="target") as caught:
                Copier(hashing=hashing).copy(source, target)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert caught.value.errno == errno.EFBIG
    assert caught.value.filename == str(target)
