"""Recognizing a wheel by its content."""

from __future__ import annotations

import os
import re
from pathlib import Path
from zipfile import BadZipFile, ZipFile

WHEELS = "wheels"
"""The subfolder of the wheels that travel with a model."""

_START = b"PK\x03\x04"
_END = b"PK\x05\x06"
_TAIL = 22  # bytes at the end of an archive (APPNOTE 4.3.16); wheels have no comment after it
_LARGEST_DIRECTORY = 4_000_000
_NEEDED = ("WHEEL", "METADATA", "RECORD")
_NAMED = re.compile(rf"[^/]+\.dist-info/({'|'.join(_NEEDED)})")


def is_wheel(file: Path, name: str) -> bool:
    """Return whether a file in a folder is a bundled distribution, and nothing else.

    `name` is relative to the folder.
    """
    if not name.startswith(f"{WHEELS}/") or not name.endswith(".whl"):
        return False
    try:
        with file.open("rb") as stream:
            head = stream.read(len(_START))
            stream.seek(-_TAIL, os.SEEK_END)
            tail = stream.read()
            directory = int.from_bytes(tail[12:16], "little")
            whole = head == _START and tail.startswith(_END) and directory < _LARGEST_DIRECTORY
            if not whole:
                return False
            with ZipFile(stream) as archive:
                found = (_NAMED.fullmatch(each) for each in archive.namelist())
                return len({each[1] for each in found if each}) == len(_NEEDED)
    except (OSError, BadZipFile, ValueError, NotImplementedError):
        return False
