"""Write a layer: a tar with the same bytes wherever and whenever it is made, compressed."""

from __future__ import annotations

import os
import stat
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from ...base.files.gzip_stream import EPOCH, GzipStream
from ..errors import NoImageError
from .base.archive import TAR_GZIP
from .base.store import BLOCK, Descriptor
from .base.tree import Inode

_LEVEL = 4  # level 6, gzip's default, takes twice the time for 4 % less


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A layer that was written."""

    what: str
    """Its content, as ``model environment``."""
    blob: Descriptor
    diff_id: str
    """The digest of its tar, independent of the compression."""
    file: Path
    unpacked: int
    """The size of its tar in bytes."""
    made: str = ""
    """The tool that made its content, if others may differ: ``bytecode by Python 3.11.7``."""


def write(
    what: str,
    source: Path,
    place: str,
    above: Iterable[tuple[str, Inode | None]],
    scratch: Path,
) -> Layer:
    """Write a folder as a layer in which it is at `place`, into a file in `scratch`.

    The layer includes the folders `above` it: as they are in the base, else as new ones. All files
    belong to root, who alone may write them, and are readable by all; executables stay executable.
    Raises NoImageError for special files.
    """
    file = scratch / f"{what.replace(' ', '-')}.tar.gz"
    with file.open("xb") as stream:
        packed = GzipStream(stream, _LEVEL)
        with tarfile.open(
            fileobj=cast("IO[bytes]", packed), mode="w|", format=tarfile.PAX_FORMAT
        ) as tar:
            for folder, node in above:
                tar.addfile(_folder(folder, node))
            for path, name in _walk(source, place):
                _add(tar, path, name, source)
                tar.members.clear()  # type: ignore[attr-defined]  # else each is kept until the end
        packed.finish()
    blob = Descriptor(TAR_GZIP, f"sha256:{packed.digest.hexdigest()}", file.stat().st_size)
    diff_id = f"sha256:{packed.plain.hexdigest()}"
    return Layer(what=what, blob=blob, diff_id=diff_id, file=file, unpacked=packed.size)


def _walk(source: Path, place: str) -> Iterator[tuple[Path, str]]:
    """Yield a folder and its content with names in the tar: sorted, folders first."""
    yield source, place
    for entry in sorted(os.scandir(source), key=lambda entry: entry.name):
        path, name = source / entry.name, f"{place}/{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(path, name)
        else:
            yield path, name


def _add(tar: tarfile.TarFile, path: Path, name: str, source: Path) -> None:
    found = path.lstat()
    member = tarfile.TarInfo(name.lstrip("/"))
    member.mtime, member.mode = EPOCH, 0o755
    if stat.S_ISDIR(found.st_mode):
        member.type = tarfile.DIRTYPE
        tar.addfile(member)
    elif stat.S_ISLNK(found.st_mode):
        member.type, member.mode = tarfile.SYMTYPE, 0o777
        member.linkname = path.readlink().as_posix()
        tar.addfile(member)
    elif stat.S_ISREG(found.st_mode):
        # Windows has no executable mode.
        runs = bool(found.st_mode & 0o111) or path.parent == source / "bin"
        member.mode = 0o755 if runs else 0o644
        with path.open("rb", buffering=BLOCK) as stream:
            member.size = os.fstat(stream.fileno()).st_size
            tar.addfile(member, stream)
    else:
        raise NoImageError(str(path), "it is neither a file nor a folder: no image can hold it")


def _folder(name: str, node: Inode | None) -> tarfile.TarInfo:
    """Return the member for a folder: as it is in the base, or a new one."""
    member = tarfile.TarInfo(name.lstrip("/"))
    member.type = tarfile.DIRTYPE
    member.mode, member.mtime = 0o755, EPOCH
    if node is not None:
        member.mode, member.mtime = node.mode, node.mtime
        member.uid, member.gid = node.uid, node.gid
    return member
