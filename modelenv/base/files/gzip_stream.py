"""A compressed stream with the same bytes whenever and wherever it is made."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from typing import IO

EPOCH = 315532800
"""The modification time of each file in an archive: 1980-01-01, the earliest of a zip file."""
# RFC 1952: deflate, no name, no time, no system.
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


class GzipStream(io.RawIOBase):
    """A stream that compresses (RFC 1952), and hashes both its input and its output."""

    def __init__(self, stream: IO[bytes], level: int) -> None:
        """Compress to `stream` at zlib's compression `level`."""
        super().__init__()
        self._stream = stream
        self._deflate = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
        self._crc = 0
        self.plain = hashlib.sha256()
        self.digest = hashlib.sha256()
        self.size = 0
        self._put(_HEADER)

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # tarfile writes only bytes
        """Compress `data`."""
        self.plain.update(data)
        self._crc = zlib.crc32(data, self._crc)
        self.size += len(data)
        self._put(self._deflate.compress(data))
        return len(data)

    def finish(self) -> None:
        """Write the remaining data and the checksum."""
        self._put(self._deflate.flush())
        self._put(struct.pack("<II", self._crc, self.size & 0xFFFFFFFF))

    def _put(self, data: bytes) -> None:
        self.digest.update(data)
        self._stream.write(data)
