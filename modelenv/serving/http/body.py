"""The body of a request, unpacked where it is compressed."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable, Sequence

from ..errors import bad_request
from .content_type import unsupported
from .exchange import HttpExchange, too_large

_LARGE = 64 * 1024  # bytes from which unpacking would make others wait
_MOST_CODINGS = 2
_ACCEPTED = (("accept-encoding", "gzip, deflate"),)

Parts = Sequence[bytes]


class _DamagedError(Exception):
    """What is to be unpacked was not packed so."""


async def body_of(exchange: HttpExchange, largest: int) -> Parts:
    """Return the body in parts: at most `largest` bytes, as they come and unpacked.

    Raises RequestError.
    """
    coding = exchange.header("content-encoding")
    codings = _codings(coding) if coding else []
    parts: Parts = await exchange.parts(largest)
    for name in reversed(codings):
        try:
            if sum(map(len, parts)) < _LARGE:
                parts = _CODINGS[name](parts, largest)
            else:
                parts = await asyncio.to_thread(_CODINGS[name], parts, largest)
        except (_DamagedError, zlib.error) as error:
            raise bad_request(
                f"the body is not {name}, as Content-Encoding says: {error}"
            ) from None
    return parts


def _codings(text: str) -> list[str]:
    """Return what was done to the body, in its order. Raises RequestError."""
    names = [name.strip().lower() for name in text.split(",")]
    names = [name for name in names if name not in ("", "identity")]
    unknown = [name for name in names if name not in _CODINGS]
    if unknown or len(names) > _MOST_CODINGS:
        raise unsupported(f"a body is unpacked from gzip and deflate, not {text!r}", _ACCEPTED)
    return names


def _gunzip(parts: Parts, largest: int) -> Parts:
    """Unpack gzip, which may be several packed things in a row (RFC 1952)."""
    data = b"".join(parts)
    found: list[bytes] = []
    left = largest
    while True:
        unpacked, data = _unpack(data, zlib.MAX_WBITS | 16, left)
        found.append(unpacked)
        left -= len(unpacked)
        if not data.strip(b"\0"):
            return found


def _inflate(parts: Parts, largest: int) -> Parts:
    """Unpack what HTTP calls deflate: zlib's format, or the bare one that some clients send."""
    data = b"".join(parts)
    headed = len(data) > 1 and data[0] & 15 == 8 and not (data[0] << 8 | data[1]) % 31
    unpacked, rest = _unpack(data, zlib.MAX_WBITS if headed else -zlib.MAX_WBITS, largest)
    if rest:
        raise _DamagedError(f"{len(rest):,} bytes follow its end")
    return [unpacked]


def _unpack(data: bytes, form: int, largest: int) -> tuple[bytes, bytes]:
    """Return what was packed, of at most `largest` bytes, and what follows it."""
    unpacker = zlib.decompressobj(form)
    unpacked = unpacker.decompress(data, largest + 1)
    if len(unpacked) > largest:
        raise too_large(largest, "a body that is unpacked")
    if not unpacker.eof:
        raise _DamagedError("it is cut")
    return unpacked, unpacker.unused_data


_CODINGS: dict[str, Callable[[Parts, int], Parts]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _inflate,
}
