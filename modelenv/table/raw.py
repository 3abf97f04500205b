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
import struct

from .errors import UnfaithfulError

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .table import Buffer

_MAGIC = b"MODELTBL"


def to_bytes(described: dict[str, Any], buffers: Sequence[Buffer]) -> list[bytes | memoryview]:
    """Return the parts of such a file, in their order."""
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


def from_bytes(data: bytes | memoryview) -> tuple[dict[str, Any], list[Buffer]]:
    """Return the description and the buffers of such a file; the buffers are views of it.

    Raises UnfaithfulError for what is none.
    """
    view = memoryview(data)
    if bytes(view[:8]) != _MAGIC:
        raise UnfaithfulError("these are no buffers of a value")
    (length,) = struct.unpack("<Q", view[8:16])
    header = json.loads(bytes(view[16 : 16 + length]).decode("ascii"))
    body = view[16 + length :]
    buffers: list[Buffer] = [
        None if place is None else body[place[0] : place[0] + place[1]]
        for place in header["buffers"]
    ]
    described: dict[str, Any] = header["value"]
    return described, buffers


def write(path: str, described: dict[str, Any], buffers: Sequence[Buffer]) -> None:
    """Write such a file."""
    with open(path, "wb") as file:
        file.writelines(to_bytes(described, buffers))


def read(path: str) -> tuple[dict[str, Any], list[Buffer]]:
    """Read such a file."""
    with open(path, "rb") as file:
        return from_bytes(file.read())
