"""The shared libraries in a wheel that auditwheel, delocate or delvewheel copied into it."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...base.siblings import resolver

_FOLDERS = (".libs", ".dylibs")
_NAME = re.compile(
    r"(?P<stem>.+?)(?:-[0-9a-f]{8,64})*"
    r"(?:\.(?:so|dylib|dll)|(?P<before>(?:\.\d+)+)\.dylib)(?P<version>(?:\.\d+)*)"
)
_HEXADECIMAL = re.compile(r"[0-9a-fA-F]{64}")
_NOT_LETTERS = re.compile(r"[^a-z]")


@dataclass(frozen=True, slots=True)
class BundledLibrary:
    """A shared library in a wheel."""

    path: str
    """Its path in the wheel."""
    name: str
    """Its name without added suffixes: ``libgomp``."""
    version: str
    """The version of its interface in its file name: ``1.0.0``; empty if there is none."""
    sha256: str
    """The SHA-256 of the file in hexadecimal; empty if RECORD lacks it."""

    @property
    def key(self) -> str:
        """The name for comparison with components: letters alone, without ``lib``.

        >>> BundledLibrary("x.libs/libpng16-1d1b0a58.so.16", "libpng16", "16", "").key
        'png'
        """
        return key_of(self.name)


def key_of(name: str) -> str:
    """Return the letters of a library's name, by which different spellings are equal."""
    return _NOT_LETTERS.sub("", name.lower()).removeprefix("lib")


def libraries_of(distribution: resolver.Distribution) -> Iterator[BundledLibrary]:
    """Yield the shared libraries that an installed distribution contains, by their paths."""
    for path, recorded in sorted(distribution.record.items()):
        folder, _, file = path.rpartition("/")
        found = _NAME.fullmatch(file) if folder.endswith(_FOLDERS) else None
        if found is not None:
            version = (found["before"] or found["version"] or "").lstrip(".")
            yield BundledLibrary(path, found["stem"], version, _hexadecimal(recorded))


def _hexadecimal(recorded: str) -> str:
    """Return a hash of RECORD (PEP 376) in hexadecimal.

    >>> _hexadecimal("sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU")[:16]
    'e3b0c44298fc1c14'
    """
    algorithm, _, digest = recorded.partition("=")
    if algorithm != "sha256":
        return ""
    if _HEXADECIMAL.fullmatch(digest):  # as some builders write it
        return digest.lower()
    try:
        found = base64.urlsafe_b64decode(digest + "=" * (-len(digest) % 4)).hex()
    except (binascii.Error, ValueError):
        return ""
    return found if _HEXADECIMAL.fullmatch(found) else ""
