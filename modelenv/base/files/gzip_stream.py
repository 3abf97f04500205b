"""A compressed stream that is the same whenever and wherever it is made."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from typing import IO

EPOCH = 315532800
"""When each file in one was changed last: in 1980, before which a zip file knows no time."""
# RFC 1952: deflate, no name, no time, no system.
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


class GzipStream(io.RawIOBase):
    """A stream that compresses (RFC 1952), and hashes what goes in and what comes out."""

    def __init__(self, stream: IO[bytes], level: int) -> None:
        """Compress to a stream, as hard as zlib's `level` says."""
        super().__init__()
        self._stream = stream
        self._deflate = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
        self._crc = 0
        self.plain = hashlib.sha256()
        self.digest = hashlib.sha256()
        self.size = 0
        self._put(_HEADER)

    def writable(self) -> bool:
        """Return that it is."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # only bytes come from a tar
        """Compress some more."""
        self.plain.update(data)
        self._crc = zlib.crc32(data, self._crc)
        self.size += len(data)
        self._put(self._deflate.compress(data))
        return len(data)

    def finish(self) -> None:
        """Write what is left, and the sum of all."""
        self._put(self._deflate.flush())
        self._put(struct.pack("<II", self._crc, self.size & 0xFFFFFFFF))

    def _put(self, data: bytes) -> None:
        self.digest.update(data)
        self._stream.write(data)
