"""Two ways to put a folder where another one stands."""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
# Errors of a kernel or a file system that cannot exchange.
_CANNOT = frozenset({errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM})


def exchange(new: Path, old: Path) -> bool:
    """Exchange two folders of one file system in one step; return False if that is impossible.

    There is no moment at which `old` is absent (renameat2(2), Linux). Raises OSError.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        import ctypes  # only overwriting needs it, and some builds of Python have none
    except ImportError:
        return False

    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    names = os.fsencode(new), os.fsencode(old)
    if rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _CANNOT:
        return False
    raise OSError(number, os.strerror(number), str(old))


def move_aside(new: Path, old: Path, aside: Path) -> None:
    """Rename `old` to `aside` and `new` to `old`; if the second fails, undo the first.

    Raises OSError; then `old` and `new` stand where they stood.
    """
    old.rename(aside)
    try:
        new.rename(old)
    except BaseException:
        aside.rename(old)
        raise
