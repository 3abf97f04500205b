"""The siblings that a target has while it is written, and what killed processes leave of them."""

from __future__ import annotations

import os
import re
import shutil
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NAME_BYTES = 200  # of the 255 that a file name may have: ours is longer than the target's
_PARTIAL = re.compile(r"\..+\.[0-9a-f]{8}\.partial", re.DOTALL)


def sibling(target: Path, kind: str) -> Path:
    """Return a new name beside a target, of one kind: `partial`, `old`, `journal`."""
    return target.with_name(f"{_prefix(target)}{os.urandom(4).hex()}.{kind}")


def iter_siblings(target: Path, *kinds: str) -> Iterator[Path]:
    """Yield what stands beside a target under a name of some kinds."""
    start = _prefix(target)
    pattern = re.compile(re.escape(start) + rf"[0-9a-f]{{8}}\.({'|'.join(kinds)})")
    try:
        names = os.listdir(target.parent)  # noqa: PTH208 (a name is all that is looked at)
    except OSError:
        return
    for name in sorted(name for name in names if name.startswith(start)):
        if pattern.fullmatch(name):
            yield target.with_name(name)


def is_partial(name: str) -> bool:
    """Return whether a name is that of an unfinished write, or of its leftovers.

    >>> is_partial(".conda.yaml.0f1e2d3c.partial"), is_partial("model.partial")
    (True, False)
    """
    return _PARTIAL.fullmatch(name) is not None


def find_leftovers(target: Path) -> tuple[Path, ...]:
    """Return what killed processes left of their writing of a target, beside it and in it.

    What a process holds is still being written; without locks that is assumed of everything.
    """
    found = []
    beside = iter_siblings(target, "partial", "old", "journal")
    for path in (*_iter_within(target), *beside):
        with suppress(OSError), held(path, wait=False) as ours:
            if ours:
                found.append(path)
    return tuple(found)


def hold(path: Path, *, wait: bool) -> int | None:
    """Lock a file or folder until the descriptor is closed or this process ends.

    Return None if the system or the file system has no such locks, and, without `wait`, if
    somebody else holds it. Raises FileNotFoundError if there is nothing.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        return None
    descriptor = os.open(path, os.O_RDONLY)
    held = False
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            held = True
        # While it was waited for, another may have removed it, and made one of the same name.
        held = held and os.path.samestat(os.fstat(descriptor), path.lstat())
    finally:
        if not held:
            os.close(descriptor)
    return descriptor if held else None


@contextmanager
def held(path: Path, *, wait: bool) -> Iterator[bool]:
    """Hold a file or folder for the block, as `hold` does; yield whether the lock was taken."""
    descriptor = hold(path, wait=wait)
    try:
        yield descriptor is not None
    finally:
        release(descriptor)


def release(descriptor: int | None) -> None:
    """Release what `hold` returned."""
    if descriptor is not None:
        os.close(descriptor)


def clear(target: Path) -> None:
    """Remove what dead processes left of a target, beside it and in it; what is held stays."""
    for path in (*_iter_within(target), *iter_siblings(target, "partial", "old")):
        # A leftover that cannot be removed does not stop the write.
        with suppress(OSError), held(path, wait=False) as ours:
            if ours:
                remove(path)


def remove(folder: Path) -> None:
    """Remove a folder with all in it, read-only folders included, or a file.

    One that is gone is fine.
    """
    try:
        shutil.rmtree(folder)
    except NotADirectoryError:
        folder.unlink(missing_ok=True)
    except FileNotFoundError:
        if os.path.lexists(folder):  # somebody else removes it as well
            shutil.rmtree(folder, ignore_errors=True)
    except PermissionError:
        _unlock(folder)
        shutil.rmtree(folder)


def share(source: Path, new: Path) -> None:
    """Make a file or folder appear a second time: files linked, or copied if they cannot be.

    What a killed process left in it stays behind.
    """
    if source.is_dir() and not source.is_symlink():
        new.mkdir()
        for path in source.iterdir():
            if not is_partial(path.name):
                share(path, new / path.name)
        shutil.copystat(source, new)
        return
    try:
        os.link(source, new, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, new, follow_symlinks=False)


def _iter_within(target: Path) -> Iterator[Path]:
    """Yield what is left in a folder: a file of it that could not be written beside it."""
    with suppress(OSError):
        for path in sorted(target.iterdir()):
            if is_partial(path.name) and path.is_file() and not path.is_symlink():
                yield path


def _prefix(target: Path) -> str:
    return f".{os.fsdecode(os.fsencode(target.name)[:_NAME_BYTES])}."


def _unlock(folder: Path) -> None:
    folder.chmod(stat.S_IRWXU)
    for parent, names, _ in os.walk(folder):
        for name in names:
            path = folder.__class__(parent, name)
            if not path.is_symlink():  # what it points to is not ours
                path.chmod(stat.S_IRWXU)
