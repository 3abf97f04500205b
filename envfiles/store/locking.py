"""The locks of a target: files beside it, each held by one process at a time."""

from __future__ import annotations

import errno
import os
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import TargetBusy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

KINDS = ("commit", "turn")
"""Kinds of locks: "commit" puts a folder in place, "turn" orders repeated edits."""
UNLOCKED = (
    "the file system has no locks here: of two changes at the same moment one may be lost;"
    " let one process change a folder at a time"
)
_PATIENCE = 60.0  # seconds: what is done under the lock of a commit takes milliseconds
_PAUSE = 0.02  # seconds
# O_NOFOLLOW: a link of that name leads where its maker wants.
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def lock_file(target: Path, kind: str) -> Path:
    """Return where the lock of one kind of a target is, while somebody holds it or waits for it."""
    name = os.fsdecode(os.fsencode(target.name)[:200])  # a file name may have 255 bytes
    return target.with_name(f".{name}.envfiles-{kind}")


@contextmanager
def locked(target: Path, kind: str, *, patience: float) -> Iterator[bool]:
    """Hold a lock of a target for the block; yield False if the file system has none.

    The lock of a process that dies is released, however it died; it is never taken from a live one.
    Its file is removed by its last holder, or by the next one after a holder was killed. Raises
    TargetBusy if another holds it for more than `patience` seconds, and OSError if no file
    can be made.
    """
    file = lock_file(target, kind)
    descriptor = _wait(file, target, patience)
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            _let_go(descriptor, file)


def committing(target: Path) -> AbstractContextManager[bool]:
    """Hold the exclusive right to put anything in a target's place, or in it, for the block.

    Yield False if the file system has no locks. Raises TargetBusy, and OSError.
    """
    return locked(target, "commit", patience=_PATIENCE)


@contextmanager
def waiting_turn(target: Path, *, patience: float) -> Iterator[None]:
    """Let repeated edits of a target run one after the other, for the block.

    It does not prevent commits: an edit that began before may still come first. A caller that
    waited for more than `patience` seconds goes on, too, as does one that can have no lock.
    """
    with ExitStack() as stack:
        with suppress(OSError, TargetBusy):
            stack.enter_context(locked(target, "turn", patience=patience))
        yield


def clear_locks(target: Path) -> None:
    """Remove the files of locks that killed processes have left."""
    for kind in KINDS:
        file = lock_file(target, kind)
        if os.path.lexists(file):
            with suppress(OSError, TargetBusy), locked(target, kind, patience=0):
                pass


def _wait(file: Path, target: Path, patience: float) -> int | None:
    """Return the descriptor of the locked file; None if there are no locks."""
    limit = time.monotonic() + patience
    while True:
        descriptor = _open(file)
        try:
            free = _take(descriptor)
        except (ImportError, OSError):
            os.close(descriptor)
            file.unlink(missing_ok=True)
            return None
        # Who held it last has removed it, and the next makes another of the same name.
        if free and _is_still(file, descriptor):
            return descriptor
        os.close(descriptor)
        if free:
            continue
        if time.monotonic() >= limit:
            reason = f"another process changes it, for more than {patience:.0f} s: try again"
            raise TargetBusy(target, reason)
        time.sleep(_PAUSE)


def _open(file: Path) -> int:
    descriptor = os.open(file, _FLAGS, 0o666)
    if hasattr(os, "fchmod"):
        with suppress(OSError):  # it is another user's
            os.fchmod(descriptor, 0o666)  # who shares the folder shares its lock
    return descriptor


def _take(descriptor: int) -> bool:
    """Lock an open file unless somebody has. Raises what a system without locks does."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in {errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES}:
            return False
        raise
    return True


def _is_still(file: Path, descriptor: int) -> bool:
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(descriptor), file.lstat())
    return False


def _let_go(descriptor: int, file: Path) -> None:
    """Remove the file while it is held, if the system allows that, and release the lock."""
    with suppress(OSError):
        file.unlink()
    if sys.platform != "win32":
        import fcntl

        # Closing is not enough if a child was forked meanwhile: it has the file open too.
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)
    if sys.platform == "win32":  # an open file cannot be removed there
        with suppress(OSError):
            file.unlink()
