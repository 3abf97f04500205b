"""The blobs of an image layout, in a folder or a tar; each is verified when it is read."""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from ....base.files.bounded import UntrustedFileError, open_file, parse_json
from ...errors import NoImageError

INDEX = "index.json"
LARGEST_DOCUMENT = 4 << 20
"""The largest index, manifest or configuration in bytes: registries accept no larger ones."""
BLOCK = 1 << 20
_MOST_FILES = 10_000
_LARGEST_HEADER = 1 << 20
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
_NO_LAYOUT = (
    "`skopeo copy docker-archive:FILE oci:FOLDER`, or `skopeo copy docker://python:3.12-slim"
    " oci:FOLDER` where a registry can be reached, makes one"
)
_PACKED = {
    b"\x1f\x8b": "gunzip",
    b"\x28\xb5\x2f\xfd": "unzstd",
    b"\xfd7zXZ\0": "unxz",
    b"BZh": "bunzip2",
}
"""The program that unpacks a file, by the file's first bytes."""
_LONGEST_MAGIC = 6


@dataclass(frozen=True, slots=True)
class Descriptor:
    """The description of a blob (OCI image specification, descriptor.md)."""

    media_type: str
    digest: str
    size: int
    """The size in bytes."""

    @classmethod
    def read(cls, value: object, where: Path) -> Descriptor:
        """Return the descriptor in a document. Raises NoImageError if it is invalid."""
        said = value if isinstance(value, dict) else {}
        kind, digest, size = (said.get(key) for key in ("mediaType", "digest", "size"))
        if not (isinstance(digest, str) and _DIGEST.fullmatch(digest)):
            raise NoImageError(str(where), f"it names a blob by {digest!r}, which is no digest")
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise NoImageError(str(where), f"it states no size of the blob {digest}")
        return cls(kind if isinstance(kind, str) else "", digest, size)

    @property
    def name(self) -> str:
        """Its path in a layout: ``blobs/sha256/…``."""
        return f"blobs/{self.digest.replace(':', '/')}"

    def document(self) -> dict[str, Any]:
        """Return it in the form that a manifest has."""
        return {"mediaType": self.media_type, "digest": self.digest, "size": self.size}


class Store(Protocol):
    """The files of an image layout, by their names in it."""

    where: Path

    def open(self, name: str) -> IO[bytes]:
        """Open a file. Raises FileNotFoundError, and UntrustedFileError for a special file."""

    def hand_over(self, name: str, target: Path) -> None:
        """Put a file at the new path `target`: shared if the disk allows it, else copied."""


def opened(layout: Path) -> Store:
    """Return the store of a layout. Raises NoImageError for another file or folder."""
    try:
        store = _Folder(layout) if layout.is_dir() else _Tar(layout)
        marker = _read(store, "oci-layout")
    except FileNotFoundError:
        missing = "it is no OCI image layout" if layout.exists() else "there is no such layout"
        raise NoImageError(str(layout), missing, _way(layout)) from None
    except tarfile.TarError as error:
        reason = f"it is neither a folder nor a tar of one ({error})"
        raise NoImageError(str(layout), reason, _way(layout)) from error
    version = marker.get("imageLayoutVersion") if isinstance(marker, dict) else None
    if not str(version).startswith("1."):
        raise NoImageError(str(layout), f"its layout has version {version}, and 1 is supported")
    return store


def _way(layout: Path) -> str:
    """Return how to make a layout of something else, which mostly is nearly one."""
    transport, colon, rest = str(layout).partition(":")
    if colon and transport in {"oci", "oci-archive"} and not layout.exists():
        return f"a layout is named by its path alone: write {rest}"
    if layout.is_file():
        with open_file(layout, links=True) as stream:
            head = stream.read(_LONGEST_MAGIC)
        program = next((name for magic, name in _PACKED.items() if head.startswith(magic)), "")
        if program:
            return f"it is compressed: `{program} {layout}` first"
    return _NO_LAYOUT


def read_index(store: Store) -> Any:
    """Return the index of a layout. Raises NoImageError."""
    try:
        return _read(store, INDEX)
    except FileNotFoundError:
        raise NoImageError(str(store.where), f"it has no {INDEX}", _NO_LAYOUT) from None


def read_document(store: Store, blob: Descriptor) -> Any:
    """Return the document in a JSON blob, verified by its digest. Raises NoImageError."""
    if blob.size > LARGEST_DOCUMENT:
        raise _lie(store, blob, f"is stated to be a document of {blob.size:,} bytes")
    with verified(store, blob) as stream:
        data = stream.read()
    return parse_json(data, store.where / blob.name)


