"""The body of an answer: decompressed as it comes, up to a limit."""

from __future__ import annotations

import time
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_LEAST = 1 << 10
_BLOCK = 1 << 16
_QUICK = 0.1
_GZIP = zlib.MAX_WBITS | 16


class Allowance(NamedTuple):
    """The limits for one answer."""

    bytes: int
    until: float
    """The deadline, by the clock of `time.monotonic`."""
    seconds: float
    """The length of that time in seconds, for messages."""


class BodyError(Exception):
    """A body is not what was requested; the message says why."""


class CutShortError(Exception):
    """A body ended early; a retry may get it whole."""


def raw_blocks(response: Any, allowed: Allowance) -> Iterator[bytes]:
    """Yield a body as it comes. Raises `BodyError`, and what urllib3 does."""
    came, size, asked = 0, _LEAST, time.monotonic()
    try:
        while block := response.read(size, decode_content=False):
            came += len(block)
            _hold(came, allowed)
            yield block
            # A block comes whole or not at all, and the clock is checked in between.
            is_quick = time.monotonic() - asked < _QUICK
            size = min(2 * size, _BLOCK) if is_quick else max(size // 2, _LEAST)
            asked = time.monotonic()
    except BaseException:  # also if the reader needs no more
        response.close()
        raise


def read_body(response: Any, allowed: Allowance) -> bytes:
    """Return a body, decompressed.

    Raises `BodyError`, `CutShortError`, and urllib3's errors.
    """
    packing = response.headers.get("Content-Encoding", "").strip().lower()
    blocks = raw_blocks(response, allowed)
    if packing in {"gzip", "x-gzip"}:
        return b"".join(_unpacked(blocks, allowed))
    if packing not in {"", "identity"}:
        response.close()
        raise BodyError(f"it came packed as {packing[:40]!r}, which was not requested")
    return b"".join(blocks)


def discard(response: Any) -> None:
    """Drain a short body that is not needed, to keep its connection; or close it."""
    from .wire import HTTPError, WireError

    try:
        response.read(_BLOCK, decode_content=False)
        if response.read(1, decode_content=False):
            response.close()
    except (HTTPError, OSError, WireError):
        response.close()


def _unpacked(blocks: Iterator[bytes], allowed: Allowance) -> Iterator[bytes]:
    """Yield gzip data decompressed, in parts that are no larger than a block."""
    unpacker = zlib.decompressobj(_GZIP)
    came = 0
    for block in blocks:
        left = block
        while left:
            if unpacker.eof:  # another member follows
                unpacker = zlib.decompressobj(_GZIP)
            try:
                part = unpacker.decompress(left, _BLOCK)
            except zlib.error as error:
                raise BodyError(f"it is not packed as it says (gzip: {error})") from error
            left = unpacker.unused_data or unpacker.unconsumed_tail
            came += len(part)
            _hold(came, allowed)
            yield part
    if not unpacker.eof:
        raise CutShortError("it broke off")


def _hold(came: int, allowed: Allowance) -> None:
    if came > allowed.bytes:
        raise BodyError(f"it is larger than any such answer is ({allowed.bytes:,} bytes)")
    if time.monotonic() > allowed.until:
        raise BodyError(f"it has not come whole after {allowed.seconds:,.0f} s")
