"""Copying files by the cheapest way that the system has, hashing them while they are written."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from io import FileIO
from pathlib import Path

from .bounded import UntrustedFileError, open_file
from .disk import placing
from .hashing import LARGE, Hashing

# The ioctl of Linux that shares a file's blocks with another until one of them is written to.
_FICLONE = 0x40049409
_BLOCK = 1 << 18  # bytes: on ext4 larger writes are slower per byte
_AT_ONCE = 1 << 25  # bytes that the kernel copies between two calls of `written`
_LITTLE = 1 << 16  # bytes: copying a smaller file is faster than sharing its blocks
_SECTOR = 512  # bytes in a unit of st_blocks


def copy_file(source: Path, target: Path) -> None:
    """Copy a regular file with its times and permissions. Raises as `Copier.copy` does."""
    Copier().copy(source, target)


class Copier:
    """Copies files with their times and permissions.

    A copy shares the blocks of its source if the file system can do that (btrfs, XFS, APFS),
    until either is written to; else the kernel copies it, with its holes.
    """

    def __init__(self, *, hashing: Hashing | None = None, link: bool = False) -> None:
        """Make a copier, with `hashing` for the files that it writes.

        With `link` it makes hard links if both paths are on one disk: a write to either then
        changes both.
        """
        self._hashing = hashing
        self._link = link
        self._buffer = memoryview(bytearray(_BLOCK))
        self._apart: set[tuple[int, int]] = set()  # pairs of devices that cannot share blocks
        self.torn: list[Path] = []
        """The sources that were written to while they were copied."""

    def copy(self, source: Path, target: Path) -> None:
        """Copy a regular file, replacing any file at the target.

        Raises UntrustedFileError for a source that cannot be read, FileNotFoundError if there is
        none, and an OSError that names the target if that cannot be written.
        """
        if (self._link and _linked(source, target)) or _cloned(source, target):
            self._begin(target)
            return
        with open_file(source, links=True) as stream, _new(target) as new:
            old = FileIO(stream.fileno(), closefd=False)  # unbuffered
            copied = _Copied(source, target, old, new, self._buffer)
            before = os.fstat(stream.fileno())
            if self._share(copied, before.st_size):
                copied.keep_times()
                self._begin(target)
            elif before.st_size > LARGE:
                with self._followed(target) as written:
                    copied.all(before, written)
                    copied.keep_times()
            else:
                found = hashlib.sha256()
                copied.by_hand(found.update if self._hashing else _ignore)
                copied.keep_times()
                self._know(target, found.hexdigest())
            after = os.fstat(stream.fileno())
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            self.torn.append(source)

    def _share(self, copied: _Copied, size: int) -> bool:
        """Share blocks, unless that failed before between the same two file systems."""
        if size <= _LITTLE or copied.devices in self._apart:
            return False
        shared = copied.share()
        if not shared:
            self._apart.add(copied.devices)
        return shared

    def _begin(self, target: Path) -> None:
        if self._hashing is not None:
            self._hashing.begin(target)

    def _know(self, target: Path, found: str) -> None:
        if self._hashing is not None:
            self._hashing.know(target, found)

    def _followed(self, target: Path) -> AbstractContextManager[Callable[[int], object]]:
        return nullcontext(_ignore) if self._hashing is None else self._hashing.following(target)


class _Copied:
    """A source and its target, both open, while one is copied to the other."""

    def __init__(
        self, source: Path, target: Path, old: FileIO, new: FileIO, buffer: memoryview
    ) -> None:
        self.source, self.target, self.old, self.new = source, target, old, new
        self.buffer = buffer
        self._in_kernel: Callable[[int, int, int], int] | None = getattr(
            os, "copy_file_range", None
        )

    @property
    def devices(self) -> tuple[int, int]:
        """The device numbers of both."""
        return os.fstat(self.old.fileno()).st_dev, os.fstat(self.new.fileno()).st_dev

    def share(self) -> bool:
        """Clone the source's blocks into the target (FICLONE); return whether that succeeded."""
        try:
            import fcntl
        except ImportError:  # not a Unix
            return False
        try:
            fcntl.ioctl(self.new, _FICLONE, self.old.fileno())
        except OSError:
            return False
        return True

    def all(self, found: os.stat_result, written: Callable[[int], object]) -> None:
        """Copy a large file with its holes; `written` is called with the number of bytes so far."""
        descriptors = self.old.fileno(), self.new.fileno()
        if _has_holes(found):
            with placing(self.target):
                os.ftruncate(self.new.fileno(), found.st_size)
        for start, end in (*_data(self.old.fileno(), found), (found.st_size, found.st_size)):
            for descriptor in descriptors if _has_holes(found) else ():
                os.lseek(descriptor, start, os.SEEK_SET)
            at = start
            while at < end and (size := self._some(end - at)):
                at += size
                written(at)
        self.by_hand(_ignore)  # what was added meanwhile

    def by_hand(self, seen: Callable[[memoryview], object]) -> None:
        """Copy from the current positions to the end; `seen` gets each block that is written."""
        while size := self._read(self.buffer):
            self._write(self.buffer[:size])
            seen(self.buffer[:size])

    def _some(self, most: int) -> int:
        """Copy at most `most` bytes from the current positions; return how many were copied."""
        if self._in_kernel is not None:
            with suppress(OSError):
                ends = self.old.fileno(), self.new.fileno()
                if copied := self._in_kernel(*ends, min(most, _AT_ONCE)):
                    return copied
            # The kernel cannot copy (an error, or nothing copied), the disk is full, or the source
            # has ended. Copying in Python shows which.
            self._in_kernel = None
        size = self._read(self.buffer[:most])
        self._write(self.buffer[:size])
        return size

    def keep_times(self) -> None:
        """Close the target, and give it the times and permissions of its source."""
        self.new.close()  # on Windows closing sets a time
        shutil.copystat(self.source, self.target)

    def _read(self, buffer: memoryview) -> int:
        try:
            return self.old.readinto(buffer) or 0
        except OSError as error:
            reason = f"cannot be read: {error.strerror or error}"
            raise UntrustedFileError(self.source, reason) from error

    def _write(self, data: memoryview) -> None:
        with placing(self.target):
            while data:
                data = data[self.new.write(data) :]


