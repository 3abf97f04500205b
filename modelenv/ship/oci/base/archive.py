"""Read one layer: a tar, compressed or not, once and from front to back."""

from __future__ import annotations

import gzip
import io
import shutil
import subprocess
import tarfile
import threading
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib import import_module
from typing import IO, cast

from ...errors import NoImageError
from .store import BLOCK, Descriptor, Hashed, Store, verified

_OCI = "application/vnd.oci.image.layer.v1.tar"
_NONDISTRIBUTABLE = "application/vnd.oci.image.layer.nondistributable.v1.tar"
_DOCKER = "application/vnd.docker.image.rootfs.diff.tar"
_DOCKER_FOREIGN = "application/vnd.docker.image.rootfs.foreign.diff.tar"
_KINDS = {
    base + dot + compression: compression
    for base, dot in ((_OCI, "+"), (_NONDISTRIBUTABLE, "+"), (_DOCKER, "."), (_DOCKER_FOREIGN, "."))
    for compression in ("gzip", "zstd")
} | dict.fromkeys((_OCI, _NONDISTRIBUTABLE, _DOCKER, _DOCKER_FOREIGN), "")
TAR_GZIP = f"{_OCI}+gzip"
LARGEST_LAYER = 64 << 30
"""The largest unpacked layer in bytes: three times what the largest images in use have."""
_ZSTD = b"\x28\xb5\x2f\xfd"  # RFC 8878
_LARGEST_READ = 16 << 20  # bytes of a header, or of the kept part of a file


def media_type(blob: Descriptor) -> str:
    """Return OCI's name of a layer's kind, which may have docker's name."""
    compression = _KINDS.get(blob.media_type)
    if compression is None:
        return blob.media_type
    return f"{_OCI}+{compression}" if compression else _OCI


@contextmanager
def members(
    store: Store, blob: Descriptor, diff_id: str, most: int = LARGEST_LAYER
) -> Iterator[Iterator[tuple[tarfile.TarInfo, IO[bytes] | None]]]:
    """Open a layer: the members of its tar, in order, each with its content if it is a file.

    At the end of the block everything has been verified: the blob by its digest and size, the tar
    by its `diff_id`. Raises NoImageError if they differ, if it is no such archive, or if it unpacks
    to more than `most` bytes.
    """
    place = f"{store.where}: the layer {blob.digest}"
    compression = _KINDS.get(blob.media_type)
    if compression is None:
        way = "encrypted layers, and layers that are no file system, cannot be read"
        raise NoImageError(place, f"its kind is unknown, {blob.media_type!r}", way)
    try:
        with ExitStack() as stack:
            raw = stack.enter_context(verified(store, blob))
            plain = stack.enter_context(_unpacked(raw, compression, place))
            tar = Hashed(plain, diff_id, most)
            yield _iter_members(tar)
            tar.drain()
    except (EOFError, gzip.BadGzipFile, zlib.error, tarfile.TarError) as error:
        raise NoImageError(place, f"it cannot be unpacked ({error})") from error
    except OverflowError:
        reason = f"it unpacks to more than {most:,} bytes"
        raise NoImageError(place, reason, "no base image is as large") from None
    if tar.digest != diff_id:
        reason = f"it unpacks to {tar.digest}, but the configuration says {diff_id}"
        raise NoImageError(place, reason, "the layout is damaged: make it again")


def _iter_members(tar: Hashed) -> Iterator[tuple[tarfile.TarInfo, IO[bytes] | None]]:
    forward = cast("IO[bytes]", _Forward(tar))
    with tarfile.open(fileobj=forward, mode="r:") as archive:
        if archive.offset == 0:  # an empty tar: Python 3.10 would seek before its start
            return
        while (member := _next(archive)) is not None:
            archive.members.clear()  # type: ignore[attr-defined]  # else each is kept until the end
            yield member, archive.extractfile(member) if member.isreg() else None


def _next(archive: tarfile.TarFile) -> tarfile.TarInfo | None:
    try:
        return archive.next()
    except (ValueError, RecursionError) as error:  # raised by older Pythons for some headers
        raise tarfile.ReadError(f"a header is invalid: {error}") from error


class _Forward(io.RawIOBase):
    """A stream that `tarfile` takes for a file, although it seeks back by at most one byte.

    Skipped data is read in blocks. The sizes in headers are not trusted.
    """

    def __init__(self, stream: Hashed) -> None:
        super().__init__()
        self._stream = stream
        self._place = 0
        self._back = b""
        self._last = b""

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence != 0 or offset < self._place - 1:
            raise tarfile.ReadError("its members do not follow each other")
        if offset == self._place - 1:
            self._back, self._place = self._last, offset
        while self._place < offset:
            if not self.read(min(BLOCK, offset - self._place)):
                raise tarfile.ReadError("it ends within a file")
        return self._place

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _LARGEST_READ:
            raise tarfile.ReadError("one of its headers is too large")
        if size == 0:
            return b""
        back, self._back = self._back, b""
        data = back + self._stream.read(size - len(back))
        self._place += len(data)
        self._last = data[-1:] or self._last
        return data


@contextmanager
def _unpacked(raw: Hashed, compression: str, place: str) -> Iterator[IO[bytes]]:
    """Open a compressed stream within `raw`."""
    blob = cast("IO[bytes]", raw)
    if compression == "gzip":
        with gzip.GzipFile(fileobj=io.BufferedReader(raw, BLOCK)) as stream:
            yield cast("IO[bytes]", stream)
    elif compression == "zstd":
        with _unpacked_zstd(blob, place) as stream:
            yield stream
    else:
        yield blob


@contextmanager
def _unpacked_zstd(raw: IO[bytes], place: str) -> Iterator[IO[bytes]]:
    """Unpack zstd with the standard library (Python 3.14 or newer), else with the program."""
    with suppress(ImportError):
        zstd = import_module("compression.zstd")
        try:
            with zstd.open(raw) as stream:
                yield stream
        except zstd.ZstdError as error:
            raise tarfile.ReadError(str(error)) from error
        return
    program = shutil.which("zstd")
    if program is None:
        copy = "`skopeo copy --dest-compress-format gzip`"
        way = f"install the program zstd, use Python 3.14 or newer, or {copy}"
        raise NoImageError(place, "it is compressed by zstd, which cannot be read here", way)
    start = raw.read(len(_ZSTD))
    if start != _ZSTD:  # the program would unpack other formats, too
        raise tarfile.ReadError("it does not begin like zstd data")
    with subprocess.Popen(
        [program, "-dcq"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        feeder = threading.Thread(target=_feed, args=(start, raw, process.stdin), daemon=True)
        feeder.start()
        try:
            yield process.stdout
            if process.wait() != 0:
                raise tarfile.ReadError("zstd says that it is damaged")
        finally:
            process.kill()
            feeder.join()


def _feed(start: bytes, source: IO[bytes], target: IO[bytes]) -> None:
    """Write the rest of a stream to a pipe, until its reader stops."""
    with suppress(BrokenPipeError, OverflowError), target:
        target.write(start)
        shutil.copyfileobj(source, target, BLOCK)
