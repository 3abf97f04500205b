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
