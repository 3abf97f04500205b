"""Parts of a file that may be pickles, found by content: compressed, archived, in arrays."""

from __future__ import annotations

import io
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO, Any

from .formats import kinds
from .formats.arrays import start_of_objects
from .formats.unpacked import UnpackedStream

DEEPEST = 4
"""The greatest depth of nested archives and compressed files."""
_MOST_PARTS = 100_000
_LARGEST_DIRECTORY = 4_000_000  # bytes
_TAIL = (1 << 16) + 22 + 20 + 56  # bytes at the end of a zip archive: its comment and its records
_LARGEST_INSIDE = 1 << 22  # bytes of a part that are searched for an archive at its end


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a file, or all of it, from its beginning."""

    name: str
    """The name in the container; empty for the whole file."""
    size: int
    """The size in its container, in bytes; 0 if that is unknown."""
    head: bytes
    stream: IO[bytes]
    """The content, at its beginning; for an array of objects, where their pickle begins."""
    refused: str = ""
    """The reason why it cannot be read; empty if it can."""
    is_array: bool = False
    """Whether it is the file of an array without objects, which holds no pickle."""
    is_container: bool = False
    """Whether its content comes as parts: then it need not be a pickle itself."""


def parts_of(stream: IO[bytes], size: int, name: str = "", depth: int = 0) -> Iterator[Part]:
    """Yield the innermost parts of a file, each readable until the next one is requested.

    Raises ValueError and the errors of archive readers if it is damaged.
    """
    head = stream.read(kinds.HEAD)
    stream.seek(0)
    packed, is_array = kinds.compression(head), head.startswith(kinds.ARRAY)
    archives = [*_archives(head, stream, size, depth)]
    # A file may have two formats at once, and its loader picks one. The first bytes of a zip
    # archive read as a pickle with a persistent id in text, which no unpickler accepts.
    is_container = bool(packed) or is_array or kinds.is_tar(head)
    if (is_container or archives) and not head.startswith(kinds.ZIP):
        stream.seek(0)
        yield Part(name, size, head, stream, is_container=is_container)
    stream.seek(0)
    if depth >= DEEPEST and (packed or archives):
        yield Part(name, size, head, stream, "an archive in archives in archives")
        return
    for archive in archives:
        stream.seek(0)
        yield from archive(stream, name, depth)
    if packed:
        yield from _of_compressed(packed, stream, size, name, depth)
    elif is_array:
        start = start_of_objects(head)
        stream.seek(start or 0)
        yield Part(name, size, head, stream, is_array=start is None)
    elif not archives:
        yield Part(name, size, head, stream, kinds.unread(head))


def _of_compressed(
    packed: str, stream: IO[bytes], size: int, name: str, depth: int
) -> Iterator[Part]:
    unpacked = UnpackedStream(packed, stream)
    with io.BufferedReader(unpacked) as inner:
        yield from parts_of(inner, 0, name, depth + 1)
        if unpacked.damage:
            reason = f"it cannot be read to its end: {unpacked.damage}"
            yield Part(name, size, b"", stream, reason)


Opened = Callable[[IO[bytes], str, int], Iterator[Part]]


def _archives(head: bytes, stream: IO[bytes], size: int, depth: int) -> Iterator[Opened]:
    if kinds.is_tar(head):
        yield _of_tar
    if head.startswith(kinds.ZIP) or _ends_as_zip(stream, size, depth):
        yield _of_zip


def _ends_as_zip(stream: IO[bytes], size: int, depth: int) -> bool:
    """Return whether a stream is a zip archive; a small nested file is read to its end."""
    if depth and not 0 < size <= _LARGEST_INSIDE:
        return False
    try:
        return zipfile.is_zipfile(stream)
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error):  # it is damaged itself
        return False


def _of_zip(stream: IO[bytes], name: str, depth: int) -> Iterator[Part]:
    _check_directory(stream)
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
            archive.members.clear()  # type: ignore[attr-defined]  # it would keep all of them
            part = archive.extractfile(entry) if entry.isreg() else None
            if part is not None:
                yield from parts_of(part, entry.size, _joined(name, entry.name), depth + 1)


def _check_count(entries: list[Any]) -> None:
    if len(entries) > _MOST_PARTS:
        raise ValueError(f"it has more than {_MOST_PARTS:,} files")


def _check_directory(stream: IO[bytes]) -> None:
    """Raise ValueError for an archive whose directory would take long to read.

    The end of the directory is given in the last bytes (APPNOTE 4.3.14 and 4.3.16).
    """
    stream.seek(max(0, stream.seek(0, io.SEEK_END) - _TAIL))
    tail = stream.read(_TAIL)
    stream.seek(0)
    for mark, at, wide in ((b"PK\x05\x06", 12, 4), (b"PK\x06\x06", 40, 8)):
        place = tail.rfind(mark) + at
        said = tail[place : place + wide]
        size = int.from_bytes(said, "little") if place >= at and said != b"\xff" * wide else 0
        if size > _LARGEST_DIRECTORY:
            raise ValueError(f"its list of files has {size:,} bytes, more than are read")


def _joined(name: str, inside: str) -> str:
    return f"{name}!{inside}" if name else inside
