"""The advisories in files that the user names: JSON or YAML, one by one, in folders or in a zip."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from ...base.errors import WrongUseError
from ...base.files.bounded import UntrustedFileError, parse_json, read_bytes
from ...base.siblings import envfiles
from .advisory import Advisory, read_advisory

_LARGEST = 16_000_000
_JSON, _YAML = (".json",), (".yaml", ".yml")
_NAMED = re.compile(r"""\bname["']?\s*:\s*["']?([A-Za-z0-9][A-Za-z0-9._-]*)""")
_MOST_UNREADABLE = 100


@dataclass(slots=True)
class KnownAdvisories:
    """The known advisories for some distributions."""

    found: dict[str, list[Advisory]] = field(default_factory=dict)
    """The advisories by the keys of the packages that they speak of (`key_of`)."""
    read: int = 0
    """The number of advisories that were read, of any package."""
    withdrawn: int = 0
    unreadable: list[str] = field(default_factory=list)
    """Files that could not be read, with the reasons: the first hundred."""

    def add(self, advisory: Advisory, keys: Collection[str]) -> None:
        """Add an advisory for those of its packages that are among `keys`; not a withdrawn one."""
        concerned = {each.key for each in advisory.affected} & {*keys}
        if advisory.withdrawn:
            self.withdrawn += bool(concerned)
            return
        for name in concerned:
            self.found.setdefault(name, []).append(advisory)

    def refuse(self, place: str, reason: str) -> None:
        """Note what could not be read."""
        if len(self.unreadable) < _MOST_UNREADABLE:
            self.unreadable.append(f"{place}: {reason}")


def read_databases(places: Collection[Path], keys: Collection[str]) -> KnownAdvisories:
    """Return the advisories in some files, folders and zips that concern packages by their `keys`.

    The key of a distribution is its normalised name; that of another package, `key_of`'s.

    A file is a document of OSV's, a list of them, or an answer that has them as `vulns`. Names that
    end otherwise than in .json, .yaml or .yml are left alone. Raises WrongUseError where a place is
    not there, or holds none.
    """
    advisories = KnownAdvisories()
    for place in places:
        before = advisories.read
        for name, data in _iter_files(place, advisories):
            _read(name, data, keys, advisories)
        if advisories.read == before and not advisories.unreadable:
            raise WrongUseError(
                f"{place} holds no advisory: OSV files are wanted (.json or .yaml), a folder or a"
                " zip of them"
            )
    return advisories


_Data = Callable[[], bytes]


def _iter_files(place: Path, advisories: KnownAdvisories) -> Iterator[tuple[str, _Data]]:
    """Yield the files of a place by their names, each with what reads it."""
    if place.is_dir():
        for folder, inner, files in os.walk(place):
            inner[:] = sorted(each for each in inner if not each.startswith("."))
            for name in sorted(files):
                path = Path(folder, name)
                if path.suffix.lower() in _JSON + _YAML:
                    yield str(path), partial(read_bytes, path, largest=_LARGEST)
    elif place.suffix.lower() == ".zip":
        yield from _iter_members(place, advisories)
    elif place.exists():
        yield str(place), lambda: read_bytes(place, largest=_LARGEST, links=True)
    else:
        raise WrongUseError(f"{place}: there is no such file or folder")


def _iter_members(place: Path, advisories: KnownAdvisories) -> Iterator[tuple[str, _Data]]:
    """Yield the members of an archive; none is unpacked to more than its bound."""
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
        raise WrongUseError(f"{place} is no zip that can be read: {error}") from error


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with archive.open(member) as stream:
        return stream.read(_LARGEST + 1)


def _read(name: str, data: _Data, keys: Collection[str], advisories: KnownAdvisories) -> None:
    """Read the advisories of one file."""
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
    for each in _iter_documents(document):
        advisory = read_advisory(each)
        if advisory is not None:
            advisories.read += 1
            advisories.add(advisory, keys)
        elif isinstance(each, dict) and "affected" in each:
            advisories.refuse(name, "is an advisory without an id")


_OTHERS = {"id": "of others", "affected": []}
"""The substitute for a document that concerns nothing that is asked for."""


def _document(name: str, data: bytes, keys: Collection[str]) -> Any:
    """Return what a file holds. YAML takes long: of no name that is asked for, it is not parsed."""
    if not name.lower().endswith(_YAML):
        return parse_json(data, Path(name))
    text = data.decode("utf-8-sig")
    spoken = _NAMED.findall(text)
    names = {key.rpartition(":")[2] for key in keys}
    if spoken and not any(each in names or canonicalize_name(each) in names for each in spoken):
        return _OTHERS
    return envfiles.load_yaml(text, file=name)


def _iter_documents(document: Any) -> Iterator[Any]:
    """Yield the advisories of a document: itself, its items, or its `vulns`."""
    if isinstance(document, dict) and isinstance(document.get("vulns"), list):
        document = document["vulns"]
    if isinstance(document, list):
        yield from document
    else:
        yield document
