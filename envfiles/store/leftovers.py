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


def sibling(target: Path, kind: str) -> Path:
    """Return a new name beside a target, of one kind: `partial`, `old`, `journal`."""
    return target.with_name(f"{_prefix(target)}{os.urandom(4).hex()}.{kind}")


def iter_siblings(target: Path, kind: str) -> Iterator[Path]:
    """Yield what stands beside a target under a name of one kind."""
    pattern = re.compile(re.escape(_prefix(target)) + rf"[0-9a-f]{{8}}\.{kind}")
    try:
        names = os.listdir(target.parent)  # noqa: PTH208 (a name is all that is looked at)
    except OSError:
        return
    for name in sorted(names):
        if pattern.fullmatch(name):
            yield target.with_name(name)


def hold(path: Path, *, wait: bool) -> int | None:
    """Lock a file or folder until the descriptor is closed, or this process dies however it may.

    Return None where the system or the file system has no such locks, and, without `wait`, where
    somebody else holds it. Raises FileNotFoundError where there is nothing.
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
    """Hold a file or folder for the block, as `hold` does; yield whether it is held."""
    descriptor = hold(path, wait=wait)
    try:
        yield descriptor is not None
    finally:
        release(descriptor)


def release(descriptor: int | None) -> None:
    """Let go of what `hold` gave."""
    if descriptor is not None:
        os.close(descriptor)


def clear(target: Path) -> None:
    """Remove the siblings of a target whose process is dead; what somebody holds stays."""
    for path in (*iter_siblings(target, "partial"), *iter_siblings(target, "old")):
        # What cannot be removed is no hindrance to what is to be done.
        with suppress(OSError), held(path, wait=False) as ours:
            if ours:
                remove(path)


def remove(folder: Path) -> None:
    """Remove a folder with all in it, read-only folders included; one that is gone is fine."""
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        if os.path.lexists(folder):  # somebody else removes it as well
            shutil.rmtree(folder, ignore_errors=True)
    except PermissionError:
        _unlock(folder)
        shutil.rmtree(folder)


def share(source: Path, new: Path) -> None:
    """Make a file or folder appear a second time: files linked, or copied where they cannot be."""
    if source.is_dir() and not source.is_symlink():
        new.mkdir()
        for path in source.iterdir():
            share(path, new / path.name)
        shutil.copystat(source, new)
        return
    try:
        os.link(source, new, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, new, follow_symlinks=False)


def _prefix(target: Path) -> str:
    return f".{os.fsdecode(os.fsencode(target.name)[:_NAME_BYTES])}."


def _unlock(folder: Path) -> None:
    folder.chmod(stat.S_IRWXU)
    for parent, names, _ in os.walk(folder):
        for name in names:
            path = folder.__class__(parent, name)
            if not path.is_symlink():  # what it points to is not ours
                path.chmod(stat.S_IRWXU)