def _ignore(_: object) -> None:
    """Do nothing."""


def _new(file: Path) -> FileIO:
    """Open a new file for writing, removing any that exists.

    It is not truncated instead: ext4 treats a truncated file as one being replaced, and flushes it
    to disk on close.
    """
    try:
        return FileIO(file, "xb")
    except FileExistsError:
        file.unlink()
        return FileIO(file, "xb")


def _linked(source: Path, target: Path) -> bool:
    """Make a hard link; return whether that succeeded."""
    target.unlink(missing_ok=True)
    try:
        os.link(os.path.realpath(source), target)
    except OSError:  # another disk, another's file, a file system without links
        return False
    return True


def _cloned(source: Path, target: Path) -> bool:
    """Clone the source with macOS's clonefile; return whether that succeeded."""
    if sys.platform != "darwin":
        return False
    import ctypes

    clone = getattr(ctypes.CDLL(None), "clonefile", None)
    if clone is None:
        return False
    target.unlink(missing_ok=True)
    return bool(clone(os.fsencode(source), os.fsencode(target), 0) == 0)


def _has_holes(found: os.stat_result) -> bool:
    return getattr(found, "st_blocks", found.st_size) * _SECTOR < found.st_size


def _data(descriptor: int, found: os.stat_result) -> Iterator[tuple[int, int]]:
    """Yield the start and end, in bytes, of each range of data of a file; the rest is holes."""
    end = 0
    while _has_holes(found) and hasattr(os, "SEEK_DATA"):
        try:
            start = os.lseek(descriptor, end, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:  # no data from here on
                return
            break
        end = os.lseek(descriptor, start, os.SEEK_HOLE)
        yield start, end
    yield end, found.st_size
