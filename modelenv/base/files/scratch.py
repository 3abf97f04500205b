"""Temporary folders of runs, and what killed processes left of theirs."""

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

if sys.platform != "win32":  # there a killed process leaves its folder to the system
    import fcntl

_MADE = re.compile(SCRATCH + r"[a-z0-9_]{8}")  # as `tempfile` makes its names
OWNER = ".owner"
# The rest of a path into one, as far as it says nothing of what stands in an environment there.
_WITHIN = re.compile(
    SCRATCH + r"\w+[/\\](?:environment[/\\](?:(?:lib[/\\]python3\.\d+|Lib)[/\\])?)?"
    r"|\.[^/\\\n]*\.[0-9a-f]{8}\.partial[/\\]"  # a folder that is being written, beside its place
)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a temporary folder; it is removed at the end, and by the next one where we are killed.

    While its process lives it holds a lock on the folder, which the system releases however the
    process ends.
    """
    _sweep(Path(temporary_folder()))
    with ExitStack() as stack:
        folder = _own_folder(stack)
        stack.enter_context(placing(folder))
        yield folder


@contextmanager
def private_file(file: Path, text: str) -> Iterator[Path]:
    """Yield a new file with a text that may hold logins, in a folder that is made where it lacks.

    Nobody else may read it, and it is gone after the block, however that ends.
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
    """Return a text that names no path of such a folder: it is gone before anybody looks.

    Nor does it name one of a model folder that is being written; what stands there is told as it
    will stand in the folder: ``…/code/own.py``.

    >>> without_scratch("/tmp/modelenv-run-a1/environment/lib/python3.12/site-packages/a/b.so: no")
    '…/site-packages/a/b.so: no'
    """
    *parts, last = _WITHIN.split(text)
    return "".join(f"{_without_folder(part)}…/" for part in parts) + last


def _without_folder(text: str) -> str:
    """Return a text without the path of the folder of temporary ones that it ends with."""
    folder = temporary_folder() + os.sep
    if text.endswith(folder):
        return text.removesuffix(folder)
    stop = max(map(text.rfind, f"\n\t '\"(=,{os.pathsep}"))
    return text[: stop + 1]


@contextmanager
def owned(folder: Path) -> Iterator[None]:
    """Hold, for the block, the lock that tells others that a folder's owner lives.

    A file in it says that it is such a folder; it is locked too, by which other releases go. Raises
    FileNotFoundError where somebody took it for a dead one's in the moment before.
    """
    if sys.platform == "win32":  # a folder cannot be opened there
        yield
        return
    with _opened_folder(folder) as descriptor, (folder / f"{OWNER}.new").open("wb") as owner:
        if not _try_to_lock(descriptor):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))
        _try_to_lock(owner.fileno())
        Path(owner.name).rename(folder / OWNER)  # it is seen locked, or not at all
        yield


@contextmanager
def orphaned(folder: Path) -> Iterator[bool]:
    """Yield whether the owner of a folder is gone; where that cannot be told, he is not.

    For the block nobody can become its owner: what is found stays true until all is removed.
    """
    with ExitStack() as stack:
        yield sys.platform != "win32" and all(
            _is_let_go(stack, opened)
            for opened in (_opened_folder(folder), _opened_file(folder / OWNER))
        )


def _is_let_go(stack: ExitStack, opened: AbstractContextManager[int]) -> bool:
    """Take a lock until the stack is left; return whether nobody holds it."""
    try:
        return _lock(stack.enter_context(opened))
    except (FileNotFoundError, UntrustedFileError):
        return True  # killed before it was there, or while all was removed; or it is not of us
    except OSError:
        return False


@contextmanager
def _opened_file(file: Path) -> Iterator[int]:
    with open_file(file) as stream:
        yield stream.fileno()


@contextmanager
def _opened_folder(path: Path) -> Iterator[int]:
    """Open a folder; a pipe in its place keeps nobody waiting, and a link is not followed."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)
    flags |= getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(path, flags)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _own_folder(stack: ExitStack) -> Path:
    """Make a temporary folder that is owned until the stack is left."""
    while True:
        place = temporary_folder()
        made = tempfile.TemporaryDirectory(prefix=SCRATCH, dir=place, ignore_cleanup_errors=True)
        folder = Path(stack.enter_context(made))
        with suppress(FileNotFoundError):
            stack.enter_context(owned(folder))
            return folder


def _sweep(place: Path) -> None:
    """Remove the folders in `place` whose owner is gone; what another user left is not ours.

    So is a link that a run has put where its folder was, itself: it may lead anywhere.
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
    """Take the lock unless somebody holds it; without locks nobody can hold one."""
    with suppress(OSError):
        return _lock(descriptor)
    return True


def _lock(descriptor: int) -> bool:
    """Take the lock unless somebody holds it; return whether it was free."""
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
