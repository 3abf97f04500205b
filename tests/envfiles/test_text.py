from __future__ import annotations

import os
from pathlib import Path

import pytest

from envfiles import InvalidFile
from envfiles.text import decode, read_text


@pytest.mark.parametrize(
    "data",
    [
        "é==1".encode(),
        "é==1".encode("utf-8-sig"),
        "é==1".encode("utf-16"),
        "é==1".encode("utf-32"),
        b"\xfe\xff" + "é==1".encode("utf-16-be"),
    ],
)
def test_a_byte_order_mark_says_the_encoding(data: bytes) -> None:
    assert decode(data) == "é==1"


def test_an_encoding_may_be_declared_as_pip_has_it() -> None:
    assert decode(b"# -*- coding: latin-1 -*-\n# \xe9\n").endswith("é\n")
    assert decode(b"a\n# coding=cp1252\n# \x80").endswith("€")


@pytest.mark.parametrize("name", ["zlib", "rot13", "hex", "nonsense", "idna"])
def test_a_codec_that_is_no_text_encoding_is_not_used(name: str) -> None:
    assert decode(f"# coding: {name}\na".encode()).endswith("a")


def test_what_is_no_text_is_named_with_its_byte() -> None:
    with pytest.raises(InvalidFile, match=r"^r.txt: not UTF-8 \(byte 1\)"):
        decode(b"a\xff", file="r.txt")


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "r.txt"
    with file.open("wb") as stream:
        stream.truncate(10**12)  # takes no room on disk
    with pytest.raises(InvalidFile, match="is larger than"):
        read_text(file)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "requirements.txt")
    with pytest.raises(InvalidFile, match="is no file"):
        read_text(tmp_path / "requirements.txt")


def test_an_absent_file_is_none(tmp_path: Path) -> None:
    assert read_text(tmp_path / "a") is None
