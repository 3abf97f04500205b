"""Put one file in place, all or nothing: one of a folder, or one by itself."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .fingerprint import changed_meanwhile
from .leftovers import clear, hold, release, sibling
from .locking import UNLOCKED, committing
from .writing import writing

if TYPE_CHECKING:
    from collections.abc import Iterator

# Reasons why a file cannot be made beside the folder, or not moved into it, as with a mount point.
_NOT_BESIDE = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.EXDEV})
# Reasons why a file cannot be replaced, although it can be written to.
_NOT_IN_STEAD = frozenset({errno.EACCES, errno.EPERM, errno.EBUSY, errno.ENAMETOOLONG})


def replace_file(
    file: Path, before: bytes, after: bytes, *, folder: Path | None = None
) -> tuple[str, ...]:
    """Give a file other bytes in one step, if it still has those before; its permissions stay.

    `folder` contains it, and others may replace that as a whole. So the new file is written beside
    the folder, or beside the file if it cannot be moved in from there. Return notes: without locks
    others could write at the same moment. Raises TargetChanged, TargetBusy and TargetUnwritable.
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


def put_file(file: Path, data: bytes) -> None:
    """Give a file these bytes, all of them or none; one that is new has the usual permissions.

    A pipe or a device is written to directly, and so is a file that cannot be replaced: one that is
    mounted, or one in a folder without write permission. Raises TargetUnwritable.
    """
    with writing(file):
        place = Path(os.path.realpath(file))
        if _is_stream(file):
            file.write_bytes(data)
            return
        clear(place)
        try:
            _put(place, data)
        except OSError as error:
            if error.errno not in _NOT_IN_STEAD:
                raise
            place.write_bytes(data)


def _is_stream(file: Path) -> bool:
    """Return whether a path is a stream or device, which nothing can replace."""
    devices = file.absolute().parts[1:2] in (("dev",), ("proc",))
    return devices or (file.exists() and not file.is_file())


def _put(file: Path, data: bytes) -> None:
    new = sibling(file, "partial")
    mode = stat.S_IMODE(file.stat().st_mode) if file.exists() else None
    with _held(new):
        try:
            _write(new, data, mode)
            new.replace(file)
        except BaseException:
            new.unlink(missing_ok=True)
            raise


def _iter_places(file: Path, whole: Path) -> Iterator[tuple[Path, Path]]:
    """Yield the places for the unfinished file, each with the path to lock."""
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


def _write(new: Path, data: bytes, mode: int | None) -> None:
    with new.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    if mode is not None:
        new.chmod(mode)


@contextmanager
def _held(new: Path) -> Iterator[None]:
    """Make a file and hold it, so that no process takes it for a leftover."""
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
