"""The file list of an installation: RECORD, or files with the names of its modules."""

from __future__ import annotations

# Paths are strings here: there are thousands, and pathlib takes ten times as long.
# ruff: noqa: PTH113, PTH118, PTH208
import base64
import csv
import hashlib
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from ..local_files import read_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

_MODULES = (".py", ".so", ".pyd")


def record_digest(data: bytes, algorithm: str = "sha256") -> str:
    """Return the digest of bytes as in RECORD (PEP 376): "sha256=" and URL-safe base64.

    >>> record_digest(b"", "md5")
    'md5=1B2M2Y8AsgTpgAmY7PhCfg'
    """
    return f"{algorithm}={_spelled(_digest(data, algorithm))}"


# Algorithms whose digests have no default length.
_OF_ANY_LENGTH = frozenset({"shake_128", "shake_256"})


def is_checkable(recorded: str) -> bool:
    """Return whether a digest in RECORD can be computed here.

    >>> is_checkable("sha256=abc"), is_checkable("crc=abc"), is_checkable("")
    (True, False, False)
    """
    algorithm = recorded.partition("=")[0]
    return algorithm in hashlib.algorithms_available and algorithm not in _OF_ANY_LENGTH


def bears(data: bytes, recorded: str) -> bool:
    """Return whether bytes have the digest in RECORD, as "sha256=..." (PEP 376).

    Some builders pad it, or write it in hexadecimal. An algorithm that is unavailable here never
    matches.

    >>> bears(b"", "md5=1B2M2Y8AsgTpgAmY7PhCfg=="), bears(b"", f"md5={hashlib.md5().hexdigest()}")
    (True, True)
    """
    if not is_checkable(recorded):
        return False
    algorithm, _, given = recorded.partition("=")
    digest = _digest(data, algorithm)
    return given.rstrip("=") == _spelled(digest) or given.lower() == digest.hex()


def _digest(data: bytes, algorithm: str) -> bytes:
    return hashlib.new(algorithm, data, usedforsecurity=False).digest()


def _spelled(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def read_record(lines: list[str]) -> Mapping[str, str]:
    """Return each path in RECORD's lines (PEP 376, PEP 627) with its digest, "" if it has none.

    >>> read_record(["six.py,sha256=abc,12", '"a,b.py",,'])
    {'six.py': 'sha256=abc', 'a,b.py': ''}
    """
    # It is CSV, but quotes are rare, and splitting takes half the time.
    quoted = any(line.startswith('"') for line in lines)
    rows: Iterable[list[str]]
    rows = csv.reader(lines) if quoted else (line.split(",", 2) for line in lines)
    return {row[0]: row[1] if len(row) > 1 else "" for row in rows if row and row[0]}


def find_files(info: str, names: Collection[str]) -> tuple[str, ...]:
    """Find the files of what kept no list of them (PEP 627 asks for none), as RECORD has them.

    They are the metadata at `info`, and what bears one of the `names` of modules ("yaml",
    "ruamel/yaml") beside it and is in no other's RECORD. Empty if modules are named and none
    exists: then their names are unknown.
    """
    location, folder = os.path.split(info)
    named = {file for name in names for file in _files_of_module(location, name)}
    if names and not named:
        return ()
    metadata = set(_files_below(location, folder))
    return tuple(sorted((metadata | named) - _recorded(location, names)))


def find_unlisted(location: str, record: Iterable[str], names: Iterable[str]) -> tuple[str, ...]:
    """Find the files of its own modules that a file list does not mention.

    Debian packs ``pkg_resources`` apart from setuptools, so no list with metadata has it.
    """
    listed = "\n".join(("", *record))
    lacking = [name for name in names if not any(f"\n{name}{end}" in listed for end in "/.")]
    named = {file for name in lacking for file in _files_of_module(location, name)}
    return tuple(sorted(named - _recorded(location, lacking))) if named else ()


def _files_of_module(location: str, name: str) -> Iterator[str]:
    """Yield the files of a package, or of a module, compiled ones for any interpreter."""
    yield from _files_below(location, name)
    above, _, stem = name.rpartition("/")
    with suppress(FileNotFoundError, NotADirectoryError):
        for file in os.listdir(os.path.join(location, above)):
            if file.startswith(f"{stem}.") and file.endswith(_MODULES):
                yield f"{above}/{file}" if above else file


def _files_below(location: str, path: str) -> Iterator[str]:
    """Yield the files below a folder, or `path` itself if it is one, without bytecode."""
    if os.path.isfile(os.path.join(location, path)):
        yield path
    for folder, _, files in os.walk(os.path.join(location, path)):
        below = os.path.relpath(folder, location).replace(os.sep, "/")
        if "__pycache__" not in below:
            yield from (f"{below}/{file}" for file in files)


def _recorded(location: str, names: Iterable[str]) -> set[str]:
    """Return the RECORD entries in the folder `location`, of distributions that share a package."""
    tops = {name.partition("/")[0] for name in names}
    found: set[str] = set()
    for name in os.listdir(location):
        if name.endswith(".dist-info"):
            text = read_text(os.path.join(location, name, "RECORD"))
            if any(text.startswith(top) or f"\n{top}" in text for top in tops):
                found.update(read_record(text.splitlines()))
    return found
