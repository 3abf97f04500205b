"""Find what may be pickled in a file, by content: compressed, in an archive, in an array's file."""

from __future__ import annotations

import ast
import bz2
import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO, Any, cast

from . import kinds
from .opcodes import Readable

DEEPEST = 4
"""How many archives and compressed files may lie one inside another."""
_MOST_PARTS = 100_000


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a file, or all of it, from its beginning."""

    name: str
    """Empty for the whole."""
    size: int
    """Bytes, as they are in what holds it; 0 where that is not known."""
    head: bytes
    stream: IO[bytes]
    """At its beginning; of objects in an array, where their pickle begins."""
    refused: str = ""
    """Why it cannot be looked into; empty where it can."""
    is_array: bool = False
    """Whether it is the file of an array without objects, which holds no pickle."""


def parts_of(stream: IO[bytes], size: int, name: str = "", depth: int = 0) -> Iterator[Part]:
    """Yield the innermost parts of a file, which can be read until the next one is asked for.

    Raises ValueError and the errors of reading archives where it is damaged.
    """
    head = stream.read(kinds.HEAD)
    stream.seek(0)
    packed = kinds.compression(head)
    archive = _archive(head, stream, depth)
    if depth >= DEEPEST and (packed or archive):
        yield Part(name, size, head, stream, "an archive in archives in archives")
    elif archive:
        yield from archive(stream, name, depth)
        if not head.startswith(kinds.ZIP) and not kinds.is_tar(head):  # it has a file in front
            stream.seek(0)
            yield Part(name, size, head, stream)
    elif packed:
        inner = cast("IO[bytes]", _unpacked(packed, stream))
        yield from parts_of(inner, 0, name, depth + 1)
    elif head.startswith(kinds.ARRAY):
        yield _of_array(Part(name, size, head, stream))
    else:
        yield Part(name, size, head, stream, kinds.unread(head))


Opened = Callable[[IO[bytes], str, int], Iterator[Part]]


def _archive(head: bytes, stream: IO[bytes], depth: int) -> Opened | None:
    if kinds.is_tar(head):
        return _of_tar
    # What is known by its end alone is looked for in files, not in what they hold.
    if head.startswith(kinds.ZIP) or (depth == 0 and zipfile.is_zipfile(stream)):
        stream.seek(0)
        return _of_zip
    stream.seek(0)
    return None


def _of_zip(stream: IO[bytes], name: str, depth: int) -> Iterator[Part]:
    with zipfile.ZipFile(stream) as archive:
        entries = [each for each in archive.infolist() if not each.is_dir()]
        _check_count(entries)
        for entry in entries:
            inside = _joined(name, entry.filename)
            with ExitStack() as stack:
                try:
                    part = stack.enter_context(archive.open(entry))
                except (RuntimeError, NotImplementedError) as error:  # encrypted, or a rare method
                    yield Part(inside, entry.file_size, b"", stream, str(error))
                    continue
                yield from parts_of(part, entry.file_size, inside, depth + 1)


def _of_tar(stream: IO[bytes], name: str, depth: int) -> Iterator[Part]:
    with tarfile.open(fileobj=stream, mode="r:") as archive:
        for count, entry in enumerate(archive):
            if count >= _MOST_PARTS:
                raise ValueError(f"it has more than {_MOST_PARTS:,} files")
            part = archive.extractfile(entry) if entry.isreg() else None
            if part is not None:
                yield from parts_of(part, entry.size, _joined(name, entry.name), depth + 1)


def _check_count(entries: list[Any]) -> None:
    if len(entries) > _MOST_PARTS:
        raise ValueError(f"it has more than {_MOST_PARTS:,} files")


def _joined(name: str, inside: str) -> str:
    return f"{name}!{inside}" if name else inside


def _of_array(part: Part) -> Part:
    """Return the pickle in an array's file, which it holds where its elements are objects."""
    wide = 2 if part.head[6:7] == b"\x01" else 4
    start = 8 + wide
    end = start + int.from_bytes(part.head[8:start], "little")
    if end > len(part.head):
        raise ValueError("the array's header is longer than any is")
    header = ast.literal_eval(part.head[start:end].decode("latin-1").strip())
    if not isinstance(header, dict) or "descr" not in header:
        raise ValueError("the array has no header")
    holds = "O" in str(header["descr"])
    if holds:
        part.stream.seek(end)
    return Part(part.name, part.size, part.head, part.stream, is_array=not holds)


def _unpacked(packed: str, stream: IO[bytes]) -> Readable:
    if packed == "gzip":
        return gzip.GzipFile(fileobj=stream)
    if packed == "bzip2":
        return bz2.BZ2File(stream)
    if packed == "zlib":
        return Inflated(stream)
    return lzma.LZMAFile(stream)


class Inflated:
    """What zlib compressed, read from its beginning; `seek` goes back to that alone."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.seek(0)

    def seek(self, place: int, _: int = 0, /) -> int:
        """Go back to the beginning, or on to a place."""
        self._stream.seek(0)
        self._reader = zlib.decompressobj()
        self._kept = b""
        if place:
            self.read(place)
        return place

    def read(self, size: int = -1, /) -> bytes:
        """Read bytes."""
        found = [self._kept[:size]] if size >= 0 else [self._kept]
        left = size - len(found[0])
        self._kept = self._kept[len(found[0]) :]
        while left and not self._reader.eof:
            data = self._reader.unconsumed_tail or self._stream.read(1 << 16)
            block = self._reader.decompress(data, left if size >= 0 else 0)
            if not data and not block:
                raise EOFError("it is cut off")
            found.append(block)
            left -= len(block)
        return b"".join(found)

    def readline(self, size: int = -1, /) -> bytes:
        """Read a line of at most `size` bytes."""
        line = self.read(min(size, 1 << 12) if size >= 0 else 1 << 12)
        while b"\n" not in line and (more := self.read(1 << 12)):
            line += more
            if 0 <= size <= len(line):
                break
        end = line.find(b"\n") + 1 or len(line)
        end = min(end, size) if size >= 0 else end
        self._kept = line[end:] + self._kept
        return line[:end]
