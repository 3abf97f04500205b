"""A value as one file: its description as JSON, then the buffers that hold its data.

    8 bytes   MODELTBL
    8 bytes   the length of the header, little-endian
    header    {"value": description, "buffers": [[offset, length] or null, ...]}
    buffers   each at its offset from the header's end, a multiple of 8

Nothing in it is a pickle. Travels into other interpreters: Python 3.8 syntax and the standard
library only.
"""

from __future__ import annotations

import json
import os
import struct

from ..errors import UnfaithfulError

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ..table import Buffer

_MAGIC = b"MODELTBL"
_PIECE = 2**18


def to_bytes(described: dict[str, Any], buffers: Sequence[Buffer]) -> list[bytes | memoryview]:
    """Return the parts of such a file, in order."""
    places: list[Any] = []
    parts: list[bytes | memoryview] = []
    offset = 0
    for buffer in buffers:
        if buffer is None:
            places.append(None)
            continue
        size = len(buffer)
        places.append([offset, size])
        filled = -size % 8
        parts += [buffer, bytes(filled)]
        offset += size + filled
    header = json.dumps({"value": described, "buffers": places}).encode("ascii")
    header += b" " * (-len(header) % 8)
    return [_MAGIC, struct.pack("<Q", len(header)), header, *parts]


def from_bytes(
    data: bytes | bytearray | memoryview, parse: Callable[[bytes], Any] = json.loads
) -> tuple[dict[str, Any], list[Buffer]]:
    """Return the description and the buffers of such a file; the buffers are views of `data`.

    `parse` reads the header, which is JSON. Raises UnfaithfulError if any byte does not belong to
    such a file.
    """
    view = memoryview(data)
    length = header_length(bytes(view[:16]), len(view))
    described, places = read_header(bytes(view[16 : 16 + length]), parse)
    body = view[16 + length :]
    check_places(places, len(body))
    return described, buffers_of(body, places)


def check_places(places: list[Any], length: int) -> None:
    """Raise UnfaithfulError unless buffers at these places take up exactly `length` bytes."""
    end = 0
    for start, size in filter(None, places):
        if start != end or size > length - start:
            raise UnfaithfulError("a buffer is cut, or does not begin where the one before it ends")
        end = start + size + -size % 8
    if end != length:
        raise UnfaithfulError("its buffers end at byte %d of %d" % (end, length))


def buffers_of(body: memoryview, places: list[Any]) -> list[Buffer]:
    """Return views of the buffers at places that were checked."""
    return [place and body[place[0] : place[0] + place[1]] for place in places]


def header_length(begin: bytes, size: int) -> int:
    """Return the length of the header in a file of `size` bytes, from its first 16 bytes.

    Raises UnfaithfulError.
    """
    if begin[:8] != _MAGIC or len(begin) < 16:
        raise UnfaithfulError("these are no buffers of a value")
    (length,) = struct.unpack("<Q", begin[8:])
    if length > size - 16:
        raise UnfaithfulError("its header ends after it")
    return int(length)


def read_header(
    text: bytes, parse: Callable[[bytes], Any] = json.loads
) -> tuple[dict[str, Any], list[Any]]:
    """Return the description in a header, and the places of the buffers. Raises UnfaithfulError."""
    try:
        header = parse(text)
    except (ValueError, RecursionError) as error:
        raise UnfaithfulError("its header is no such JSON: %s" % error) from error
    told = header if type(header) is dict else {}
    described, places = told.get("value"), told.get("buffers")
    if type(described) is not dict or type(places) is not list:
        raise UnfaithfulError("its header describes no value")
    for place in places:
        sizes = place if type(place) is list and len(place) == 2 else (None,)
        if place is not None and any(type(size) is not int or size < 0 for size in sizes):
            raise UnfaithfulError("the place of a buffer is invalid: %.80r" % (place,))
    return described, places


def same_bytes(one: Buffer, other: Buffer) -> bool:
    """Return whether two buffers are equal."""
    if one is None or other is None:
        return one is other
    if len(one) != len(other):
        return False
    # Bytes compare faster than views; small slices reuse memory.
    starts = range(0, len(one), _PIECE)
    return all(bytes(one[at : at + _PIECE]) == bytes(other[at : at + _PIECE]) for at in starts)


def write(path: str, described: dict[str, Any], buffers: Sequence[Buffer]) -> None:
    """Write such a file."""
    with open(path, "wb") as file:
        file.writelines(to_bytes(described, buffers))


def read(path: str) -> tuple[dict[str, Any], list[Buffer]]:
    """Read such a file into writable memory."""
    with open(path, "rb") as file:
        data = bytearray(os.fstat(file.fileno()).st_size)
        file.readinto(data)
    return from_bytes(data)
