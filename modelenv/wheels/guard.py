"""Check, before a wheel is unpacked, that it writes only to its own place and fits on the disk."""

from __future__ import annotations

import re
import stat
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from .errors import NoWheelsError

_PER_BYTE = 100
"""The largest factor by which a wheel may grow when unpacked; ten is already much."""
_ALWAYS = 256 << 20  # bytes that any wheel may unpack to
LARGEST = 32 << 30
"""The bytes that one wheel may unpack to: six times what the largest on the index need."""
_MOST_FILES = 500_000
_ENCRYPTED = 0x1


def check(wheel: Path, largest: int = LARGEST) -> None:
    """Raise NoWheelsError for a wheel that is unsafe to unpack.

    Unsafe are files outside the wheel's own place, links, devices, and a total size beyond any real
    wheel. Only the archive's directory is read, including the sizes that it states.
    """
    try:
        with ZipFile(wheel) as archive:
            files = archive.infolist()
    except (OSError, BadZipFile, ValueError, NotImplementedError) as error:
        raise NoWheelsError(str(wheel), f"it cannot be read as a wheel ({error})") from error
    if len(files) > _MOST_FILES:
        raise NoWheelsError(str(wheel), f"it has {len(files):,} files, more than any wheel")
    size = sum(file.file_size for file in files)
    if size > min(largest, max(_ALWAYS, _PER_BYTE * wheel.stat().st_size)):
        raise NoWheelsError(str(wheel), f"it unpacks to {size:,} bytes, too many for its size")
    names: set[str] = set()
    for file in files:
        reason = _harm(file)
        if file.filename in names:
            reason = "occurs twice"
        names.add(file.filename)
        if reason:
            way = "download the wheel again from a source that you trust"
            raise NoWheelsError(str(wheel), f"its file {file.filename!r} {reason}", way)


def _harm(file: ZipInfo) -> str:
    """Return why a file of an archive is unsafe; empty if it is safe."""
    # The name as stored: zipfile replaces other separators and cuts the name at a null byte.
    name = file.orig_filename
    kind = stat.S_IFMT(file.external_attr >> 16)
    if name.startswith(("/", "\\")) or name[1:2] == ":":
        return "has an absolute path"
    if ".." in re.split(r"[/\\]", name):
        return "leads out of the wheel"
    if "\0" in name or "\\" in name:
        return "has a name that no file in a wheel may have"
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "is a link or a device, which no wheel may contain"
    return "is encrypted" if file.flag_bits & _ENCRYPTED else ""
