"""Find the pickles in a file: as they are, compressed, in a zip archive, in an array's file."""

from __future__ import annotations

import ast
import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from typing import Protocol


class Readable(Protocol):
    """What opcodes can be read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Read bytes."""

    def readline(self, size: int = -1, /) -> bytes:
        """Read a line."""


Found = tuple[str, Readable]
"""The name of a part, empty for the whole, and its bytes."""

MOST_BYTES = 1 << 33
"""What a compressed file may grow to: more is taken for an attack."""

_ZIP = b"PK\x03\x04"
_ARRAY = b"\x93NUMPY"
_PICKLED_PARTS = (".pkl", ".pickle", ".npy")


def pickles_in(data: bytes) -> Iterator[Found]:
    """Yield the pickles in a file's bytes.

    Raises ValueError where there is none, or it is compressed in a way that the standard library
    cannot read.
    """
    if data.startswith(_ZIP):
        yield from _of_archive(data)
    elif data.startswith(_ARRAY):
        yield from _of_array(data)
    else:
        yield "", _decompressed(data)


def _of_archive(data: bytes) -> Iterator[Found]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.infolist():
            if entry.filename.endswith(_PICKLED_PARTS):
                if entry.file_size > MOST_BYTES:
                    raise ValueError(f"{entry.filename} is larger than {MOST_BYTES} bytes")
                part = archive.read(entry)
                for inner, stream in pickles_in(part):
                    yield f"{entry.filename}{inner}", stream


def _of_array(data: bytes) -> Iterator[Found]:
    """Yield the pickle in an array's file, which it holds where its elements are objects."""
    wide = 2 if data[6:7] == b"\x01" else 4
    start = 8 + wide
    end = start + int.from_bytes(data[8:start], "little")
    header = ast.literal_eval(data[start:end].decode("latin-1").strip())
    if not isinstance(header, dict) or "descr" not in header:
        raise ValueError("the array has no header")
    if "O" in str(header["descr"]):
        yield "", io.BytesIO(data[end:])


def _decompressed(data: bytes) -> Readable:
    stream = io.BytesIO(data)
    if data.startswith(b"\x1f\x8b"):
        return Limited(gzip.GzipFile(fileobj=stream))
    if data.startswith(b"BZh"):
        return Limited(bz2.BZ2File(stream))
    if data.startswith((b"\xfd7zXZ", b"]\x00\x00")):
        return Limited(lzma.LZMAFile(stream))
    if data.startswith(b"\x04\x22\x4d\x18"):
        raise ValueError("it is compressed by lz4, which can not be read here")
    if data[:1] == b"x" and data[1:2] in (b"\x01", b"\x5e", b"\x9c", b"\xda"):
        reader = zlib.decompressobj()
        plain = reader.decompress(data, MOST_BYTES)
        if reader.unconsumed_tail:
            raise ValueError(f"it is larger than {MOST_BYTES} bytes")
        return io.BytesIO(plain)
    return stream


class Limited:
    """A stream that ends in an error where it has given more than it may."""

    def __init__(self, stream: Readable, most: int = MOST_BYTES) -> None:
        self._stream = stream
        self._left = most

    def read(self, size: int = -1, /) -> bytes:
        """Read from the stream."""
        return self._counted(self._stream.read(self._bounded(size)))

    def readline(self, size: int = -1, /) -> bytes:
        """Read a line from the stream."""
        return self._counted(self._stream.readline(self._bounded(size)))

    def _bounded(self, size: int) -> int:
        """Return `size`, or one byte more than may come."""
        return size if 0 <= size <= self._left else self._left + 1

    def _counted(self, data: bytes) -> bytes:
        self._left -= len(data)
        if self._left < 0:
            raise ValueError("it is larger than it may be")
        return data
