"""Compiled files, and wheels that hold them, made from data."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

_STRTAB, _STRSZ, _NEEDED, _RUNPATH, _NULL = 5, 10, 1, 29, 0


def elf_file(*needed: str, runpath: str = "") -> bytes:
    """Return the least that is an ELF file which links to libraries: a header and two segments."""
    names = b"\0"
    tags = []
    for tag, text in [
        *((_NEEDED, each) for each in needed),
        *([(_RUNPATH, runpath)] * bool(runpath)),
    ]:
        tags.append((tag, len(names)))
        names += text.encode() + b"\0"
    headers = 64 + 2 * 56
    tags += [(_STRTAB, headers), (_STRSZ, len(names)), (_NULL, 0)]
    dynamic = b"".join(struct.pack("<qQ", *each) for each in tags)
    place = headers + len(names)
    size = place + len(dynamic)
    ident = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    head = ident + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 64, 0, 0, 64, 56, 2, 64, 0, 0)
    load = struct.pack("<IIQQQQQQ", 1, 4, 0, 0, 0, size, size, 4096)
    linked = struct.pack("<IIQQQQQQ", 2, 4, place, place, place, len(dynamic), len(dynamic), 8)
    return head + load + linked + names + dynamic


WriteWheel = Callable[[str, Mapping[str, "str | bytes"]], Path]


@pytest.fixture
def wheel(tmp_path: Path) -> WriteWheel:
    """Write a wheel of version 1 with these files, for any platform."""

    def write(name: str, files: Mapping[str, str | bytes]) -> Path:
        file = tmp_path / f"{name}-1-py3-none-any.whl"
        with zipfile.ZipFile(file, "w") as archive:
            for path, content in files.items():
                archive.writestr(path, content)
        return file

    return write


@pytest.fixture
def elf() -> Callable[..., bytes]:
    return elf_file
