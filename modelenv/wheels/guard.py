"""Checks that a wheel writes only to its own place, and no more than there is room for."""

from __future__ import annotations

import re
import stat
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from .errors import NoWheelsError

_PER_BYTE = 100
"""The largest factor by which a wheel may grow when unpacked; ten is much."""
_ALWAYS = 256 << 20  # bytes that any may
LARGEST = 32 << 30
"""Bytes that one wheel may unpack to: six times what the largest on the index do."""
_MOST_FILES = 500_000
_ENCRYPTED = 0x1


def check(wheel: Path, largest: int = LARGEST) -> None:
    """Raise NoWheelsError for a wheel that is not harmless to unpack.

    That is one whose files would stand elsewhere, or are links or devices, or that unpacks to more
    than any does. What its directory says is the size of a file is all that is read of it.
    """
    try:
        with ZipFile(wheel) as archive:
            files = archive.infolist()
    except (OSError, BadZipFile, ValueError, NotImplementedError) as error:
        raise NoWheelsError(str(wheel), f"it is no wheel that can be read ({error})") from error
    if len(files) > _MOST_FILES:
        raise NoWheelsError(str(wheel), f"it has {len(files):,} files, more than any wheel")
    size = sum(file.file_size for file in files)
    if size > min(largest, max(_ALWAYS, _PER_BYTE * wheel.stat().st_size)):
        raise NoWheelsError(str(wheel), f"it unpacks to {size:,} bytes, too many for its size")
    names: set[str] = set()
    for file in files:
        reason = _harm(file)
        if file.filename in names:
            reason = "stands in it twice"
        names.add(file.filename)
        if reason:
            way = "get the wheel anew from where you trust it"
            raise NoWheelsError(str(wheel), f"its file {file.filename!r} {reason}", way)


def _harm(file: ZipInfo) -> str:
    """Return what is wrong with a file of an archive; nothing for most."""
    # What the archive itself has: zipfile shows other separators, and no null bytes.
    name = file.orig_filename
    kind = stat.S_IFMT(file.external_attr >> 16)
    if name.startswith(("/", "\\")) or name[1:2] == ":":
        return "has an absolute path"
    if ".." in re.split(r"[/\\]", name):
        return "leads out of it"
    if "\0" in name or "\\" in name:
        return "has a name that no file of a wheel has"
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "is a link or a device, which no wheel may hold"
    return "is encrypted" if file.flag_bits & _ENCRYPTED else ""
