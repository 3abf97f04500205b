"""The part of our code that travels: a reproducible ZIP archive, and its name."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from .entry import CARRIED

if TYPE_CHECKING:
    from zipfile import ZipInfo

_ROOT = Path(__file__).parents[3]
_PACKAGE = Path(__file__).parents[2]
TRAVELS = (
    "base/__init__.py",
    *(f"base/{name}.py" for name in ("arguments", "errors", "run_variables", "settings", "text")),
    "base/run_variables.json",
    "base/telling/__init__.py",
    *(f"base/telling/{name}.py" for name in ("error_codes", "frames")),
    "base/files/__init__.py",
    *(f"base/files/{name}.py" for name in ("bounded", "disk", "hashing", "scratch", "temporary")),
    "batch/__init__.py",
    "batch/engines/__init__.py",
    "batch/engines/errors.py",
    "batch/engines/task.py",
    "batch/files/__init__.py",
    "batch/files/slices/*.py",
    "batch/inside/*.py",
    "batch/node/**/*.py",
    "batch/travel/*.py",
    "environments/__init__.py",
    "environments/given/__init__.py",
    "environments/given/pack_file.py",
    "environments/given/unpack.py",
    "folder/__init__.py",
    "folder/mlflow_loader.py",
    "seal/**/*.py",
    "table/**/*.py",
    "worker/**/*.py",
)
"""The files that travel, below our package: all that an engine's process runs.

Their imports are among them, or in the standard library; a test checks that.
"""
_LEFT = (
    *(f"table/{name}.py" for name in ("enforced", "files", "schema", "signature")),
    "worker/resident/*.py",
)
"""Those of these that only drivers need."""
_WHEN = (1980, 1, 1, 0, 0, 0)  # the earliest that an archive can store
_EMPTY = b'"""What of modelenv has travelled here."""\n'


@dataclass(frozen=True, slots=True)
class Payload:
    """Our code in its archived form."""

    carried: bytes = field(repr=False)
    """The archive, whose files are compressed all together."""
    digest: str
    """The SHA-256 of the archive, in hexadecimal."""


@cache
def payload() -> Payload:
    """Return the code that this process runs; on a node, the archive it came from."""
    import hashlib
    import zlib

    arrived = _ROOT / CARRIED
    if arrived.is_file():
        carried = arrived.read_bytes()
        return Payload(carried, hashlib.sha256(zlib.decompress(carried)).hexdigest())
    archive = _archive()
    return Payload(zlib.compress(archive, 9), hashlib.sha256(archive).hexdigest())


def travelling(package: Path = _PACKAGE) -> Iterator[str]:
    """Yield the files that travel, as paths below our package, sorted."""
    found = {file for pattern in TRAVELS for file in package.glob(pattern)}
    found -= {file for pattern in _LEFT for file in package.glob(pattern)}
    yield from sorted(file.relative_to(package).as_posix() for file in found)


def _archive() -> bytes:
    import zipfile

    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(_entry("modelenv/__init__.py"), _EMPTY)
        for name in travelling():
            content = (_PACKAGE / name).read_bytes().replace(b"\r\n", b"\n")
            archive.writestr(_entry(f"modelenv/{name}"), content)
    return stream.getvalue()


def _entry(name: str) -> ZipInfo:
    from zipfile import ZipInfo

    entry = ZipInfo(name, _WHEN)
    entry.create_system = 3  # Unix, for a driver on Windows too
    return entry
