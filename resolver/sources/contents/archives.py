"""Archives from elsewhere: as much of them as is needed, whatever they say of their sizes."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import IO, TYPE_CHECKING, Any

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from ...errors import BrokenMetadataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

BROKEN_ZIP = (
    *(zipfile.BadZipFile, zlib.error, struct.error),
    *(KeyError, ValueError, RuntimeError, EOFError, OSError),
)
"""Exceptions of the standard library for a broken zip."""

# Others are unpacked by the standard library in steps of any size, and no wheel has them.
_PACKINGS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_FEW_BYTES = 200_000_000
_MOST_BYTES = 20_000_000_000
_MOST_MEMBERS = 500_000
_RATIO = 50


class CountedFile(io.RawIOBase):
    """A file with a limit on the bytes that may be read; beyond it ValueError is raised."""

    def __init__(self, file: IO[bytes], most: int) -> None:
        self._file = file
        self._most = most
        self._left = most

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return whether the file supports seeking."""
        return self._file.seekable()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move as files do."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return if it is read."""
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, of the file's own buffer."""
        data = self._file.read(self._left + 1 if size < 0 else min(size, self._left + 1))
        self._left -= len(data)
        if self._left < 0:
            raise ValueError(f"more than {self._most:,} bytes of it would have to be read")
        return data

    def readinto(self, buffer: Any) -> int:
        """Read as files do."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes:
    """Return a member of a zip that is of at most so many bytes, unpacked.

    Raises ValueError for a larger one, and for one that is packed as no wheel is.
    """
    if member.compress_type not in _PACKINGS:
        raise ValueError(f"{member.filename[:80]} is packed by method {member.compress_type}")
    with archive.open(member) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise ValueError(f"{member.filename[:80]} is larger than {most:,} bytes")
    return data


def hold_sizes(sizes: Iterable[int], packed: int, *, few: int = _FEW_BYTES) -> None:
    """Look at the sizes of an archive's members before they are unpacked, each as it is read.

    ValueError is raised as soon as they are more than an archive of `packed` bytes holds: more than
    `few`, and fifty times as many, or more than any archive at all.
    """
    most = min(max(few, _RATIO * packed), _MOST_BYTES)
    total = 0
    for number, size in enumerate(sizes):
        total += size
        if total > most:
            raise ValueError(f"more than {most:,} bytes are packed into {packed:,}")
        if number > _MOST_MEMBERS:
            raise ValueError(f"more than {_MOST_MEMBERS:,} files are packed into it")


def hold_identity(file: str, headers: Mapping[str, list[str]]) -> None:
    """Check that metadata names the project and version of its file.

    Metadata without a name is refused: it may be a login page. Raises BrokenMetadataError.
    """
    try:
        wanted = (
            parse_wheel_filename(file)[:2] if file.endswith(".whl") else parse_sdist_filename(file)
        )
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return  # an older form of the name; it was checked when the file was chosen
    name = headers.get("name", [""])[0][:80]
    version = headers.get("version", [str(wanted[1])])[0][:80]
    if canonicalize_name(name) == wanted[0] and _is(version, wanted[1]):
        return
    said = f"is that of {name} {version}" if name else "names no project"
    raise BrokenMetadataError(file, f"its metadata {said}, and the file {wanted[0]} {wanted[1]}")


def _is(text: str, version: Version) -> bool:
    try:
        return Version(text) == version
    except ValueError:  # InvalidVersion, or a number of more digits than Python reads
        return False
