"""Source distributions: read where they state their metadata (PEP 643), never built."""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from contextlib import closing
from typing import TYPE_CHECKING

from ..errors import BrokenMetadataError
from ..installed.core_metadata import read_dependencies, read_headers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..index.fetcher import Fetcher
    from ..index.simple_api import Link
    from ..installed.core_metadata import Dependencies

_ASKED = ("requires-dist", "requires-python", "provides-extra")


def read_pkg_info(link: Link, fetcher: Fetcher) -> Dependencies:
    """Read the PKG-INFO of a source distribution, as far into the archive as it stands.

    Raises `BrokenMetadataError` where a build would have the last word, `SourceError`.
    """
    try:
        text = _from_zip(link, fetcher) if link.file.endswith(".zip") else _from_tar(link, fetcher)
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as e:
        raise BrokenMetadataError(link.file, f"it is no source distribution ({e})") from e
    headers = read_headers(text.decode("utf-8", "surrogateescape"))
    if reason := _undecided(headers):
        raise BrokenMetadataError(
            link.file,
            f"only its source is there, and {reason}: it would have to be built (PEP 643)",
        )
    return read_dependencies(headers)


def _undecided(headers: Mapping[str, list[str]]) -> str:
    """Return what a build may still change, as PEP 643 has it; empty when nothing may."""
    stated = headers.get("metadata-version", ["1.0"])[0]
    major, _, minor = stated.partition(".")
    if not (major.isdigit() and minor.isdigit()) or (int(major), int(minor)) < (2, 2):
        return f"metadata {stated} does not say what is final"
    open_fields = sorted({each.lower() for each in headers.get("dynamic", [])} & {*_ASKED})
    return f"its {', '.join(open_fields)} is dynamic" if open_fields else ""


def _from_tar(link: Link, fetcher: Fetcher) -> bytes:
    with (
        closing(fetcher.open_forward(link.url)) as file,
        tarfile.open(fileobj=file, mode="r|*") as archive,
    ):
        for member in archive:
            if _is_pkg_info(member.name):
                found = archive.extractfile(member)
                if found is not None:
                    return found.read()
    raise BrokenMetadataError(link.file, "it has no PKG-INFO")


def _from_zip(link: Link, fetcher: Fetcher) -> bytes:
    with fetcher.open(link.url) as file, zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            if _is_pkg_info(name):
                return archive.read(name)
    raise BrokenMetadataError(link.file, "it has no PKG-INFO")


def _is_pkg_info(path: str) -> bool:
    folder, _, name = path.removeprefix("./").partition("/")
    return bool(folder) and name == "PKG-INFO"
