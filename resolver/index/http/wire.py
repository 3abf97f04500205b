"""Answers read from the socket: aborted if they are too slow, or never begin.

This is the only import of urllib3, made for the first request. Threads send requests at the same
time, and if they imported parts of it from several places, one of them would find a half-made
module.
"""

from __future__ import annotations

import io
import time
from contextlib import contextmanager
from functools import partial
from http.client import (
    BadStatusLine,
    HTTPException,
    HTTPResponse,
    IncompleteRead,
    RemoteDisconnected,
)
from typing import TYPE_CHECKING, Any

from urllib3 import PoolManager, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, LocationValueError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ...settings import Bounds

_HEAD = 1 << 20
# A chunk of one byte comes with five of framing.
_FRAMING = 16


class WireError(Exception):
    """An answer was aborted; the message says why.

    It is no OSError: urllib3 takes those for transient faults.
    """


class FramingError(WireError):
    """An answer violates the framing of HTTP (RFC 9112); the message says where."""


def paced_pools(bounds: Bounds) -> Mapping[str, type[HTTPConnectionPool]]:
    """Return urllib3's connection pools by scheme, with answers limited by `bounds`."""
    response = staticmethod(partial(_PacedResponse, bounds))

    class Plain(HTTPConnection):
        response_class = response  # type: ignore[assignment]

    class Secure(HTTPSConnection):
        response_class = response  # type: ignore[assignment]

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


class _PacedResponse(HTTPResponse):
    """An answer that is read from a paced wire, both head and body."""

    def __init__(self, bounds: Bounds, sock: Any, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self._wire = _PacedWire(self.fp.detach(), bounds)
        self.fp = io.BufferedReader(self._wire)

    def begin(self) -> None:
        """Read the head: before it, a server may send any number of "100 Continue"."""
        with self._wire.of_at_most(_HEAD, self._wire.patience), _framed():
            super().begin()
        said = ",".join(self.headers.get_all("Content-Length", ()))
        if len({each.strip() for each in said.split(",")}) > 1:
            raise FramingError(f"it states several lengths, {said[:40]!r}")

    def read(self, amt: int | None = None) -> bytes:
        """Read on; after the last chunk, a server may send any number of lines."""
        most = None if amt is None else amt * _FRAMING + _HEAD
        with self._wire.of_at_most(most), _framed():
            return super().read(amt)


@contextmanager
def _framed() -> Iterator[None]:
    """Raise `FramingError` if the standard library cannot read on, whatever error it raises."""
    try:
        yield
    except (RemoteDisconnected, IncompleteRead):
        raise  # it broke off
    except BadStatusLine as error:
        raise FramingError(f"it begins with {str(error).strip()[:40]!r}") from error
    except HTTPException as error:
        raise FramingError(str(error)) from error
    except ValueError as error:
        raise FramingError("the length that it states is invalid") from error


class _PacedWire(io.RawIOBase):
    """The bytes that a socket receives, as long as it keeps up a minimum speed."""

    def __init__(self, raw: io.RawIOBase, bounds: Bounds) -> None:
        self.patience = bounds.patience
        self._raw = raw
        self._least = bounds.slowest * bounds.patience
        self._since = time.monotonic()
        self._came = 0
        self._left: int | None = None
        self._until: float | None = None

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read from the socket. Raises `WireError`."""
        count = self._raw.readinto(buffer)
        now = time.monotonic()
        self._came += count or 0
        if self._left is not None:
            self._left -= count or 0
            if self._left < 0:
                raise WireError("what frames its answer never ends")
        if self._until is not None and now > self._until:
            raise WireError(f"its answer has not begun after {self.patience:.0f} s")
        if count and now - self._since > self.patience:
            if self._came < self._least:
                raise WireError(f"{self._came:,} bytes in {now - self._since:.0f} s are too slow")
            self._since, self._came = now, 0
        return int(count or 0)

    @contextmanager
    def of_at_most(self, most: int | None, seconds: float | None = None) -> Iterator[None]:
        """Limit the bytes and seconds inside the block."""
        self._left = most
        self._until = None if seconds is None else time.monotonic() + seconds
        try:
            yield
        finally:
            self._left = self._until = None

    def close(self) -> None:
        """Release the socket."""
        self._raw.close()
        super().close()


__all__ = [
    "FramingError",
    "HTTPError",
    "LocationValueError",
    "PoolManager",
    "ProxyManager",
    "WireError",
    "paced_pools",
]
