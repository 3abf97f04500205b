"""Temporary folders of runs, and what killed processes left of theirs."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform != "win32":  # there a killed process leaves its folder to the system
    import fcntl

_PREFIX = "modelenv-run-"
_OWNER = ".owner"
# The rest of a path into one, as far as it says nothing of what stands in an environment there.
_WITHIN = re.compile(
    _PREFIX + r"\w+[/\\](?:environment[/\\](?:(?:lib[/\\]python3\.\d+|Lib)[/\\])?)?"
    r"|\.[^/\\\n]*\.[0-9a-f]{8}\.partial[/\\]"  # a folder that is being written, beside its place
)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a temporary folder; it is removed at the end, and by the next one where we are killed.

    While its process lives it holds a lock on a file in the folder, which the system releases
    however the process ends.
    """
    _sweep(Path(tempfile.gettempdir()))
    with (
        tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as folder,
        owned(Path(folder)),
    ):
        yield Path(folder)


@contextmanager
def private_file(file: Path, text: str) -> Iterator[Path]:
    """Yield a new file with a text that may hold logins, in a folder that is made where it lacks.

    Nobody else may read it, and it is gone after the block, however that ends.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
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
    folder = tempfile.gettempdir() + os.sep
    if text.endswith(folder):
        return text.removesuffix(folder)
    stop = max(map(text.rfind, f"\n\t '\"(=,{os.pathsep}"))
    return text[: stop + 1]


@contextmanager
def owned(folder: Path) -> Iterator[None]:
    """Hold, for the block, the lock that tells others that a folder's owner lives."""
    if sys.platform == "win32":  # an open file can be neither renamed nor removed there
        yield
        return
    new = folder / f"{_OWNER}.new"
    with new.open("wb") as owner:
        _lock(owner.fileno())
        new.rename(folder / _OWNER)  # it is seen locked, or not at all
        yield


def _sweep(place: Path) -> None:
    """Remove the folders in `place` whose owner is gone; what another user left is not ours."""
    if sys.platform == "win32":
        return
    for folder in place.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if folder.lstat().st_uid == os.getuid() and is_orphaned(folder):
                shutil.rmtree(folder, ignore_errors=True)


def is_orphaned(folder: Path) -> bool:
    """Return whether a folder had an owner, who is gone; where that cannot be told, it is not."""
    if sys.platform == "win32":
        return False
    try:
        with (folder / _OWNER).open("rb") as file:
            return _lock(file.fileno())
    except OSError:  # it has none yet, or the file system has no locks
        return False


def _lock(descriptor: int) -> bool:
    """Take the lock unless somebody holds it; return whether it was free."""
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
