"""METADATA and PKG-INFO of a file, with as little of the file read as possible."""

from __future__ import annotations

import zipfile
from contextlib import closing
from hashlib import algorithms_guaranteed, sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.requirements import InvalidRequirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name, parse_wheel_filename

from ...errors import BrokenMetadataError, FalseAnswerError, UnstatedMetadataError
from ...index.cache import is_of
from ...installed.core_metadata import Dependencies, counting, read_dependencies, read_headers
from ...local_files import hash_file, path_of
from ...requirements.misstated import pythons_as_meant, requirement_as_meant
from ...requirements.parse import parse_requirement
from ...requirements.references import without_credentials
from .archives import BROKEN_ZIP, CountedFile, hold_identity, read_member

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.requirements import Requirement

    from ...index.session import Access
    from ...index.simple_api import Link
    from ...target import Target

# Longer than any line that a person or a tool writes; a version of more digits is no number.
_LINE = 4_000
_DEEPEST = 100  # parentheses; what parses markers goes into each
_HASH_ADVICE = "fetch it again later, or pin the hash of the file that is meant (--hash)"
_KNOWN = frozenset(each for each in algorithms_guaranteed if not each.startswith("shake_"))


class FileMetadata:
    """The metadata of one file; a requirement is parsed when it can apply.

    `needs` raises `BrokenMetadataError` if a requirement violates PEP 508.
    """

    def __init__(self, file: str, stated: Dependencies) -> None:
        self._file = file
        self._lines = stated.requires
        if any(len(each) > _LINE for each in (stated.requires_python, *stated.requires)):
            raise BrokenMetadataError(file, f"a line of it is longer than {_LINE:,} characters")
        self._parsed: dict[str, Requirement] = {}
        self.extras = frozenset(map(canonicalize_name, stated.extras))
        """The extras that it offers, normalised."""
        self.misstated: dict[str, Requirement] = {}
        """The corrected form of needed lines that violate PEP 508."""
        try:
            self.requires_python = SpecifierSet(stated.requires_python)
            """The interpreters that it is for."""
        except InvalidSpecifier as error:
            meant = pythons_as_meant(stated.requires_python)
            if meant is None:
                raise BrokenMetadataError(file, str(error)) from error
            self.requires_python = meant  # pip takes any Python then

    def needs(self, target: Target, extra: str = "") -> tuple[Requirement, ...]:
        """List the requirements that count on `target` while `extra` is asked for."""
        return counting(self._lines, self._requirement, target, extra)

    def _requirement(self, line: str) -> Requirement:
        if line not in self._parsed:
            if line.count("(") > _DEEPEST:
                reason = f"a line of it is nested too deep: {line[:40]!r}..."
                raise BrokenMetadataError(self._file, reason)
            try:
                line.encode()  # as it would be written elsewhere
                self._parsed[line] = parse_requirement(line)
            except UnicodeEncodeError as error:
                reason = f"a line of it is no UTF-8: {line[:80]!a}"
                raise BrokenMetadataError(self._file, reason) from error
            except InvalidRequirement as error:
                meant = requirement_as_meant(line)
                if meant is None:
                    raise BrokenMetadataError(self._file, str(error)) from error
                self._parsed[line] = self.misstated[line] = meant
        return self._parsed[line]


