"""Read a value that another process wrote, without trusting it.

Only the file that the writer was told to write is opened. Nothing is unpickled unless the caller
asks for it.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ...base.files.bounded import UntrustedFileError, opened, parse_json
from .. import values
from ..errors import UnfaithfulError
from . import raw
from .check import check

if TYPE_CHECKING:
    from ..table import Buffer

_SUFFIXES = {"pickle": ".pkl", "buffers": ".buffers", "json": ".json"}
_LARGEST = 2**34
_LONGEST_HEADER = 2**28
_LONGEST = 2000


class UntypedError(Exception):
    """A value came as a pickle or not at all, since no typed form can hold it."""

    def __init__(self, class_: str, reason: str) -> None:
        super().__init__(class_, reason)
        self.class_ = class_
        self.reason = reason


def placed(told: Any, stem: Path) -> dict[str, Any]:
    """Return the description of a value that was to be written to `stem`, with its file's path.

    Raises UnfaithfulError for an invalid description.
    """
    if type(told) is not dict or type(told.get("type")) is not str:
        raise UnfaithfulError("it describes no value")
    described = {key: value for key, value in told.items() if key not in ("event", "file")}
    for key in ("class", "reason"):
        if key in described:
            described[key] = str(described[key])[:_LONGEST]
    if described["type"] == "untyped":
        return described
    form = "pickle" if described["type"] == "pickle" else described.get("encoding", "json")
    if form not in ("pickle", "buffers", "json"):
        raise UnfaithfulError("the form of the value is unknown: %.80r" % (form,))
    return {**described, "file": f"{stem}{_SUFFIXES[form]}"}


def read(
    described: Mapping[str, Any], *, unpickle: bool = False, largest: int | None = None
) -> Any:
    """Return the value of a description that was `placed`; `unpickle` allows a pickle.

    Its file may have at most `largest` bytes, and no more than this machine can hold. Raises
    UntypedError, UnfaithfulError if the file holds no such value, and ImportError if the value's
    library is not installed here.
    """
    if described["type"] in ("pickle", "untyped"):
        if described["type"] == "pickle" and unpickle:
            return pickle.loads(read_content(Path(described["file"]), largest=largest))
        raise UntypedError(described.get("class", "value"), described.get("reason", ""))
    return build(*read_buffers(Path(described["file"]), largest=largest))


def read_buffers(file: Path, *, largest: int | None = None) -> tuple[dict[str, Any], list[Buffer]]:
    """Return a value's description and buffers, checked against each other.

    Raises UnfaithfulError.
    """
    told, buffers = read_unchecked(file, largest=largest)
    check(told, buffers)
    return told, buffers


def checked(data: bytes | memoryview, file: Path) -> tuple[dict[str, Any], list[Buffer]]:
    """Return the same from the bytes of such a file, named `file`. Raises UnfaithfulError."""
    try:
        told, buffers = raw.from_bytes(data, partial(parse_json, file=file))
    except UntrustedFileError as error:
        raise UnfaithfulError(f"its header {error.reason}") from error
    check(told, buffers)
    return told, buffers


def read_unchecked(
    file: Path, *, links: bool = False, largest: int | None = None
) -> tuple[dict[str, Any], list[Buffer]]:
    """Return the same, unchecked: nothing may be built of it. Raises UnfaithfulError.

    The buffers are read only if they are as long as the header says, so that a file costs no
    memory by claiming to be large.
    """
    with _opened(file, links=links, largest=largest) as stream:
        told, places, length = _begun(stream, file)
        body = stream.read(length)
    if len(body) < length:
        raise UnfaithfulError("its file is cut")
    return told, raw.buffers_of(memoryview(body), places)


def check_file(file: Path, described: Mapping[str, Any]) -> None:
    """Raise UnfaithfulError unless a file may hold a value of this description.

    Buffers have to be as long as the header says; JSON must not be larger than the limit.
    """
    with _opened(file, links=False, largest=None) as stream:
        if described.get("encoding") == "buffers":
            _begun(stream, file)


def _begun(stream: IO[bytes], file: Path) -> tuple[dict[str, Any], list[Any], int]:
    """Return the description, the places of the buffers, and their total size in bytes."""
    told, places = read_header(stream, file)
    length = os.fstat(stream.fileno()).st_size - stream.tell()
    raw.check_places(places, length)
    return told, places, length


@contextmanager
def _opened(file: Path, *, links: bool, largest: int | None) -> Iterator[IO[bytes]]:
    """Open the file of a value. Raises UnfaithfulError."""
    try:
        with opened(file, largest=min(most(), largest or most()), links=links) as stream:
            yield stream
    except UntrustedFileError as error:
        raise UnfaithfulError(f"its file {error.reason}") from error
    except FileNotFoundError as error:
        raise UnfaithfulError("its file is not there") from error


def build(told: dict[str, Any], buffers: list[Buffer]) -> Any:
    """Return the checked value. Raises UnfaithfulError, ImportError and MemoryError."""
    try:
        return values.build(told, iter(buffers))
    except (UnfaithfulError, ImportError, MemoryError):
        raise
    except Exception as error:  # a library's own error about an invalid value
        reason = "it is no value: %s: %.200s" % (type(error).__name__, error)
        raise UnfaithfulError(reason) from error


def read_header(stream: IO[bytes], file: Path) -> tuple[dict[str, Any], list[Any]]:
    """Return the description at the start of such a file, and the places of its buffers.

    The stream is then at the buffers. Raises UnfaithfulError.
    """
    begin, size = stream.read(16), os.fstat(stream.fileno()).st_size
    text = stream.read(raw.header_length(begin, min(size, _LONGEST_HEADER)))
    try:
        return raw.read_header(text, partial(parse_json, file=file))
    except UntrustedFileError as error:
        raise UnfaithfulError(f"its header {error.reason}") from error


def read_json(file: Path) -> Any:
    """Return the content of a value's JSON file. Raises UnfaithfulError."""
    data = read_content(file)
    try:
        return parse_json(data, file)
    except UntrustedFileError as error:
        raise UnfaithfulError(error.reason) from error


def read_content(file: Path, *, links: bool = False, largest: int | None = None) -> bytes:
    """Return the content of a regular file that is not written to meanwhile."""
    with _opened(file, links=links, largest=largest) as stream:
        return stream.read(os.fstat(stream.fileno()).st_size)


def most() -> int:
    """Return the largest size of a value in bytes: half of the memory, if the system tells it."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (AttributeError, ValueError, OSError):  # Windows
        return _LARGEST
