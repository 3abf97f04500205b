"""Reading files that somebody else may have written: regular ones, bounded in size and depth."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

from ..errors import WrongUseError

_BLOCK = 1 << 20
_DEEPEST = 100  # depth of nested lists and objects; ours have at most ten
# Opening a pipe would block, and a link leads wherever its author wants.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


@dataclass(eq=False)
class UntrustedFileError(WrongUseError):
    """A file is of the wrong kind, too large, or damaged."""

    file: Path
    reason: str
    """The fault, as the rest of a sentence that begins with the file's name."""

    def __str__(self) -> str:
        return f"{self.file} {self.reason}"


@contextmanager
def opened(
    file: Path, *, largest: int, links: bool = False, within: Path | None = None
) -> Iterator[BufferedReader]:
    """Open a regular file of at most `largest` bytes, which must not change meanwhile.

    A symbolic link is refused unless `links` is true: then its target has to be such a file. With
    `within`, the resolved path has to lie in that folder. Raises UntrustedFileError, at the end of
    the block if the file was written to in the meantime, and FileNotFoundError.
    """
    if within is not None and not _stands_in(file, within):
        raise UntrustedFileError(file, f"does not stand in {within}")
    with open_file(file, links=links) as stream:
        before = os.fstat(stream.fileno())
        if before.st_size > largest:
            raise UntrustedFileError(file, _too_large(largest))
        yield stream
        after = os.fstat(stream.fileno())
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise UntrustedFileError(file, "was written to while it was read")


def read_bytes(
    file: Path, *, largest: int, links: bool = False, within: Path | None = None
) -> bytes:
    """Return the bytes of a file, opened as by `opened`; raises the same."""
    with opened(file, largest=largest, links=links, within=within) as stream:
        data = stream.read(min(largest, os.fstat(stream.fileno()).st_size) + 1)
        while len(data) <= largest and (more := stream.read(_BLOCK)):  # the stated size is wrong
            data += more
        if len(data) > largest:
            raise UntrustedFileError(file, _too_large(largest))
    return data


def open_file(file: Path, *, links: bool = False) -> BufferedReader:
    """Open a regular file of any size for reading; it may grow meanwhile.

    Raises UntrustedFileError, and FileNotFoundError if there is none.
    """
    return os.fdopen(_opened(file, links=links), "rb")


def read_json(file: Path, *, largest: int, links: bool = False) -> Any:
    """Return the value of a JSON file of bounded size and depth.

    Raises UntrustedFileError, and FileNotFoundError if there is none.
    """
    return parse_json(read_bytes(file, largest=largest, links=links), file)


def parse_json(data: bytes, file: Path) -> Any:
    """Return the value of a JSON document; errors for bad syntax or deep nesting name `file`.

    >>> parse_json(b'{"a": [1]}', Path("trace.json"))
    {'a': [1]}
    """
    try:
        value = json.loads(data)
    except RecursionError:
        raise UntrustedFileError(file, "is nested deeper than any such file is") from None
    except UnicodeDecodeError as error:
        raise UntrustedFileError(file, f"is not UTF-8 at byte {error.start + 1}") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise UntrustedFileError(file, f"is no JSON at {place}: {error.msg}") from None
    except ValueError as error:  # an integer with more digits than Python accepts
        raise UntrustedFileError(file, f"is no such JSON as is read here: {error}") from None
    if _is_deep(value):
        raise UntrustedFileError(file, "is nested deeper than any such file is")
    return value


def _too_large(largest: int) -> str:
    return f"is larger than any such file is ({largest:,} bytes)"


def _stands_in(file: Path, folder: Path) -> bool:
    """Return whether the path of a file resolves into a folder; the file itself is not resolved."""
    try:
        place = os.path.realpath(file.parent)
    except ValueError:  # the name is invalid
        return False
    return file.name != ".." and Path(place).is_relative_to(os.path.realpath(folder))


def _opened(file: Path, *, links: bool) -> int:
    """Return the descriptor of a regular file opened for reading. Raises UntrustedFileError."""
    if not links and sys.platform == "win32" and file.is_symlink():
        raise UntrustedFileError(file, "is a link")
    try:
        descriptor = os.open(file, _FLAGS if links else _FLAGS | _NO_LINK)
    except FileNotFoundError:
        raise
    except ValueError:  # a null byte, or a lone surrogate
        raise UntrustedFileError(file, "is no name that a file can have") from None
    except OSError as error:
        if not links and file.is_symlink():
            raise UntrustedFileError(file, "is a link") from None
        reason = f"cannot be read: {error.strerror or error}"
        raise UntrustedFileError(file, reason) from error
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return descriptor
    os.close(descriptor)
    raise UntrustedFileError(file, f"is {_kind(mode)}, and no file")


def _kind(mode: int) -> str:
    kinds = {
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
    }
    return kinds.get(stat.S_IFMT(mode), "something else")


def _is_deep(value: object) -> bool:
    """Return whether lists and objects are nested deeper than in any document of ours."""
    level = [value]
    for _ in range(_DEEPEST):
        level = [part for each in level for part in _parts(each)]
        if not level:
            return False
    return True


def _parts(value: object) -> list[object]:
    """Return the lists and objects directly inside a list or an object."""
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [each for each in values if isinstance(each, (dict, list))]
