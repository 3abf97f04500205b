"""Files of this machine: paths from URLs, safe reads, and digests."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

_BLOCK = 1 << 20
# Opening a pipe would block.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def path_of(url: str) -> Path | None:
    """Return the path in a `file:` URL; None for any other URL.

    >>> path_of("file:///wheels/a%20b.whl").name, path_of("https://host/a.whl")
    ('a b.whl', None)
    """
    # urllib's own url2pathname lies in urllib.request, which is slow to import.
    parts = urlsplit(url)
    if parts.scheme != "file":
        return None
    path = unquote(parts.path)
    is_on_drive = re.match(r"/[A-Za-z]:", path)  # Windows has no slash before the drive
    return Path(path[1:] if is_on_drive else path)


def open_file(path: str | Path) -> BinaryIO:
    """Open a regular file for reading; raise OSError at once for a pipe or a device."""
    try:
        descriptor = os.open(path, _FLAGS)
    except ValueError as error:  # it has a null character, or a lone surrogate
        raise OSError(errno.EINVAL, "that is no path", str(path)) from error
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    raise OSError(errno.EINVAL, "it is no regular file", str(path))


def read_whole(path: str) -> bytes:
    """Read a file like `open`, in half of its time: there are hundreds."""
    file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        data = b""
        while part := os.read(file, _BLOCK):
            data = data + part if data else part
        return data
    finally:
        os.close(file)


def read_text(path: str | Path) -> str:
    """Return the text of a file, whatever its bytes; empty if it cannot be read."""
    try:
        return Path(path).read_text("utf-8", "surrogateescape")
    except OSError:
        return ""


def hash_file(path: Path, algorithm: str = "sha256") -> str:
    """Return the digest of a file, as "sha256:..."."""
    digest = hashlib.new(algorithm, usedforsecurity=False)
    with open_file(path) as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return f"{algorithm}:{digest.hexdigest()}"
