"""File locks that the system releases however a process ends, with the standard library alone.

They are compatible with those of ``filelock``: processes with and without it exclude each other.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_GLANCE = 0.1  # seconds between two attempts on a held lock


@contextmanager
def locked(file: Path, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold the lock of a file, which is created, for the block; `waiting` is called before a wait.

    Raises OSError if the file cannot be created, or its file system has no locks.
    """
    descriptor = _taken(file)
    if descriptor is None:
        waiting()
        while descriptor is None:
            time.sleep(_GLANCE)
            descriptor = _taken(file)
    try:
        yield
    finally:
        _let_go(descriptor)


@contextmanager
def tried(file: Path) -> Iterator[bool]:
    """Hold the lock of a file for the block and yield True; yield False if another holds it."""
    descriptor = _taken(file)
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            _let_go(descriptor)


def _taken(file: Path) -> int | None:
    """Return the locked descriptor of the file; None if another process holds the lock."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    is_taken = False
    try:
        is_taken = _lock(descriptor) and os.fstat(descriptor).st_nlink > 0  # else it was removed
    finally:
        if not is_taken:
            os.close(descriptor)
    return descriptor if is_taken else None


def _lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _let_go(descriptor: int) -> None:
    with suppress(OSError):  # without unlocking, closing releases it
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)
