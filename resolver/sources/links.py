"""From links to candidates: the best wheel of each version for a target, and its metadata."""

from __future__ import annotations

import zipfile
import zlib
from email.parser import BytesHeaderParser
from functools import cached_property
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)

from ..candidates import Candidate, Stated
from ..errors import BrokenMetadataError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.version import Version

    from ..target import Target
    from . import Source
    from .fetch import Fetcher
    from .simple import Link

_ONLY_SOURCE = "only a source distribution of it is there, which would have to be built"


class Wheels:
    """Turn the links of one source into candidates, and read their metadata."""

    def __init__(self, source: Source, target: Target, fetcher: Fetcher) -> None:
        self._source = source
        self._target = target
        self._fetcher = fetcher
        self._links: dict[Candidate, Link] = {}
        self._metadata: dict[Candidate, Stated] = {}

    def candidates(
        self, name: str, links: Iterable[Link], references: tuple[str, ...] = ()
    ) -> tuple[Candidate, ...]:
        """Make one candidate for each version, of the wheel that suits the target best."""
        best: dict[Version, tuple[int, Link]] = {}
        for link in links:
            graded = self._grade(name, link)
            if graded is not None:
                version, rank = graded
                if version not in best or rank < best[version][0]:
                    best[version] = (rank, link)
        return tuple(self._candidate(name, version, *best[version], references) for version in best)

    def metadata(self, candidate: Candidate) -> Stated:
        """Read a candidate's METADATA: alone where it is offered, else out of the wheel."""
        if candidate not in self._metadata:
            link = self._links[candidate]
            self._metadata[candidate] = _parse(link, self._read(link))
        return self._metadata[candidate]

    @cached_property
    def _ranks(self) -> dict[str, int]:
        return {tag: rank for rank, tag in enumerate(self._target.wheel_tags())}

    def _grade(self, name: str, link: Link) -> tuple[Version, int] | None:
        """Return the version and how well the file suits, 0 best; None for another name's."""
        unfit = len(self._ranks)
        try:
            if not link.file.endswith(".whl"):
                found, version = parse_sdist_filename(link.file)
                return (version, unfit + 1) if found == name else None
            found, version, _, tags = parse_wheel_filename(link.file)
        except (InvalidWheelFilename, InvalidSdistFilename):
            return None
        if found != name:
            return None
        return version, min((self._ranks.get(str(tag), unfit) for tag in tags), default=unfit)

    def _candidate(
        self, name: str, version: Version, rank: int, link: Link, references: tuple[str, ...]
    ) -> Candidate:
        unusable = ""
        if rank == len(self._ranks):
            unusable = "no wheel of it is for this platform and Python"
        elif rank > len(self._ranks):
            unusable = _ONLY_SOURCE
        try:
            python = SpecifierSet(link.requires_python)
        except InvalidSpecifier:
            # Pages have kept some that PEP 440 never allowed; the METADATA will say.
            python = SpecifierSet()
        made = Candidate(name, version, self._source, python, link.yanked, references, unusable)
        self._links[made] = link
        return made

    def _read(self, link: Link) -> bytes:
        if link.metadata:
            found = self._fetcher.get(f"{link.url}.metadata")
            # An index may say that it is there and not have it.
            if found is not None:
                return found.body
        try:
            with self._fetcher.open(link.url) as file, zipfile.ZipFile(file) as wheel:
                return wheel.read(_metadata_path(link, wheel.namelist()))
        except (zipfile.BadZipFile, zlib.error, KeyError, NotImplementedError) as error:
            raise BrokenMetadataError(link.file, f"it is no wheel ({error})") from error


def _metadata_path(link: Link, names: Iterable[str]) -> str:
    name = parse_wheel_filename(link.file)[0]
    for path in names:
        folder, _, rest = path.partition("/")
        if rest == "METADATA" and folder.endswith(".dist-info"):
            label = folder.removesuffix(".dist-info").rpartition("-")[0]
            if canonicalize_name(label) == name:
                return path
    raise KeyError("METADATA")


def _parse(link: Link, text: bytes) -> Stated:
    headers = BytesHeaderParser().parsebytes(text)
    try:
        return Stated(
            tuple(Requirement(line) for line in headers.get_all("Requires-Dist", [])),
            frozenset(map(canonicalize_name, headers.get_all("Provides-Extra", []))),
            SpecifierSet(headers.get("Requires-Python", "")),
        )
    except (InvalidRequirement, InvalidSpecifier) as error:
        raise BrokenMetadataError(link.file, str(error)) from error
