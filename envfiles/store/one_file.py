"""Put one file of a folder in place, all or nothing."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .fingerprint import changed_meanwhile
from .leftovers import hold, release, sibling
from .locking import UNLOCKED, committing
from .writing import writing

if TYPE_CHECKING:
    from collections.abc import Iterator

# Why a file may not stand beside the folder, or not get from there into it: a mount point, say.
_NOT_BESIDE = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.EXDEV})


def replace_file(
    file: Path, before: bytes, after: bytes, *, folder: Path | None = None
) -> tuple[str, ...]:
    """Give a file other bytes in one step, if it still has those before; its permissions stay.

    `folder` is what it is a part of, and others may put in place as a whole: until it is whole the
    new file stands beside that, or beside the file where nothing can be put in from there. Return
    what is to be said of it: that others could write at the same moment, where there are no locks.
    Raises TargetChanged, TargetBusy and TargetUnwritable.
    """
    whole = file if folder is None else Path(os.path.realpath(folder))
    with writing(file):
        *beside, last = _iter_places(file, whole)
        for place in beside:
            try:
                return _replace(file, before, after, place)
            except OSError as error:
                if error.errno not in _NOT_BESIDE:
                    raise
        return _replace(file, before, after, last)


def _iter_places(file: Path, whole: Path) -> Iterator[tuple[Path, Path]]:
    """Yield where the new file may stand until it is whole, with whose lock is to be held."""
    if whole != file:
        yield sibling(whole, "partial"), whole
    yield sibling(file, "partial"), file


def _replace(file: Path, before: bytes, after: bytes, place: tuple[Path, Path]) -> tuple[str, ...]:
    new, locking = place
    mode = stat.S_IMODE(file.stat().st_mode)
    with _held(new):
        try:
            _write(new, after, mode)
            with committing(locking) as alone:
                _check(file, before)
                new.replace(file)
        except BaseException:
            new.unlink(missing_ok=True)
            raise
        return () if alone else (UNLOCKED,)


def _check(file: Path, before: bytes) -> None:
    if file.read_bytes() != before:
        raise changed_meanwhile(file, (file.name,))


def _write(new: Path, data: bytes, mode: int) -> None:
    with new.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    new.chmod(mode)


@contextmanager
def _held(new: Path) -> Iterator[None]:
    """Make a file and hold it, so that nobody takes it for a dead process's."""
    while True:
        new.touch(exist_ok=False)
        try:
            descriptor = hold(new, wait=True)
        except FileNotFoundError:  # it was taken for one, in the moment before
            continue
        try:
            yield
        finally:
            release(descriptor)
        return
