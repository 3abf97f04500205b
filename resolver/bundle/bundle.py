"""Wheels of distributions that exist on this machine only: the original, or one made of it."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from ..errors import NotBundledError
from ..installed.record import read_record
from ..local_files import hash_file, open_file, path_of
from ..requirements.references import archive_hashes
from ..sources.contents.archives import BROKEN_ZIP, CountedFile, read_member
from .edited_contents import edited_contents
from .wheel_writer import contents_of, installed_contents, write_wheel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from packaging.version import Version

    from ..installed.distribution import Distribution
    from ..target import Target
    from .edits import EditedFile

_RECORD = 64_000_000  # bytes of a wheel's directory, and of its list of files


@dataclass(frozen=True, slots=True)
class Bundled:
    """A wheel that travels."""

    name: str
    """The normalised name of its distribution."""
    file: Path
    sha256: str
    original: bool
    """Whether it is the wheel that was installed, not one made of the installed files."""
    edits: tuple[EditedFile, ...] = ()
    """Files that it holds in another state than they were installed in."""
    version: Version | None = None
    """The version it was given because of the edits; None: it has the distribution's own."""


def bundle_installed(
    distribution: Distribution,
    folder: Path,
    target: Target,
    *,
    code: Mapping[str, Path] | None = None,
    edits: Sequence[EditedFile] = (),
) -> Bundled:
    """Put a wheel of an installed distribution into `folder`, which exists.

    It is the wheel that was installed, if that is unchanged, else one made of the installed files
    by their list (RECORD). `code` are the files of an editable install, by their import path. With
    `edits` it is always made, with a local version. Raises NotBundledError if there is no file
    list.

    >>> from resolver import Installed
    >>> import tempfile
    >>> here = Installed.current()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     bundle_installed(here.get("packaging"), Path(folder), here.target).name
    'packaging'
    """
    if edits:
        contents, version = edited_contents(distribution, edits, target)
        made = _bundled(distribution.name, write_wheel(contents, folder), original=False)
        return replace(made, edits=tuple(edits), version=version)
    wheel = original(distribution) if code is None else None
    if wheel is not None:
        return _copied(wheel, distribution.name, folder)
    contents = (
        installed_contents(distribution, target)
        if code is None
        else contents_of(distribution, dict(code), target)
    )
    return _bundled(distribution.name, write_wheel(contents, folder), original=False)


def bundle_wheel(url: str, name: str, folder: Path) -> Bundled:
    """Copy the wheel that a `file:` URL names into `folder`. Raises NotBundledError."""
    wheel = _wheel_at(url)
    if wheel is None:
        raise NotBundledError(url, "it is no wheel")
    return _copied(wheel, name, folder)


def _copied(wheel: Path, name: str, folder: Path) -> Bundled:
    path = folder / wheel.name
    shutil.copyfile(wheel, path)
    return _bundled(name, path, original=True)


def _bundled(name: str, path: Path, *, original: bool) -> Bundled:
    return Bundled(name, path, hash_file(path).removeprefix("sha256:"), original)


def _wheel_at(url: str) -> Path | None:
    path = path_of(url)
    return path if path is not None and path.suffix == ".whl" and path.is_file() else None


def original(distribution: Distribution) -> Path | None:
    """Return the wheel file that a distribution was installed from, if it is unchanged.

    It is recognised by the hash in `direct_url.json` (PEP 610); if an installer recorded none,
    by the installed files in it.
    """
    direct = distribution.direct_url or {}
    wheel = _wheel_at(str(direct.get("url", "")))
    if wheel is None:
        return None
    try:
        name, version, _, _ = parse_wheel_filename(wheel.name)
    except InvalidWheelFilename:
        return None
    if (name, version) != (distribution.name, distribution.version):
        return None
    recorded = archive_hashes(direct)
    for algorithm, digest in recorded.items():
        if algorithm in hashlib.algorithms_available:
            return wheel if hash_file(wheel, algorithm) == f"{algorithm}:{digest}" else None
    return wheel if _holds(wheel, distribution) else None


def _holds(wheel: Path, distribution: Distribution) -> bool:
    """Return whether the files of a wheel have the digests of the installed ones."""
    try:
        with open_file(wheel) as file, zipfile.ZipFile(CountedFile(file, _RECORD)) as archive:
            members = archive.infolist()
            (record,) = (each for each in members if each.filename.endswith(".dist-info/RECORD"))
            packed = read_record(read_member(archive, record, _RECORD).decode().splitlines())
    except BROKEN_ZIP:
        return False
    listed = {name: digest for name, digest in packed.items() if digest and ".data/" not in name}
    return bool(listed) and all(
        distribution.record.get(name) == digest for name, digest in listed.items()
    )
