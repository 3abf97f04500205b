"""Read the body of a request, and decompress it."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable, Sequence

from ..errors import bad_request
from .content_type import unsupported
from .exchange import HttpExchange, too_large

_LARGE = 64 * 1024  # bytes; decompressing more than this would delay other requests
_MOST_CODINGS = 2
_MOST_MEMBERS = 10_000
_FIRST_PIECE = 512
_ACCEPTED = (("accept-encoding", "gzip, deflate"),)

Parts = Sequence[bytes]


class _DamagedError(Exception):
    """The body is not compressed as its header says."""


async def body_of(exchange: HttpExchange, largest: int) -> Parts:
    """Return the body in parts, decompressed, of at most `largest` bytes.

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
    """Return the encodings of the body, in the order they were applied. Raises RequestError."""
    names = [name.strip().lower() for name in text.split(",")]
    names = [name for name in names if name not in ("", "identity")]
    unknown = [name for name in names if name not in _CODINGS]
    if unknown or len(names) > _MOST_CODINGS:
        raise unsupported(
            f"a body may be encoded by gzip and deflate, not by {text!r:.200}", _ACCEPTED
        )
    return names


def _gunzip(parts: Parts, largest: int) -> Parts:
    """Decompress gzip, which may consist of several members (RFC 1952)."""
    data = memoryview(b"".join(parts))
    found: list[bytes] = []
    place, left = 0, largest
    for _ in range(_MOST_MEMBERS):
        unpacked, place = _unpack(data, place, zlib.MAX_WBITS | 16, left, largest)
        found.append(unpacked)
        left -= len(unpacked)
        is_padded = place < len(data) and not data[place]
        if place == len(data) or (is_padded and not bytes(data[place:]).strip(b"\0")):
            return found
    raise _DamagedError(f"it has more than {_MOST_MEMBERS:,} gzip members")


def _inflate(parts: Parts, largest: int) -> Parts:
    """Decompress HTTP's deflate: zlib's format, or the raw one that some clients send."""
    data = b"".join(parts)
    headed = len(data) > 1 and data[0] & 15 == 8 and not (data[0] << 8 | data[1]) % 31
    form = zlib.MAX_WBITS if headed else -zlib.MAX_WBITS
    unpacked, end = _unpack(memoryview(data), 0, form, largest, largest)
    if end < len(data):
        raise _DamagedError(f"{len(data) - end:,} bytes follow its end")
    return [unpacked]


def _unpack(data: memoryview, place: int, form: int, most: int, largest: int) -> tuple[bytes, int]:
    """Return the decompressed data from `place` on, at most `most` bytes, and the place of its end.

    The whole body may have at most `largest` bytes. Data is read in pieces, since everything after
    the end of a member is copied.
    """
    unpacker = zlib.decompressobj(form)
    found: list[bytes] = []
    size, piece = 0, _FIRST_PIECE
    while not unpacker.eof:
        if place >= len(data):
            raise _DamagedError("it is cut off")
        given = data[place : place + piece]
        unpacked = unpacker.decompress(given, most + 1 - size)
        found.append(unpacked)
        size += len(unpacked)
        if size > most:
            raise too_large(largest, "a decompressed body")
        place += len(given) - len(unpacker.unused_data)
        piece = min(2 * piece, _LARGE)
    return b"".join(found), place


_CODINGS: dict[str, Callable[[Parts, int], Parts]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _inflate,
}