class Unstated:
    """Empty metadata, for a source distribution that is not built yet.

    It replaces the metadata of a candidate until that is chosen; `reason` says why.
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
    """The reason why a source distribution's requirements are open; plain `str`: it is broken."""

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
            if (key := _key(link)) and is_sound(self._known[link.url]):
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
            kept = _from_json(self._access.cache.get("metadata", key))
            if kept is not None:
                self._known[link.url] = kept
        return link.url in self._known

    def fetch(self, link: Link, folder: Path) -> Path:
        """Put a whole file into a folder; return it.

        Raises `SourceError`, also if its size or its hash is not the one that its index names.
        """
        place = without_credentials(link.url)
        if Path(link.file).name != link.file:
            raise FalseAnswerError(place, f"{link.file!r} is no name of a file")
        file = folder / link.file
        with file.open("w+b") as out:
            self._access.fetcher.save(link.url, out, size=link.size)
            size = out.tell()
        if link.size is not None and size != link.size:
            reason = f"it has {size:,} bytes, and its index says {link.size:,}"
            raise FalseAnswerError(place, reason, _HASH_ADVICE)
        for digest in link.digests:
            algorithm = digest.partition(":")[0]
            if algorithm in _KNOWN and (found := hash_file(file, algorithm)) != digest.lower():
                raise FalseAnswerError(place, _other_hash(found, digest), _HASH_ADVICE)
        return file

    def _fetch(self, link: Link) -> Dependencies | str:
        """Fetch the metadata of a file; a fault in it is kept too, as a text."""
        try:
            if not link.file.endswith(".whl"):
                return self._of_source(link)
            text = self._offered(link) or self._inside(link)
            headers = read_headers(text.decode("utf-8", "surrogateescape"))
            hold_identity(link.file, headers)
            return read_dependencies(headers)
        except UnstatedMetadataError as error:
            return _Undecided(error.reason)
        except BrokenMetadataError as error:
            return error.reason
        except FalseAnswerError as error:
            return f"{error.place}: {error.reason}"

    def _of_source(self, link: Link) -> Dependencies:
        from .sdists import read_source, undecided  # tarfile takes long to import, and few need it

        text = self._offered(link)
        headers = read_headers((text or b"").decode("utf-8", "surrogateescape"))
        if text:
            hold_identity(link.file, headers)
            if not undecided(headers):
                return read_dependencies(headers)
        return read_source(link, self._access.fetcher)

    def _offered(self, link: Link) -> bytes | None:
        """Fetch the METADATA that stands beside its file (PEP 658, 714)."""
        # An index may say that it is there and not have it.
        fetcher = self._access.fetcher
        url, most = f"{link.url}.metadata", fetcher.bounds.metadata
        found = fetcher.get(url, most=most) if link.metadata else None
        if found is None:
            return None
        kind, _, value = link.metadata.partition("=")
        computed = sha256(found.body).hexdigest()
        if kind == "sha256" and computed != value.lower():
            reason = f"its metadata: {_other_hash(f'sha256:{computed}', f'sha256:{value}')}"
            raise BrokenMetadataError(link.file, reason)
        return found.body

    def _inside(self, link: Link) -> bytes:
        """Read the METADATA in a wheel, which is nowhere believed about its sizes."""
        fetcher = self._access.fetcher
        try:
            with (
                closing(fetcher.open(link.url)) as file,
                zipfile.ZipFile(CountedFile(file, fetcher.bounds.archive)) as wheel,
            ):
                member = _metadata_of(link, wheel.infolist())
                return read_member(wheel, member, fetcher.bounds.metadata)
        except BROKEN_ZIP as error:
            raise BrokenMetadataError(link.file, f"it is no wheel ({error})") from error


def is_sound(known: Dependencies | str) -> bool:
    """Return whether what is known of a file is what it says, and not what is wrong with it.

    A fault may be temporary, so the file is requested again.
    """
    return not isinstance(known, str) or isinstance(known, _Undecided)


def _as_json(known: Dependencies | str) -> Dependencies | str | dict[str, str]:
    return {"undecided": str(known)} if isinstance(known, _Undecided) else known


def _from_json(kept: Any) -> Dependencies | str | None:
    """Return what was kept; None for nothing, and for what is not made as `_as_json` makes it."""
    if is_of(kept, (str, [str], [str])):
        return Dependencies(*kept)
    reason = kept.get("undecided") if isinstance(kept, dict) else None
    return _Undecided(reason) if isinstance(reason, str) else None


def _key(link: Link) -> str:
    """Name a file by its content; what has no hash may change, and is not kept."""
    is_kept = link.hashes and path_of(link.url) is None
    return f"{without_credentials(link.url)}#{link.hashes[0]}" if is_kept else ""


def _metadata_of(link: Link, members: Iterable[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    """Return the one METADATA of a wheel: of two, installers would read another than we."""
    name = parse_wheel_filename(link.file)[0]
    found = [each for each in members if _labelled(each.filename) == name]
    if not found:
        raise KeyError("METADATA")
    if len(found) > 1:
        places = " and ".join(each.filename[:80] for each in found[:2])
        raise BrokenMetadataError(link.file, f"it has several METADATA: {places}")
    return found[0]


def _labelled(path: str) -> str:
    """Return the normalised name in the path of a METADATA; empty for any other path."""
    folder, _, rest = path.partition("/")
    if rest != "METADATA" or not folder.endswith(".dist-info"):
        return ""
    return canonicalize_name(folder.removesuffix(".dist-info").rpartition("-")[0])


def _other_hash(found: str, stated: str) -> str:
    return f"it bears {found}, and its index says {stated}"
