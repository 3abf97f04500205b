"""Errors of writing to disk, with the place and a way out."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..errors import WrongUseError
from .temporary import NoScratchError, temporary_folder

_WAYS: Mapping[int, str] = {
    getattr(errno, name): way
    for name, way in {
        "ENOSPC": "free some space there",
        "EDQUOT": "your quota there is used up: free some of it",
        "EROFS": "it is mounted for reading alone",
        "EFBIG": "a file may be no larger there (`ulimit -f`, or its file system)",
        "EIO": "the disk itself fails: `dmesg` may say more",
        "EACCES": "its permissions do not let you",
        "EPERM": "its permissions, or the file system, do not let you",
        "ENAMETOOLONG": "the file system takes no name as long: give a shorter one",
        "EMLINK": "the file system takes no more links to one file",
        "ENOLCK": "the file system has no locks",
        "EOPNOTSUPP": "the file system cannot do that",
    }.items()
    if hasattr(errno, name)
}
SCRATCH = "modelenv-run-"
"""The prefix of the names of our temporary folders."""
_OURS = (SCRATCH, "modelenv-build-", "tracer-")
_PARTIAL = re.compile(r"(?<=[/\\])\.([^/\\\n]+)\.[0-9a-f]{8}\.partial(?![\w.-])")
# Errors of a write that only the disk causes.
_OF_WRITES = frozenset(
    getattr(errno, name)
    for name in ("ENOSPC", "EDQUOT", "EROFS", "EFBIG", "EIO")
    if hasattr(errno, name)
)


@dataclass(eq=False)
class UnwritableError(WrongUseError):
    """The disk refused a write."""

    what: str
    place: Path
    cause: OSError

    def __str__(self) -> str:
        said = self.cause.strerror or str(self.cause)
        return (
            f"writing the {self.what} failed: {said} ({self.place})\n"
            f"Nothing was written: {way_out(self.cause, self.place)}."
        )


def is_of_disk(error: BaseException | None) -> bool:
    """Return whether an error means that the disk refused a write: full, or read-only."""
    return isinstance(error, OSError) and error.errno in _OF_WRITES


def refused(error: BaseException, file: Path) -> bool:
    """Return whether the disk refused to write `file`, or files with paths that begin with it.

    A file that a value opens while it is pickled does not count.
    """
    if not isinstance(error, OSError) or error.errno not in _WAYS:
        return False
    named = error.filename
    of_file = isinstance(named, str | os.PathLike) and os.fspath(named).startswith(str(file))
    return of_file or (named is None and error.errno in _OF_WRITES)


def with_way_out(said: str, error: BaseException) -> str:
    """Return the message of an error, with a way out if the system refused something."""
    refused = error if isinstance(error, OSError) else error.__cause__
    if not isinstance(refused, OSError) or isinstance(error, UnwritableError):
        return said
    # If two paths are named, as by a copy, the second is the one being written.
    way = way_out(refused, refused.filename2 or refused.filename)
    return f"{said}: {way}" if way else said


def in_place(text: str) -> str:
    """Return a text in which the paths of files being staged are replaced by their final paths.

    >>> in_place("/out/.model.0f1e2d3c.partial/model.pkl")
    '/out/model/model.pkl'
    """
    return _PARTIAL.sub(r"\1", text)


def way_out(error: OSError, place: str | os.PathLike[str] | None = None) -> str:
    """Return a way out of a system error; empty if none is known.

    >>> way_out(OSError(errno.EROFS, "Read-only file system"), "/mnt/out")
    'it is mounted for reading alone; or choose another place'
    """
    way = _WAYS.get(error.errno or 0, "")
    if not way:
        return ""
    elsewhere = "set TMPDIR to another folder" if _is_ours(place) else "choose another place"
    return f"{way}; or {elsewhere}"


def _is_ours(place: str | os.PathLike[str] | None) -> bool:
    """Return whether a path is in a temporary folder of ours, rather than the user's own."""
    if place is None:
        return False
    try:
        start = os.path.join(temporary_folder(), "")  # noqa: PTH118  # of a string, not of a Path
    except NoScratchError:
        return False
    own = os.fspath(place).removeprefix(start)
    return own != os.fspath(place) and own.startswith(_OURS)


@contextmanager
def placing(place: Path) -> Iterator[None]:
    """Add a path to disk errors within the block: the error of a write itself names none."""
    try:
        yield
    except OSError as error:
        if error.filename is None and is_of_disk(error):
            error.filename = str(place)
        raise
