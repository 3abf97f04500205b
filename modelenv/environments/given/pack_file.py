"""The format of a packed environment, and a reader that does not trust its author.

It is a tar, compressed by gzip: first the manifest, then each file that this lists, in that order,
then the links. This module travels to other interpreters: standard library only, Python 3.10 and
newer.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import posixpath
import re
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FORMAT = 1
MANIFEST = "pack.json"
"""The first file of a pack: the list of the others, with the hash of each."""
BESIDE = ".sha256"
"""The suffix of the file beside a pack that holds its hash, in the format of ``sha256sum``."""
LARGEST_MANIFEST = 128 << 20
MOST_FILES = 500_000
LARGEST = 256 << 30
"""The largest unpacked size of a pack, in bytes."""
BLOCK = 1 << 20
_VERSION = re.compile(r"3\.[0-9]{1,2}")
DAMAGED = (EOFError, gzip.BadGzipFile, tarfile.TarError, zlib.error, UnicodeDecodeError)


class PackError(Exception):
    """A pack cannot be unpacked, or not on this machine."""

    def __init__(self, file: str, reason: str, way_out: str = "") -> None:
        super().__init__(file, reason, way_out)
        self.file, self.reason, self.way_out = file, reason, way_out

    def __str__(self) -> str:
        """Return the file, the reason and the way out."""
        way = f": {self.way_out}" if self.way_out else ""
        return f"{self.file}: {self.reason}{way}"


class Manifest:
    """The manifest of a pack."""

    def __init__(self, raw: bytes, file: str) -> None:
        """Parse a manifest. Raises PackError if it is invalid, or has a path outside the target."""
        self.digest = hashlib.sha256(raw).hexdigest()
        """Its SHA-256, which identifies the environment, as it includes the hashes of all files."""
        try:
            said = json.loads(raw)
            if said["format"] != FORMAT:
                reason = f"it is of format {said['format']}, and this reads {FORMAT}"
                raise PackError(
                    file, reason, "use the modelenv version that made it, or pack it again"
                )
            self.made_by = str(said["made_by"])
            self.python = str(said["python"]["version"])
            self.free_threaded = bool(said["python"]["free_threaded"])
            self.has_python = bool(said["python"]["packed"])
            self.system, self.machine = (str(said["platform"][k]) for k in ("system", "machine"))
            self.libc = said["platform"]["libc"] and tuple(map(int, said["platform"]["libc"]))
            self.pins = tuple(map(str, said["pins"]))
            self.files = [(str(p), int(size), str(d), bool(x)) for p, size, d, x in said["files"]]
            self.links = [(str(path), str(target)) for path, target in said["links"]]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise PackError(file, f"its {MANIFEST} says no environment ({error!r})") from None
        self.size = sum(size for _, size, _, _ in self.files)
        reason = next(_iter_harm(self), "")
        if reason:
            raise PackError(file, reason, "get it again from a place that you trust")

    @property
    def versioned(self) -> str:
        """The name of its interpreter: ``python3.12``."""
        return f"python{self.python}{'t' if self.free_threaded else ''}"


def _iter_harm(manifest: Manifest) -> Iterator[str]:
    """Yield the reasons why a manifest is refused; nothing for a harmless one."""
    if not _VERSION.fullmatch(manifest.python):
        yield f"{manifest.python!r} is no version of Python"
    names = [path for path, *_ in manifest.files] + [path for path, _ in manifest.links]
    if len(names) > MOST_FILES:
        yield f"it has more than {MOST_FILES:,} files"
    if manifest.size > LARGEST or any(size < 0 for _, size, _, _ in manifest.files):
        yield f"it unpacks to {manifest.size:,} bytes"
    if len({*names}) < len(names):
        yield "it has two files of one name"
    pythons = () if manifest.has_python else ("python", "python3", manifest.versioned)
    made = {MANIFEST, "pyvenv.cfg", *(f"bin/{name}" for name in pythons)}
    for path in names:
        if path in made or not _is_inside(path):
            yield f"its file {path!r} would be written outside its folder"
    for path, target in manifest.links:
        place = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        if target.startswith("/") or not _is_inside(place):
            yield f"its link {path!r} leads out of it"


def _is_inside(path: str) -> bool:
    parts = path.split("/")
    return not ({"", ".", ".."} & {*parts}) and not ({"\\", "\0", ":"} & {*path})


def read_manifest(pack: Path) -> Manifest:
    """Return the manifest of a pack without unpacking it. Raises PackError."""
    with reading(pack) as (tar, source):
        return manifest_of(pack, tar, source)


class PackStream:
    """A forward-only stream of a pack with bounded reads: tarfile trusts the sizes in headers."""

    def __init__(self, stream: gzip.GzipFile) -> None:
        self._stream, self._position, self._header = stream, 0, 0

    def tell(self) -> int:
        """Return the number of bytes read; tarfile asks before it reads a header."""
        self._header = self._position
        return self._position

    def seek(self, position: int) -> None:
        """Read forward to a position."""
        while self._position < position:
            if not self.read_content(min(BLOCK, position - self._position)):
                raise EOFError("it ends too early")

    def read(self, size: int) -> bytes:
        """Return the next bytes of a header, fewer at the end. Raises ReadError for a long one."""
        if self._position + size - self._header > BLOCK:  # newer Pythons read it in pieces
            raise tarfile.ReadError("one of its headers is larger than any")
        return self._read(size)

    def read_content(self, size: int) -> bytes:
        """Return the next bytes of a file's content, fewer at the end."""
        found = self._read(size)
        self._header = self._position
        return found

    def _read(self, size: int) -> bytes:
        found = self._stream.read(size)
        self._position += len(found)
        return found


@contextmanager
def reading(pack: Path) -> Iterator[tuple[tarfile.TarFile, PackStream]]:
    """Yield the archive; errors in the block that mean a damaged pack become PackError."""
    try:
        with gzip.open(pack, "rb") as stream:
            source = PackStream(stream)
            with tarfile.open(fileobj=source, mode="r:") as tar:  # type: ignore[call-overload]
                yield tar, source
    except DAMAGED as error:
        raise PackError(str(pack), f"it is cut off, or no pack ({error})", "copy it anew") from None
    except FileNotFoundError as error:
        raise PackError(str(pack), "there is no such file") from error
    except OSError as error:
        raise PackError(str(pack), f"it cannot be read ({error})") from error


def manifest_of(pack: Path, tar: tarfile.TarFile, source: PackStream) -> Manifest:
    """Return the manifest of a pack that is being read. Raises PackError."""
    member = tar.next()
    if member is None or member.name != MANIFEST or not member.isreg():
        raise PackError(str(pack), f"it is no pack: it does not begin with {MANIFEST}")
    if member.size > LARGEST_MANIFEST:
        raise PackError(str(pack), f"its {MANIFEST} is larger than any")
    return Manifest(b"".join(iter_blocks(source, member.size)), str(pack))


def iter_blocks(source: PackStream, size: int) -> Iterator[bytes]:
    """Yield the content of the next file in blocks. Raises EOFError if it is truncated."""
    while size:
        block = source.read_content(min(size, BLOCK))
        if not block:
            raise EOFError("a file in it ends too early")
        size -= len(block)
        yield block
