"""Files as text, bounded: nothing that is read here can be endless, or anything but text."""

from __future__ import annotations

import codecs
import os
import re
import stat
from typing import TYPE_CHECKING

from .errors import Fault, InvalidFile, Location

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 8_000_000
"""Bytes; a lock of a thousand distributions with all their hashes has a tenth of it."""

_BLOCK = 1 << 20
# The longest mark first: UTF-32's begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"^#.*?coding[:=]\s*([-\w.]+)")
_TEXT_ENCODINGS = ("utf", "iso8859", "iso-8859", "latin", "cp", "windows", "ascii", "gb", "euc")


def read_text(
    path: Path, *, largest: int = LARGEST, any_kind: bool = False, within: Path | None = None
) -> str | None:
    """Read a file as pip does: by its byte order mark, its declared encoding, else as UTF-8.

    Return None if there is no such file. Without `any_kind` it has to be a regular file; with
    `within` one inside that folder, also after its links are followed. Raises InvalidFile.
    """
    try:
        data = _read(path, largest, any_kind=any_kind, within=within)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:  # no file has a name with a zero byte
        reason = getattr(error, "strerror", None) or str(error)
        raise InvalidFile([Fault(Location(str(path)), reason)]) from error
    return decode(data, file=str(path))


def leads_out(path: Path, folder: Path) -> str | None:
    """Return the target of a link that leads out of a folder; None for paths inside it."""
    real = os.path.realpath(path)
    root = os.path.realpath(folder)
    return None if os.path.commonpath((real, root)) == root else real


def _read(path: Path, largest: int, *, any_kind: bool, within: Path | None) -> bytes:
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode) or not (any_kind or stat.S_ISREG(mode)):
        raise InvalidFile([Fault(Location(str(path)), "is no file")])
    outside = leads_out(path, within) if within is not None else None
    if outside is not None:
        reason = f"leads out of the folder, to {outside}: put a copy in its place"
        raise InvalidFile([Fault(Location(str(path)), reason)])
    with path.open("rb") as stream:
        data = stream.read(min(largest, os.fstat(stream.fileno()).st_size) + 1)
        while len(data) <= largest and (more := stream.read(_BLOCK)):  # it says less than it has
            data += more
    if len(data) > largest:
        reason = f"is larger than any such file is ({largest:,} bytes)"
        raise InvalidFile([Fault(Location(str(path)), reason)])
    return data


def decode(data: bytes, *, file: str | None = None) -> str:
    r"""Decode the bytes of a file; `file` names it in errors. Raises InvalidFile.

    >>> decode(b"\xff\xfea\x00")
    'a'
    """
    encoding = _encoding(data)
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        label = "UTF-8" if encoding == "utf-8" else encoding
        reason = f"not {label} (byte {error.start}): save it as UTF-8"
        raise InvalidFile([Fault(Location(file), reason)]) from error


def _encoding(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    for line in data.split(b"\n", 2)[:2]:
        declared = _DECLARED.match(line)
        if declared:
            name = declared[1].decode("ascii").lower().replace("_", "-")
            # Python knows codecs that unpack (zlib) or execute nothing but are no text either.
            if name.startswith(_TEXT_ENCODINGS) and _is_known(name):
                return name
    return "utf-8"


def _is_known(encoding: str) -> bool:
    try:
        codecs.lookup(encoding)
    except LookupError:
        return False
    return True
