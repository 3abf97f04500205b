"""A file on the network that is read in parts."""

from __future__ import annotations

import io
from typing import Any, Protocol

from ..errors import FalseAnswerError
from ..requirements.references import without_credentials

# Holds the directory of a zip of some hundred files, and its METADATA, which most tools write last.
_TAIL = 24_000
PART = 16_000


class Ranges(Protocol):
    """An object that fetches parts of files, as a `Fetcher` does."""

    def part(self, url: str, first: int | None, count: int) -> tuple[bytes, int, int] | None:
        """Return bytes from `first` (None: of the end), their start and the file's length."""


class RemoteFile(io.RawIOBase):
    """Reads a remote file in ranges, the end first, as the directory of a zip is there."""

    def __init__(self, fetcher: Ranges, url: str, tail: tuple[bytes, int, int]) -> None:
        self._fetcher = fetcher
        self._url = url
        self._position = 0
        body, start, self._length = tail
        self._parts = {start: body}

    @classmethod
    def of(cls, fetcher: Ranges, url: str) -> RemoteFile | None:
        """Return the file at a URL; None if its server sends no ranges."""
        # A file that is shorter than its tail has no such range for some servers.
        tail = fetcher.part(url, None, _TAIL) or fetcher.part(url, 0, _TAIL)
        return None if tail is None else cls(fetcher, url, tail)

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move as files do."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._length}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Read from the fetched ranges, else fetch what is missing."""
        end = min(self._length, self._position + len(buffer))
        if end <= self._position:
            return 0
        body, start = self._holding(self._position, end)
        data = body[self._position - start : end - start]
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def _holding(self, first: int, end: int) -> tuple[bytes, int]:
        for start, body in self._parts.items():
            if start <= first and end <= start + len(body):
                return body, start
        got = self._fetcher.part(self._url, first, max(end - first, PART))
        if got is None or got[2] != self._length:
            reason = f"its bytes from {first:,} are not to be had, as others of it were"
            raise FalseAnswerError(without_credentials(self._url), reason)
        self._parts[first] = got[0]
        return got[0], first
