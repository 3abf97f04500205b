"""The list of an installation's files, RECORD."""

from __future__ import annotations

import base64
import csv
import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def record_digest(data: bytes, algorithm: str = "sha256") -> str:
    """Return what bytes hash to, as RECORD has it (PEP 376): "sha256=" and URL-safe base64.

    >>> record_digest(b"", "md5")
    'md5=1B2M2Y8AsgTpgAmY7PhCfg'
    """
    digest = hashlib.new(algorithm, data, usedforsecurity=False).digest()
    return f"{algorithm}={base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


# Those whose digests have a length that is not asked for.
_OF_ANY_LENGTH = frozenset({"shake_128", "shake_256"})


def is_checkable(recorded: str) -> bool:
    """Return whether a hash that RECORD gives can be computed here.

    >>> is_checkable("sha256=abc"), is_checkable("crc=abc"), is_checkable("")
    (True, False, False)
    """
    algorithm = recorded.partition("=")[0]
    return algorithm in hashlib.algorithms_available and algorithm not in _OF_ANY_LENGTH


def bears(data: bytes, recorded: str) -> bool:
    """Return whether bytes have the hash that RECORD gives, as "sha256=..." (PEP 376).

    Some builders pad it, or write it in hexadecimal. One that cannot be computed here fits nothing.

    >>> bears(b"", "md5=1B2M2Y8AsgTpgAmY7PhCfg=="), bears(b"", f"md5={hashlib.md5().hexdigest()}")
    (True, True)
    """
    if not is_checkable(recorded):
        return False
    algorithm, _, given = recorded.partition("=")
    digest = hashlib.new(algorithm, data, usedforsecurity=False).digest()
    spelled = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return given.rstrip("=") == spelled or given.lower() == digest.hex()


def read_record(lines: list[str]) -> Mapping[str, str]:
    """Map each path of RECORD's lines (PEP 376, PEP 627) to its hash, "" where it has none.

    >>> read_record(["six.py,sha256=abc,12", '"a,b.py",,'])
    {'six.py': 'sha256=abc', 'a,b.py': ''}
    """
    # It is CSV, but quotes are rare, and splitting takes half the time.
    quoted = any(line.startswith('"') for line in lines)
    rows: Iterable[list[str]]
    rows = csv.reader(lines) if quoted else (line.split(",", 2) for line in lines)
    return {row[0]: row[1] if len(row) > 1 else "" for row in rows if row and row[0]}
