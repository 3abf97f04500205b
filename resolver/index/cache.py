"""Disk cache of fetched pages: one file an entry, written atomically, removable at any time."""

from __future__ import annotations

import json
import os
import tempfile
import time
import zlib
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..local_files import open_file

if TYPE_CHECKING:
    from collections.abc import Callable

# Changes with the layout of entries: entries of other releases are then not found.
_FORM = "6"
_UNFINISHED = "unfinished"
_HOUR = 3_600
_LARGEST = 100_000_000


class HttpCache:
    """JSON values by a key, stored in a folder; without a folder nothing is stored.

    Keys are hashed into file names, so no address appears there. A value that cannot be written is
    not stored, one that cannot be read, or is damaged, counts as missing: a cache is never a reason
    to fail. Another program may have written an entry, so callers check the shape of a value. If
    the disk refuses a write, `tell` is called once, and nothing more is written.
    """

    def __init__(
        self,
        folder: Path | None = None,
        clock: Callable[[], float] = time.time,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self._folder = folder / _FORM if folder is not None else None
        self.now = clock
        self._tell = tell
        self._writes = folder is not None
        self._is_swept = False

    def get(self, kind: str, key: str) -> Any:
        """Return the stored value, or None."""
        if self._folder is None:
            return None
        try:
            check, _, text = _read(self._file(kind, key)).partition(b"\n")
            return json.loads(text) if check == _check(text) else None
        except (OSError, ValueError, RecursionError):
            return None

    def put(self, kind: str, key: str, value: Any) -> None:
        """Store a value; a reader sees the old value or the new one, whole."""
        if not self._writes:
            return
        text = json.dumps(value, separators=(",", ":")).encode()
        try:
            self._place(self._file(kind, key), text)
        except OSError as error:
            self._writes = False
            if self._tell is not None:
                reason = error.strerror or error
                self._tell(f"nothing is kept in {self._folder}: {reason}; going on without it")

    def _place(self, file: Path, text: bytes) -> None:
        """Write an entry beside the others and move it to its place."""
        assert self._folder is not None
        unfinished = self._folder / _UNFINISHED
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished.mkdir(exist_ok=True)
        self._sweep(unfinished)
        handle, name = tempfile.mkstemp(dir=unfinished)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(_check(text) + b"\n" + text)
            with suppress(OSError):  # a folder is there, or another process has it open (Windows)
                Path(name).replace(file)
        finally:
            Path(name).unlink(missing_ok=True)

    def _sweep(self, unfinished: Path) -> None:
        """Remove temporary files of processes that were killed."""
        if self._is_swept:
            return
        self._is_swept = True
        for each in unfinished.iterdir():
            with suppress(OSError):
                if time.time() - each.stat().st_mtime > _HOUR:
                    each.unlink()

    def _file(self, kind: str, key: str) -> Path:
        assert self._folder is not None
        name = sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:40]
        return self._folder / f"{kind}/{name[:2]}/{name[2:]}"


def is_of(value: object, shape: object) -> bool:
    """Return whether a JSON value has a shape; True and 1 have different shapes.

    A shape is a type, a set of types, a list with the shape of each item, or a tuple with the
    shapes of its items in order.

    >>> is_of(["a", [1, None]], (str, [{int, type(None)}])), is_of([True], [int])
    (True, False)
    """
    if isinstance(shape, list):
        return type(value) is list and all(is_of(each, shape[0]) for each in value)
    if isinstance(shape, tuple):
        return type(value) is list and len(value) == len(shape) and all(map(is_of, value, shape))
    return type(value) in shape if isinstance(shape, set) else type(value) is shape


def _check(text: bytes) -> bytes:
    return f"{zlib.crc32(text):08x}".encode()


def _read(file: Path) -> bytes:
    """Return the bytes of a regular file of bounded size. Raises OSError."""
    with open_file(file) as stream:
        data = stream.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise OSError(f"{file} is no entry")
    return data
