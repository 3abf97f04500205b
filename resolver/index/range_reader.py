"""A file on the network that is read in parts."""

from __future__ import annotations

import io
from typing import Any, Protocol

from ..errors import SourceError
from ..requirements.references import without_credentials

# Holds the directory of a zip of some hundred files, and its METADATA, which most tools write last.
_TAIL = 24_000
PART = 16_000


class Ranges(Protocol):
    """What fetches parts of files; a `Fetcher` does."""

    def part(self, url: str, asked: str) -> tuple[bytes, int, int] | None:
        """Return a range ("0-99", "-500" for the end), its start and the file's length."""


class RemoteFile(io.RawIOBase):
    """Read a file on the network in parts, the end first, as the directory of a zip is there."""

    def __init__(self, fetcher: Ranges, url: str) -> None:
        self._fetcher = fetcher
        self._url = url
        self._position = 0
        # A file that is shorter than its tail has no such range for some servers.
        got = fetcher.part(url, f"-{_TAIL}") or fetcher.part(url, "0-")
        if got is None:
            raise SourceError(without_credentials(url), "no part of it can be had")
        body, start, self._length = got
        self._parts = {start: body}

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
        """Read from the parts that are here, else fetch what is missing."""
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
        last = min(self._length, max(end, first + PART)) - 1
        got = self._fetcher.part(self._url, f"{first}-{last}")
        if got is None:
            raise SourceError(without_credentials(self._url), f"no bytes {first}-{last}")
        self._parts[got[1]] = got[0]
        return got[0], got[1]
