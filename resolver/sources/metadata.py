"""What a file says of others: its METADATA or PKG-INFO, read with as little of it as can be."""

from __future__ import annotations

import shutil
import zipfile
import zlib
from contextlib import closing
from hashlib import algorithms_guaranteed, sha256
from typing import TYPE_CHECKING, Any

from packaging.requirements import InvalidRequirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name, parse_wheel_filename

from ..errors import BrokenMetadataError, SourceError, UnstatedMetadataError
from ..installed.core_metadata import Dependencies, counting, read_dependencies, read_headers
from ..local_files import hash_file, path_of
from ..requirements.parse import parse_requirement
from ..requirements.references import without_credentials

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from packaging.requirements import Requirement

    from ..index.session import Access
    from ..index.simple_api import Link
    from ..target import Target

_BLOCK = 1 << 20
_KNOWN = frozenset(each for each in algorithms_guaranteed if not each.startswith("shake_"))


class FileMetadata:
    """What one file says; a requirement is parsed when it can count.

    `needs` raises `BrokenMetadataError` where one of these is not as PEP 508 says.
    """

    def __init__(self, file: str, stated: Dependencies) -> None:
        self._file = file
        self._lines = stated.requires
        self._parsed: dict[str, Requirement] = {}
        self.extras = frozenset(map(canonicalize_name, stated.extras))
        """The extras that it offers, normalised."""
        try:
            self.requires_python = SpecifierSet(stated.requires_python)
            """The interpreters that it is for."""
        except InvalidSpecifier as error:
            raise BrokenMetadataError(file, str(error)) from error

    def needs(self, target: Target, extra: str = "") -> tuple[Requirement, ...]:
        """List the requirements that count on `target` while `extra` is asked for."""
        return counting(self._lines, self._requirement, target, extra)

    def _requirement(self, line: str) -> Requirement:
        if line not in self._parsed:
            try:
                self._parsed[line] = parse_requirement(line)
            except InvalidRequirement as error:
                raise BrokenMetadataError(self._file, str(error)) from error
        return self._parsed[line]


class Unstated:
    """What is known of a source distribution before it is built: nothing, so it requires nothing.

    It stands for the metadata of a candidate until somebody chooses that; `reason` says why.
    """

    extras: frozenset[str] = frozenset()

    def __init__(self, reason: str, requires_python: SpecifierSet) -> None:
        self.reason = reason
        self.requires_python = requires_python
        """The interpreters that it is for, as its index says."""

    def needs(self, target: Target, extra: str = "") -> tuple[Requirement, ...]:  # noqa: ARG002
        """Return nothing."""
        return ()


class _Undecided(str):
    """Why a source distribution does not say what it requires; any other text: what is broken."""

    __slots__ = ()


class MetadataReader:
    """Read the metadata of files, through a cache."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._known: dict[str, Dependencies | str] = {}

    def read(self, link: Link) -> FileMetadata:
        """Read what a file says.

        Raises `UnstatedMetadataError`, `BrokenMetadataError`, `SourceError`.
        """
        if not self.is_at_hand(link):
            self._known[link.url] = self._fetch(link)
            if key := _key(link):
                self._access.cache.put("metadata", key, _as_json(self._known[link.url]))
        known = self._known[link.url]
        if isinstance(known, _Undecided):
            raise UnstatedMetadataError(link.file, known)
        if isinstance(known, str):
            raise BrokenMetadataError(link.file, known)
        return FileMetadata(link.file, known)

    def is_at_hand(self, link: Link) -> bool:
        """Return whether it is known without fetching it."""
        key = _key(link)
        if link.url not in self._known and key:
            kept = self._access.cache.get("metadata", key)
            if kept is not None:
                self._known[link.url] = _from_json(kept)
        return link.url in self._known

    def fetch(self, link: Link, folder: Path) -> Path:
        """Put a whole file into a folder; return it.

        Raises `SourceError`, also where it does not bear its hash.
        """
        file = folder / link.file
        with closing(self._access.fetcher.open_forward(link.url)) as source, file.open("wb") as out:
            shutil.copyfileobj(source, out, _BLOCK)
        for digest in link.digests:
            algorithm = digest.partition(":")[0]
            if algorithm in _KNOWN and hash_file(file, algorithm) != digest.lower():
                raise SourceError(without_credentials(link.url), "it does not bear its hash")
        return file

    def _fetch(self, link: Link) -> Dependencies | str:
        """Fetch what a file says; what is wrong with it is kept as well, as a text."""
        try:
            if not link.file.endswith(".whl"):
                return self._of_source(link)
            text = self._offered(link) or self._inside(link)
            return read_dependencies(read_headers(text.decode("utf-8", "surrogateescape")))
        except UnstatedMetadataError as error:
            return _Undecided(error.reason)
        except BrokenMetadataError as error:
            return error.reason

    def _of_source(self, link: Link) -> Dependencies:
        from .sdists import read_source, undecided  # tarfile takes long to import, and few need it

        text = self._offered(link)
        headers = read_headers((text or b"").decode("utf-8", "surrogateescape"))
        if text and not undecided(headers):
            return read_dependencies(headers)
        return read_source(link, self._access.fetcher)

    def _offered(self, link: Link) -> bytes | None:
        """Fetch the METADATA that stands beside its file (PEP 658, 714)."""
        # An index may say that it is there and not have it.
        found = self._access.fetcher.get(f"{link.url}.metadata") if link.metadata else None
        if found is None:
            return None
        kind, _, value = link.metadata.partition("=")
        if kind == "sha256" and sha256(found.body).hexdigest() != value.lower():
            raise BrokenMetadataError(link.file, "it does not bear the hash that its index names")
        return found.body

    def _inside(self, link: Link) -> bytes:
        try:
            with (
                closing(self._access.fetcher.open(link.url)) as file,
                zipfile.ZipFile(file) as wheel,
            ):
                return wheel.read(_metadata_path(link, wheel.namelist()))
        except (zipfile.BadZipFile, zlib.error, KeyError, NotImplementedError) as error:
            raise BrokenMetadataError(link.file, f"it is no wheel ({error})") from error


def _as_json(known: Dependencies | str) -> Dependencies | str | dict[str, str]:
    return {"undecided": str(known)} if isinstance(known, _Undecided) else known


def _from_json(kept: Any) -> Dependencies | str:
    if isinstance(kept, dict):
        return _Undecided(kept["undecided"])
    return kept if isinstance(kept, str) else Dependencies(*kept)


def _key(link: Link) -> str:
    """Name a file by its content; what has no hash may change, and is not kept."""
    is_kept = link.hashes and path_of(link.url) is None
    return f"{without_credentials(link.url)}#{link.hashes[0]}" if is_kept else ""


def _metadata_path(link: Link, names: Iterable[str]) -> str:
    name = parse_wheel_filename(link.file)[0]
    for path in names:
        folder, _, rest = path.partition("/")
        if rest == "METADATA" and folder.endswith(".dist-info"):
            label = folder.removesuffix(".dist-info").rpartition("-")[0]
            if canonicalize_name(label) == name:
                return path
    raise KeyError("METADATA")
