"""Small image layouts, made by hand: folders of blobs that say what they are."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modelenv.ship.oci.base.archive import TAR_GZIP
from modelenv.ship.oci.base.image import CONFIG, MANIFEST

ELF = b"\x7fELF\x02\x01\x01" + bytes(11) + (62).to_bytes(2, "little") + bytes(44)  # of x86-64
LIBC = b"GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.\n"
STATUS = """\
Package: libc6
Status: install ok installed
Version: 2.36-9+deb12u7

Package: libgomp1
Status: install ok installed
Version: 12.2.0-14
Provides: libgomp-virtual (= 1), other

Package: tzdata
Status: deinstall ok config-files
Version: 2026a

Package: fonts-dejavu-core
Status: unknown ok not-installed
"""


@dataclass(frozen=True)
class Link:
    """A symbolic link, or a hard one."""

    target: str
    hard: bool = False


Files = Mapping[str, "bytes | Link | None"]
"""What a layer holds, by path; None: a folder."""


def library(minor: str, prefix: str = "usr") -> dict[str, bytes]:
    """Return as much of a standard library as is looked for."""
    names = ("os.py", "asyncio/__init__.py", "urllib/request.py", "importlib/metadata/__init__.py")
    return {f"{prefix}/lib/python{minor}/{name}": b"" for name in names}


PYTHON: Files = {
    "opt": None,
    "usr/bin/python3": Link("python3.11"),
    "usr/bin/python3.11": ELF,
    "usr/lib/x86_64-linux-gnu/libc.so.6": LIBC,
    "var/lib/dpkg/status": STATUS.encode(),
    **library("3.11"),
}


def tar_of(files: Files) -> bytes:
    """Return a layer's tar."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.mode, member.mtime, member.uid, member.gid = 0o755, 1_000_000, 3, 4
            if content is None:
                member.type, member.mode = tarfile.DIRTYPE, 0o750
                tar.addfile(member)
            elif isinstance(content, Link):
                member.type = tarfile.LNKTYPE if content.hard else tarfile.SYMTYPE
                member.linkname = content.target
                tar.addfile(member)
            else:
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
    return stream.getvalue()


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


@dataclass
class Layout:
    """A layout that is being made in a folder."""

    folder: Path
    listed: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        (self.folder / "blobs/sha256").mkdir(parents=True)
        (self.folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')

    def put(self, data: bytes, media_type: str) -> dict[str, Any]:
        """Put a blob, and return its descriptor."""
        name = digest(data)
        self.path(name).write_bytes(data)
        return {"mediaType": media_type, "digest": name, "size": len(data)}

    def path(self, name: str) -> Path:
        return self.folder / "blobs" / name.replace(":", "/")

    def add(
        self,
        layers: Sequence[Files] = (PYTHON,),
        *,
        name: str = "",
        packed: Iterable[tuple[bytes, str]] = (),
        config: Mapping[str, Any] | None = None,
        manifest: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> Path:
        """Add an image of gzipped layers, or of blobs that are `packed` so; return the layout."""
        tars = [tar_of(files) for files in layers]
        blobs = [*packed] or [(gzip.compress(tar, mtime=0), TAR_GZIP) for tar in tars]
        document = {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Env": ["PATH=/usr/local/bin:/usr/bin:/bin", "A=b=c"], **settings},
            "rootfs": {"type": "layers", "diff_ids": [digest(tar) for tar in tars]},
            **(config or {}),
        }
        said = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": self.put(json.dumps(document).encode(), CONFIG),
            "layers": [self.put(data, kind) for data, kind in blobs],
            **(manifest or {}),
        }
        entry = self.put(json.dumps(said).encode(), MANIFEST)
        if name:
            entry["annotations"] = {"org.opencontainers.image.ref.name": name}
        self.listed.append(entry)
        return self.write_index()

    def write_index(self) -> Path:
        index = {"schemaVersion": 2, "manifests": self.listed}
        (self.folder / "index.json").write_text(json.dumps(index))
        return self.folder


def as_tar(folder: Path, target: Path) -> Path:
    """Return a tar of a layout, as ``skopeo copy … oci-archive:`` makes it."""
    with tarfile.open(target, "w") as tar:
        for path in sorted(folder.rglob("*")):
            tar.add(path, f"./{path.relative_to(folder)}", recursive=False)
    return target
