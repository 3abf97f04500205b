"""The content of a compressed file, as far as it can be read."""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from collections.abc import Callable
from typing import IO, Any

_BLOCK = 1 << 16


def _inflating() -> Any:
    return zlib.decompressobj(32 + zlib.MAX_WBITS)  # gzip or zlib, detected by the first bytes


_MAKERS: dict[str, Callable[[], Any]] = {
    **dict.fromkeys(("gzip", "zlib"), _inflating),
    "bzip2": bz2.BZ2Decompressor,
    **dict.fromkeys(("xz", "lzma"), lzma.LZMADecompressor),
}
_DAMAGED = (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError)


class UnpackedStream(io.RawIOBase):
    """The decompressed content of a stream; `damage` tells why it ends early."""

    def __init__(self, packed: str, stream: IO[bytes]) -> None:
        super().__init__()
        self._packed = packed
        self._stream = stream
        self.damage = ""
        self._rewind()

    def _rewind(self) -> None:
        self._ended = False
        self._stream.seek(0)
        self._place = 0
        self._waiting = b""
        self._reader = _MAKERS[self._packed]()

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True; it goes back by decompressing again."""
        return True

    def tell(self) -> int:
        """Return the position in the decompressed content."""
        return self._place

    def seek(self, place: int, whence: int = io.SEEK_SET, /) -> int:
        """Move to a position."""
        if whence == io.SEEK_END:
            while self.read(_BLOCK):
                pass
        place += self._place if whence else 0
        if place < self._place:
            self._rewind()
        while self._place < place and self.read(min(_BLOCK, place - self._place)):
            pass
        return self._place

    def readinto(self, buffer: Any, /) -> int:
        """Decompress into a buffer; return 0 at the end, or if the rest is damaged."""
        data = b"" if self._ended else self._next(len(buffer))
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)

    def _next(self, most: int) -> bytes:
        try:
            while True:
                if self._reader.eof and not self._begin_next():
                    return b""
                data = self._waiting or self._stream.read(_BLOCK)
                needs = getattr(self._reader, "needs_input", True)
                if not data and needs:
                    raise EOFError("it is cut off")
                found: bytes = self._reader.decompress(data if needs else b"", most)
                # zlib returns the rest of its input; the others keep it.
                kept = getattr(self._reader, "unconsumed_tail", b"" if needs else data)
                self._waiting = kept if not self._reader.eof else self._reader.unused_data
                if found:
                    return found
        except _DAMAGED as error:
            self.damage, self._ended = str(error) or type(error).__name__, True
            return b""

    def _begin_next(self) -> bool:
        """Continue with the next compressed member, if there is one."""
        rest = (self._waiting or self._stream.read(_BLOCK)).lstrip(b"\0")
        if rest:
            self._waiting = rest
            self._reader = _MAKERS[self._packed]()
        return bool(rest)
