"""A copy of these files beside the records, from which children load the tracer.

When a child starts, the folder that we run from may have moved; the folder of the records has to be
there in any case. A copy also keeps bytecode of other Python versions out of our installed folder.
All but the first file goes into an archive, since two dozen files and their bytecode would take
several milliseconds for each trace. Links would let anyone with write access to the folder of the
records change the installed files.
"""

from __future__ import annotations

import os
import sys
from time import localtime

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Iterator

_HERE = os.path.dirname(os.path.abspath(__file__))
_FIRST = "sitecustomize.py"
_ARCHIVE = "probe.zip"
_BYTES = getattr(os, "O_BINARY", 0)  # Windows would translate ends of lines


class EntryCopy:
    """Writes copies, one for each trace; their content is read for the first one alone."""

    def __init__(self) -> None:
        self._files: tuple[bytes, bytes] | None = None

    def folder_in(self, spool: str) -> str:
        """Return the folder to put on the path of children; the copy in `spool` is made once.

        If it cannot be made (a full disk, a tracer in an archive) our own folder is used.
        """
        entry = os.path.join(spool, "entry")
        if os.path.isfile(os.path.join(entry, _FIRST)):
            return entry
        try:
            if self._files is None:
                first, _ = _read(os.path.join(_HERE, "entry", _FIRST))
                self._files = first, archive(_HERE)
            os.makedirs(entry, 0o700, exist_ok=True)
            _write(os.path.join(spool, _ARCHIVE), self._files[1])
            _write(os.path.join(entry, _FIRST), self._files[0])  # shows that the copy is complete
        except OSError:
            return os.path.join(_HERE, "entry")
        return entry


def archive(folder: str) -> bytes:
    """Return the modules of a folder, with this Python's bytecode, as a zip archive.

    Nothing is compressed: an import system without zlib can read it.
    """
    # Python's own zipfile imports two dozen modules; the trace would not see their import by the
    # traced code.
    from binascii import crc32  # entered children do not need it

    entries: list[bytes] = []
    directory: list[bytes] = []
    place = 0
    for name, data, time in _modules(folder):
        text = name.encode("ascii")
        sums = (crc32(data), 4), (len(data), 4), (len(data), 4)
        about = _numbers((20, 2), (0, 4), _dos_time(time), *sums)
        local = b"PK\3\4" + about + _numbers((len(text), 2), (0, 2)) + text + data
        entries.append(local)
        directory.append(
            b"PK\1\2" + _numbers((20, 2)) + about + _numbers((len(text), 2), (0, 12), (place, 4))
        )
        directory.append(text)
        place += len(local)
    size = sum(map(len, directory))
    count = len(entries)
    end = _numbers((0, 4), (count, 2), (count, 2), (size, 4), (place, 4), (0, 2))
    return b"".join([*entries, *directory, b"PK\5\6", end])


def _modules(folder: str) -> Iterator[tuple[str, bytes, float]]:
    """Yield each file's name, bytes and time; bytecode under the name it has there.

    Bytecode names the file that it was made from: so all of it is taken, or none.
    """
    ending = ".%s.pyc" % sys.implementation.cache_tag
    sources = sorted(name for name in os.listdir(folder) if name.endswith(".py"))
    compiled = [os.path.join(folder, "__pycache__", name[:-3] + ending) for name in sources]
    is_whole = all(
        os.path.isfile(path) and _is_of(path, os.path.join(folder, name))
        for name, path in zip(sources, compiled)
    )
    for name, path in zip(sources, compiled):
        yield name, *_read(os.path.join(folder, name))
        if is_whole:
            yield name + "c", *_read(path)


def _is_of(compiled: str, source: str) -> bool:
    """Return whether a file was compiled from the present state of a source (PEP 552)."""
    head, status = _read(compiled)[0][4:16], os.stat(source)
    if head[0] & 1:  # it holds a hash of the source
        return True
    stated = int.from_bytes(head[4:8], "little"), int.from_bytes(head[8:], "little")
    return stated == (int(status.st_mtime) & 0xFFFFFFFF, status.st_size & 0xFFFFFFFF)


def _read(path: str) -> tuple[bytes, float]:
    fd = os.open(path, os.O_RDONLY | _BYTES)
    try:
        status = os.fstat(fd)
        return os.read(fd, status.st_size), status.st_mtime
    finally:
        os.close(fd)


def _write(path: str, data: bytes) -> None:
    # Under its final name it is complete: a child may enter meanwhile, and the disk may be full.
    with open(path + ".part", "wb") as file:
        file.write(data)
    os.replace(path + ".part", path)


def _numbers(*fields: tuple[int, int]) -> bytes:
    """Return numbers as bytes, each of a width, little-endian."""
    return b"".join(number.to_bytes(width, "little") for number, width in fields)


def _dos_time(seconds: float) -> tuple[int, int]:
    year, month, day, hour, minute, second = localtime(seconds)[:6]
    date = max(year - 1980, 0) << 9 | month << 5 | day
    return date << 16 | hour << 11 | minute << 5 | second // 2, 4
