"""Foreign files are read within bounds, or refused by name."""

import json
import os
import socket
import sys
from pathlib import Path

import pytest

from modelenv.base.files.bounded import (
    UntrustedFileError,
    opened,
    parse_json,
    read_bytes,
    read_json,
)

posix = pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")


def test_a_file_is_read_up_to_its_bound(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"12345")
    assert read_bytes(file, largest=5) == b"12345"
    with pytest.raises(UntrustedFileError, match=r"a is larger than any such file is \(4 bytes\)"):
        read_bytes(file, largest=4)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UntrustedFileError, match=r"is a folder|cannot be read"):
        read_bytes(tmp_path, largest=4)


@posix
def test_what_has_no_end_is_never_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        for name, said in (("pipe", "is a pipe"), ("socket", "cannot be read")):
            with pytest.raises(UntrustedFileError, match=said):
                read_bytes(tmp_path / name, largest=4)
    with pytest.raises(UntrustedFileError, match="is a device"):
        read_bytes(Path("/dev/zero"), largest=4)


@posix
def test_links_are_followed_only_where_they_are_taken(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "device").symlink_to("/dev/zero")
    (tmp_path / "loop").symlink_to("loop")
    assert read_bytes(tmp_path / "link", largest=4, links=True) == b"1"
    for name, links in (("link", False), ("device", False), ("device", True), ("loop", True)):
        with pytest.raises(UntrustedFileError):
            read_bytes(tmp_path / name, largest=4, links=links)


def test_what_is_not_there_is_told_as_that(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_json(tmp_path / "none.json", largest=4)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no JSON at line 1, column 1"),
        (b'{"a":\n 1,', "no JSON at line 2"),
        (b'"\xff"', "not UTF-8 at byte 2"),
        (b"[" * 200 + b"]" * 200, "nested deeper"),
        (b"[" * 100_000, "nested deeper|no JSON"),
        (b'{"a":' * 101 + b"1" + b"}" * 101, "nested deeper"),
    ],
)
def test_what_is_no_such_json_is_named(data: bytes, said: str) -> None:
    with pytest.raises(UntrustedFileError, match=f"trace.json is {said}|trace.json is ({said})"):
        parse_json(data, Path("trace.json"))


def test_what_we_write_ourselves_is_read(tmp_path: Path) -> None:
    value = {"a": [1, 2.5, None, {"b": [["ü"] * 3] * 3}]}
    (tmp_path / "a.json").write_text(json.dumps(value), "utf-8")
    assert read_json(tmp_path / "a.json", largest=1000) == value


def test_a_file_stands_where_it_has_to(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    for name in ("in/file", "out/file"):
        (tmp_path / name).write_bytes(b"1")
    (tmp_path / "in" / "leads out").symlink_to(tmp_path / "out")
    (tmp_path / "leads in").symlink_to(tmp_path / "in")
    within = tmp_path / "in"
    for name in ("in/file", "out/../in/file", "leads in/file"):
        assert read_bytes(tmp_path / name, largest=1, within=within) == b"1"
    for name in ("out/file", "in/leads out/file", "in/../out/file", "in/..", "in\0/file"):
        with pytest.raises(UntrustedFileError, match="does not stand in"):
            read_bytes(tmp_path / name, largest=1, within=within)


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b"])
def test_what_no_file_can_be_called_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(UntrustedFileError, match="no name that a file can have"):
        read_bytes(tmp_path / name, largest=1)


@pytest.mark.parametrize("change", ["grows", "shrinks", "is written anew"])
def test_a_file_that_changes_while_it_is_read_is_told(tmp_path: Path, change: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"12")
    data = {"grows": b"123", "shrinks": b"1", "is written anew": b"21"}[change]

    def read() -> None:
        with opened(file, largest=10) as stream:
            stream.read(1)
            file.write_bytes(data)
            os.utime(file, ns=(0, 0))

    with pytest.raises(UntrustedFileError, match="while it was read"):
        read()
