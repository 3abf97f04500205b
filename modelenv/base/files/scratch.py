"""Temporary folders of runs, and the removal of those left by killed processes."""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path

from .bounded import UntrustedFileError, open_file
from .disk import SCRATCH, placing
from .temporary import temporary_folder

if sys.platform != "win32":  # there the folder of a killed process is left to the system
    import fcntl

_MADE = re.compile(SCRATCH + r"[a-z0-9_]{8}")  # the names that `tempfile` makes
OWNER = ".owner"
# The rest of a path into such a folder, up to the part within an environment.
_WITHIN = re.compile(
    SCRATCH + r"\w+[/\\](?:environment[/\\](?:(?:lib[/\\]python3\.\d+|Lib)[/\\])?)?"
    r"|\.[^/\\\n]*\.[0-9a-f]{8}\.partial[/\\]"  # a folder being written, beside its final place
)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a temporary folder; remove it at the end, or on the next call if the process is killed.

    A living process holds a lock on its folder, which the system releases however the process ends.
    """
    _sweep(Path(temporary_folder()))
    with ExitStack() as stack:
        folder = _own_folder(stack)
        stack.enter_context(placing(folder))
        yield folder


@contextmanager
def private_file(file: Path, text: str) -> Iterator[Path]:
    """Yield a new file with a text that may contain logins; missing parent folders are made.

    Only this user may read it, and it is removed after the block, however that ends.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with (
            placing(file),
            os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream,
        ):
            stream.write(text.encode("utf-8"))
        yield file
    finally:
        file.unlink(missing_ok=True)


def without_scratch(text: str) -> str:
    """Return a text without the paths of temporary folders, which are gone when it is read.

    Paths in a model folder that is being written are replaced by their final place:
    ``…/code/own.py``.

    >>> without_scratch("/tmp/modelenv-run-a1/environment/lib/python3.12/site-packages/a/b.so: no")
    '…/site-packages/a/b.so: no'
    """
    *parts, last = _WITHIN.split(text)
    return "".join(f"{_without_folder(part)}…/" for part in parts) + last


def _without_folder(text: str) -> str:
    """Return a text without the path of the folder of temporary files at its end."""
    folder = temporary_folder() + os.sep
    if text.endswith(folder):
        return text.removesuffix(folder)
    stop = max(map(text.rfind, f"\n\t '\"(=,{os.pathsep}"))
    return text[: stop + 1]


@contextmanager
def owned(folder: Path) -> Iterator[None]:
    """Hold, for the block, the lock that tells other processes that a folder's owner is alive.

    A file in it marks it as such a folder; that file is locked too, since other releases check it.
    Raises FileNotFoundError if another process removed it as abandoned just before.
    """
    if sys.platform == "win32":  # a folder cannot be opened there
        yield
        return
    with _opened_folder(folder) as descriptor, (folder / f"{OWNER}.new").open("wb") as owner:
        if not _try_to_lock(descriptor):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))
        _try_to_lock(owner.fileno())
        Path(owner.name).rename(folder / OWNER)  # others see it locked, or not at all
        yield


@contextmanager
def orphaned(folder: Path) -> Iterator[bool]:
    """Yield whether the owner of a folder is gone; False if that is unknown.

    During the block no process can become its owner, so the folder can be removed safely.
    """
    with ExitStack() as stack:
        yield sys.platform != "win32" and all(
            _is_let_go(stack, opened)
            for opened in (_opened_folder(folder), _opened_file(folder / OWNER))
        )


def _is_let_go(stack: ExitStack, opened: AbstractContextManager[int]) -> bool:
    """Take a lock until the stack is closed; return whether it was free."""
    try:
        return _lock(stack.enter_context(opened))
    except (FileNotFoundError, UntrustedFileError):
        return True  # killed before it existed, removed meanwhile, or not ours
    except OSError:
        return False


@contextmanager
def _opened_file(file: Path) -> Iterator[int]:
    with open_file(file) as stream:
        yield stream.fileno()


@contextmanager
def _opened_folder(path: Path) -> Iterator[int]:
    """Open a folder without following a link, and without blocking on a pipe in its place."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)
    flags |= getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(path, flags)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _own_folder(stack: ExitStack) -> Path:
    """Make a temporary folder that is owned until the stack is closed."""
    while True:
        place = temporary_folder()
        made = tempfile.TemporaryDirectory(prefix=SCRATCH, dir=place, ignore_cleanup_errors=True)
        folder = Path(stack.enter_context(made))
        with suppress(FileNotFoundError):
            stack.enter_context(owned(folder))
            return folder


def _sweep(place: Path) -> None:
    """Remove the folders in `place` whose owner is gone, except those of other users.

    A link that a run left in place of its folder is removed, never followed.
    """
    if sys.platform == "win32":
        return
    for folder in place.glob(f"{SCRATCH}*"):
        with suppress(OSError):
            found = folder.lstat()
            if found.st_uid != os.getuid():
                continue
            if stat.S_ISLNK(found.st_mode) and _MADE.fullmatch(folder.name):
                folder.unlink()
            elif stat.S_ISDIR(found.st_mode):
                with orphaned(folder) as gone:
                    if gone:
                        shutil.rmtree(folder, ignore_errors=True)


def _try_to_lock(descriptor: int) -> bool:
    """Take the lock if it is free; return True also if the system has no locks."""
    with suppress(OSError):
        return _lock(descriptor)
    return True


def _lock(descriptor: int) -> bool:
    """Take the lock without waiting; return whether it was free."""
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
