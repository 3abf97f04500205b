"""Read advisories from files that the user names: JSON or YAML files, folders, or zips."""

from __future__ import annotations

import lzma
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from ...base.errors import WrongUseError
from ...base.files.bounded import UntrustedFileError, parse_json, read_bytes
from ...base.siblings import envfiles
from .advisory import Advisory, read_advisory
from .reports import AuditReport, read_report

_LARGEST = 16_000_000
_JSON, _YAML = (".json",), (".yaml", ".yml")
_NAMED = re.compile(r"""\bname["']?\s*:\s*["']?(@?[A-Za-z0-9][A-Za-z0-9._/~-]*)""")
_WITH_ID = re.compile(r"^(?:- )?id[ ]*:", re.MULTILINE)
_MOST_UNREADABLE = 100


@dataclass(slots=True)
class KnownAdvisories:
    """The known advisories for some distributions."""

    found: dict[str, list[Advisory]] = field(default_factory=dict)
    """The advisories by the keys (`key_of`) of the packages that they affect."""
    read: int = 0
    """The number of advisories that were read, for any package."""
    withdrawn: int = 0
    reports: list[AuditReport] = field(default_factory=list)
    """The reports of programs among them."""
    unreadable: list[str] = field(default_factory=list)
    """The first hundred files that could not be read, with the reasons."""

    def add(self, advisory: Advisory, keys: Collection[str]) -> None:
        """Add an advisory for those of its packages that are in `keys`; skip a withdrawn one."""
        concerned = {each.key for each in advisory.affected} & {*keys}
        if advisory.withdrawn:
            self.withdrawn += bool(concerned)
            return
        for name in concerned:
            self.found.setdefault(name, []).append(advisory)

    def unasked(self, pins: Iterable[tuple[str, str]]) -> Iterator[str]:
        """Yield the keys of those pins, by key and version, of which only reports could tell.

        None if there are other advisories, or a report does not say what it was asked about.
        """
        asked = [each.asked for each in self.reports if each.asked is not None]
        findings = sum(len(each.found) for each in self.reports)
        if asked and len(asked) == len(self.reports) and self.read == findings:
            yield from (key for key, version in pins if not any((key, version) in a for a in asked))

    @property
    def clears_none(self) -> bool:
        """Whether these are reports alone, and one of them names only what it found."""
        findings = sum(len(each.found) for each in self.reports)
        silent = any(each.asked is None for each in self.reports)
        return silent and self.read == findings

    def refuse(self, place: str, reason: str) -> None:
        """Record a file that could not be read."""
        if len(self.unreadable) < _MOST_UNREADABLE:
            self.unreadable.append(f"{place}: {reason}")


def read_databases(places: Collection[Path], keys: Collection[str]) -> KnownAdvisories:
    """Return the advisories in files, folders and zips for the packages in `keys`.

    A distribution's key is its normalised name; another package's is that of `key_of`.

    A file holds one OSV document, a list of them, an object with the list as `vulns`, or the report
    of a program (`read_report`). Files other than .json, .yaml and .yml are ignored. Raises
    WrongUseError if a place does not exist or holds no advisory.
    """
    advisories = KnownAdvisories()
    for place in places:
        before = (advisories.read, len(advisories.reports))
        for name, data in _iter_files(place, advisories):
            _read(name, data, keys, advisories)
        if (advisories.read, len(advisories.reports)) == before and not advisories.unreadable:
            raise WrongUseError(
                f"{place} holds no advisory: expected OSV files (.json or .yaml), a folder or zip"
                " of them, or the JSON report of pip-audit, uv audit or modelenv audit"
            )
    return advisories


_Data = Callable[[], bytes]


def _iter_files(place: Path, advisories: KnownAdvisories) -> Iterator[tuple[str, _Data]]:
    """Yield the name of each file at a place, with a function that reads its content."""
    if place.is_dir():
        for folder, inner, files in os.walk(place):
            inner[:] = sorted(each for each in inner if not each.startswith("."))
            for name in sorted(files):
                path = Path(folder, name)
                if path.suffix.lower() in _JSON + _YAML:
                    yield str(path), partial(read_bytes, path, largest=_LARGEST)
    elif not place.exists():
        raise WrongUseError(f"{place}: there is no such file or folder")
    elif place.suffix.lower() == ".zip":
        yield from _iter_members(place, advisories)
    else:
        yield str(place), lambda: read_bytes(place, largest=_LARGEST, links=True)


def _iter_members(place: Path, advisories: KnownAdvisories) -> Iterator[tuple[str, _Data]]:
    """Yield the name of each member of a zip, with a function that reads it up to a limit."""
    try:
        with zipfile.ZipFile(place) as archive:
            for member in archive.infolist():
                if not member.filename.lower().endswith(_JSON + _YAML) or member.is_dir():
                    continue
                if member.file_size > _LARGEST:
                    advisories.refuse(f"{place}/{member.filename}", "is too large")
                    continue
                yield (
                    f"{place}/{member.filename}",
                    partial(_unpacked, archive, member),
                )
    except zipfile.BadZipFile as error:
        raise WrongUseError(f"{place} cannot be read as a zip: {error}") from error


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """Return a member's content. Raises BadZipFile, OSError and ValueError."""
    try:
        with archive.open(member) as stream:
            return stream.read(_LARGEST + 1)
    except (RuntimeError, EOFError, zlib.error, lzma.LZMAError) as error:
        # It is encrypted, compressed by an unknown method, or damaged.
        raise zipfile.BadZipFile(f"cannot be unpacked: {error}") from error


def _read(name: str, data: _Data, keys: Collection[str], advisories: KnownAdvisories) -> None:
    """Read the advisories of one file into `advisories`."""
    try:
        document = _document(name, data(), keys)
    except (
        UntrustedFileError,
        envfiles.EnvFilesError,
        zipfile.BadZipFile,
        OSError,
        ValueError,
    ) as error:
        advisories.refuse(name, str(error).replace(f"{name} ", "").replace(f"{name}: ", ""))
        return
    report = read_report(document)
    if report is not None:
        advisories.reports.append(report)
        advisories.read += len(report.found)
        for found in report.found:
            advisories.add(found, keys)
        return
    for each in _iter_documents(document):
        advisory = read_advisory(each)
        if advisory is not None:
            advisories.read += 1
            advisories.add(advisory, keys)
        elif isinstance(each, dict) and "affected" in each:
            advisories.refuse(name, "is an advisory without an id")
        if advisory is not None and not isinstance(each.get("affected") or [], list):
            advisories.refuse(name, f"the `affected` of {advisory.id} is no list")


_OTHERS = {"id": "of others", "affected": []}
"""Stands for a YAML document that mentions none of the wanted names, and is not parsed."""


def _document(name: str, data: bytes, keys: Collection[str]) -> Any:
    """Return a file's parsed content; YAML without a wanted name is skipped, as parsing is slow."""
    if not name.lower().endswith(_YAML):
        return parse_json(data, Path(name))
    text = data.decode("utf-8-sig")
    spoken = _NAMED.findall(text)
    names = {key.rpartition(":")[2] for key in keys}
    others = spoken and not any({each, canonicalize_name(each)} & names for each in spoken)
    if others and _WITH_ID.search(text):
        return _OTHERS
    return envfiles.load_yaml(text, file=name)


def _iter_documents(document: Any) -> Iterator[Any]:
    """Yield the advisories in a document: the document itself, its items, or its `vulns`."""
    if isinstance(document, dict) and isinstance(document.get("vulns"), list):
        document = document["vulns"]
    if isinstance(document, list):
        yield from document
    else:
        yield document
