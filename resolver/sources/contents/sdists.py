"""Source distributions: read if they state their metadata (PEP 643, PEP 621), never built."""

from __future__ import annotations

import gzip
import io
import re
import sys
import tarfile
import zipfile
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from ...errors import BrokenMetadataError, UnstatedMetadataError
from ...installed.core_metadata import Dependencies, read_dependencies, read_headers
from .archives import BROKEN_ZIP, CountedFile, hold_identity, read_member

if sys.version_info >= (3, 11):
    import tomllib
else:  # the same library, before it was in the standard one
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ...index.fetcher import Fetcher
    from ...index.simple_api import Link

_PKG_INFO = "PKG-INFO"
_PROJECT = "pyproject.toml"
_VERSION = re.compile(r"[0-9]{1,9}\.[0-9]{1,9}")
_ASKED = ("requires-dist", "requires-python", "provides-extra")
_DECLARED = ("dependencies", "optional-dependencies", "requires-python")
# Unpacked bytes within which both files are looked for: they stand before what is large.
_READ = 8_000_000
_BROKEN = (*BROKEN_ZIP, tarfile.TarError, gzip.BadGzipFile)


def read_source(link: Link, fetcher: Fetcher) -> Dependencies:
    """Read what a source distribution requires, as far into the archive as that stands.

    That is its PKG-INFO, if it states final values (PEP 643), else the `[project]` table of its
    pyproject.toml; a build may change only what that names as dynamic (PEP 621). Raises
    `UnstatedMetadataError` if only a build decides, `BrokenMetadataError`, `SourceError`.
    """
    reason = "it has no PKG-INFO"
    try:
        for name, data in _texts(link, fetcher):
            text = data.decode("utf-8", "surrogateescape")
            if name == _PROJECT:
                declared = read_project(text)
                if declared is not None:
                    return declared
                continue
            headers = read_headers(text)
            hold_identity(link.file, headers)
            reason = undecided(headers)
            if not reason:
                return read_dependencies(headers)
            if "dynamic" in reason:  # so will pyproject.toml have it
                break
    except _BROKEN as e:
        raise BrokenMetadataError(link.file, f"it is no source distribution ({e})") from e
    raise UnstatedMetadataError(link.file, reason)


def undecided(headers: Mapping[str, list[str]]) -> str:
    """Return what a build may still change, as PEP 643 has it; empty when nothing may.

    >>> undecided({"metadata-version": ["2.2"], "dynamic": ["Requires-Dist"]})
    'its requires-dist is dynamic'
    """
    stated = headers.get("metadata-version", ["1.0"])[0]
    if not _VERSION.fullmatch(stated) or tuple(map(int, stated.split("."))) < (2, 2):
        return f"metadata {stated[:20]} does not say what is final"
    open_fields = sorted({each.lower() for each in headers.get("dynamic", [])} & {*_ASKED})
    return f"its {', '.join(open_fields)} is dynamic" if open_fields else ""


def read_project(text: str) -> Dependencies | None:
    r"""Read what a pyproject.toml declares; None if it leaves some of that to the build.

    >>> read_project("[project]\nname='a'\nversion='1'\ndependencies=['b']")
    Dependencies(requires_python='', extras=[], requires=['b'])
    """
    try:
        project = tomllib.loads(text).get("project")
        if not isinstance(project, dict) or not {*_DECLARED}.isdisjoint(project.get("dynamic", ())):
            return None
        extras: Mapping[str, list[str]] = project.get("optional-dependencies", {})
        added = [_only_with(extra, line) for extra, lines in extras.items() for line in lines]
        requires = [*project.get("dependencies", ()), *added]
        return Dependencies(project.get("requires-python", ""), list(extras), requires)
    except (
        *(tomllib.TOMLDecodeError, InvalidRequirement),
        *(AttributeError, TypeError, ValueError, RecursionError),
    ):
        return None  # what is wrong there is for a build to say


def _only_with(extra: str, line: str) -> str:
    """Return a requirement as the metadata of an extra has it."""
    asked = Requirement(line)
    condition = f'extra == "{canonicalize_name(extra)}"'
    marker = f"({asked.marker}) and {condition}" if asked.marker else condition
    asked.marker = None
    return f"{asked} ; {marker}"


def _texts(link: Link, fetcher: Fetcher) -> Iterator[tuple[str, bytes]]:
    """Yield PKG-INFO and pyproject.toml of the project's own folder, with their names."""
    return _of_zip(link, fetcher) if link.file.endswith(".zip") else _of_tar(link, fetcher)


def _of_tar(link: Link, fetcher: Fetcher) -> Iterator[tuple[str, bytes]]:
    with (
        closing(fetcher.open_forward(link.url)) as file,
        gzip.open(CountedFile(file, fetcher.bounds.archive)) as unpacked,
        tarfile.open(fileobj=_Beginning(unpacked), mode="r|") as archive,
        suppress(_ReadEnoughError),
    ):
        for member in archive:
            name = _name(member.name)
            found = archive.extractfile(member) if name else None
            if found is not None:
                yield name, found.read()


def _of_zip(link: Link, fetcher: Fetcher) -> Iterator[tuple[str, bytes]]:
    with (
        fetcher.open(link.url) as file,
        zipfile.ZipFile(CountedFile(file, fetcher.bounds.archive)) as archive,
    ):
        members = archive.infolist()
        for member in sorted(members, key=lambda each: each.filename.endswith(_PROJECT)):
            if name := _name(member.filename):
                yield name, read_member(archive, member, fetcher.bounds.metadata)


def _name(path: str) -> str:
    """Return the name of a file that is read of an archive; empty for the others."""
    folder, _, name = path.removeprefix("./").partition("/")
    return name if folder and name in {_PKG_INFO, _PROJECT} else ""


class _ReadEnoughError(Exception):
    """The member that is looked for is not in the first part of the archive."""


class _Beginning(io.RawIOBase):
    """A file of which at most `_READ` bytes are read."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._left = _READ

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes. Raises `_ReadEnoughError`."""
        if not self._left:
            raise _ReadEnoughError
        data: bytes = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data