@contextmanager
def verified(store: Store, blob: Descriptor) -> Iterator[Hashed]:
    """Open a blob; at the end of the block it has been read and verified by digest and size.

    Raises NoImageError if it differs or is missing.
    """
    try:
        raw = store.open(blob.name)
    except FileNotFoundError:
        way = "the layout is damaged, or only part of it was copied: make it again"
        raise NoImageError(str(store.where), f"its blob {blob.digest} is not there", way) from None
    with raw:
        stream = Hashed(raw, blob.digest, blob.size)
        try:
            yield stream
            stream.drain()
        except OverflowError as error:
            if error.args != (stream,):  # the unpacked data is too long, not the blob
                raise
            raise _lie(store, blob, f"is longer than the stated {blob.size:,} bytes") from None
    if stream.count != blob.size:
        raise _lie(store, blob, f"has {stream.count:,} bytes instead of {blob.size:,}")
    if stream.digest != blob.digest:
        raise _lie(store, blob, f"has other content: its digest is {stream.digest}")


class Hashed(io.RawIOBase):
    """A stream that is hashed while it is read; after `most` bytes it raises OverflowError."""

    def __init__(self, stream: IO[bytes], like: str, most: int) -> None:
        super().__init__()
        self._stream = stream
        self._algorithm = like.partition(":")[0]
        self._hash = hashlib.new(self._algorithm)
        self._most = most
        self.count = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most `size`; fewer only at the end."""
        data = self._stream.read(size if size >= 0 else self._most - self.count + 1)
        self.count += len(data)
        if self.count > self._most:
            raise OverflowError(self)
        self._hash.update(data)
        return data

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer; return the number of bytes."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def drain(self) -> None:
        """Read the rest."""
        while self.read(BLOCK):
            pass

    @property
    def digest(self) -> str:
        """The digest of what was read."""
        return f"{self._algorithm}:{self._hash.hexdigest()}"


class _Folder:
    """A layout that is a folder."""

    def __init__(self, where: Path) -> None:
        self.where = where

    def open(self, name: str) -> IO[bytes]:
        return open_file(self.where / name, links=True)  # some builders link to shared blobs

    def hand_over(self, name: str, target: Path) -> None:
        real = os.path.realpath(self.where / name)  # hard-link the target of a link
        try:
            os.link(real, target)
        except OSError:  # on another disk, or owned by another user
            shutil.copyfile(real, target)


class _Tar:
    """A layout in a tar, as ``oci-archive`` writes it; its members' names give their places."""

    def __init__(self, where: Path) -> None:
        self.where = where
        self._places: Mapping[str, tuple[int, int]] = dict(self._iter_places())

    def open(self, name: str) -> IO[bytes]:
        if name not in self._places:
            raise FileNotFoundError(name)
        offset, size = self._places[name]
        stream = open_file(self.where, links=True)
        stream.seek(offset)
        return io.BufferedReader(_Part(stream, size))

    def hand_over(self, name: str, target: Path) -> None:
        with self.open(name) as source, target.open("xb") as copy:
            shutil.copyfileobj(source, copy, BLOCK)

    def _iter_places(self) -> Iterator[tuple[str, tuple[int, int]]]:
        with (
            open_file(self.where, links=True) as stream,
            tarfile.open(fileobj=_ShortReads(stream), mode="r:") as tar,
        ):
            for number, member in enumerate(iter(tar.next, None)):
                if number > _MOST_FILES:
                    raise UntrustedFileError(self.where, "has more files than any layout has")
                if member.isreg() and not member.issparse():
                    yield member.name.removeprefix("./"), (member.offset_data, member.size)


class _ShortReads(io.RawIOBase):
    """A file of which only headers are read; one that claims to be huge is refused."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__()
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _LARGEST_HEADER:
            raise tarfile.ReadError("a header is too large")
        return self._stream.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()


class _Part(io.RawIOBase):
    """A number of bytes of a file from its position on; closing it closes the file."""

    def __init__(self, stream: IO[bytes], size: int) -> None:
        super().__init__()
        self._stream = stream
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(min(self._left, len(buffer)))
        self._left -= len(data)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


def _read(store: Store, name: str) -> Any:
    with store.open(name) as stream:
        data = stream.read(LARGEST_DOCUMENT + 1)
    if len(data) > LARGEST_DOCUMENT:
        raise UntrustedFileError(store.where / name, "is larger than any such file is")
    return parse_json(data, store.where / name)


def _lie(store: Store, blob: Descriptor, reason: str) -> NoImageError:
    way = "the layout is damaged or was changed: make it again"
    return NoImageError(str(store.where), f"its blob {blob.digest} {reason}", way)
