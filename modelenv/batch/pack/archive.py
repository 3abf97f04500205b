"""Write a folder as a pack, with the same bytes whenever and wherever it is made."""

from __future__ import annotations

import io
import json
import os
import stat
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from ...base.files.gzip_stream import EPOCH, GzipStream
from ...base.files.hashing import digests
from ...environments.given.pack_file import FORMAT, MANIFEST
from .errors import NoPackError

_LEVEL = 6  # made once and copied to many machines
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class WrittenPack:
    """A pack that was written."""

    sha256: str
    bytes: int
    unpacked: int
    """The total size of its files, in bytes."""


def write(folder: Path, about: Mapping[str, Any], target: Path) -> WrittenPack:
    """Write the content of a folder as a pack, with `about` added to its manifest.

    Raises NoPackError for anything but files, folders and links.
    """
    files, links = [], []
    for path, name, mode in _walk(folder, ""):
        if stat.S_ISLNK(mode):
            links.append((name, path.readlink().as_posix()))
        elif stat.S_ISREG(mode):
            files.append((path, name, bool(mode & 0o111)))
        else:
            raise NoPackError(str(path), "it is neither a file nor a folder: no pack can hold it")
    found = digests(path for path, _, _ in files)
    sizes = [path.stat().st_size for path, _, _ in files]
    listed = [
        (name, size, found[path], runs)
        for (path, name, runs), size in zip(files, sizes, strict=True)
    ]
    document = {"format": FORMAT, **about, "files": listed, "links": links}
    manifest = json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
    with target.open("xb") as stream:
        packed = GzipStream(stream, _LEVEL)
        with tarfile.open(
            fileobj=cast("IO[bytes]", packed), mode="w|", format=tarfile.PAX_FORMAT
        ) as tar:
            tar.addfile(_member(MANIFEST, size=len(manifest)), io.BytesIO(manifest))
            for path, name, runs in files:
                with path.open("rb", buffering=_BLOCK) as content:
                    size = os.fstat(content.fileno()).st_size
                    tar.addfile(_member(name, size=size, runs=runs), content)
                tar.members.clear()  # type: ignore[attr-defined]  # otherwise tarfile keeps each until the end
            for name, link in links:
                tar.addfile(_member(name, link=link))
        packed.finish()
    return WrittenPack(packed.digest.hexdigest(), target.stat().st_size, sum(sizes))


def _walk(folder: Path, above: str) -> Iterator[tuple[Path, str, int]]:
    """Yield all paths below a folder, sorted, each with its name in the pack and its mode."""
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        path, name = folder / entry.name, f"{above}{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(path, f"{name}/")
        else:
            yield path, name, path.lstat().st_mode


def _member(name: str, *, size: int = 0, runs: bool = False, link: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.mtime, member.size, member.mode = EPOCH, size, 0o755 if runs else 0o644
    if link:
        member.type, member.linkname, member.mode = tarfile.SYMTYPE, link, 0o777
    return member
