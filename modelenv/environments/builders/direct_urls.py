"""Masking secrets in the addresses that installers record for distributions.

The record of a direct reference (PEP 610) has its address as it was requested. pip and uv leave out
a login, but not a token in the path.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path


def conceal_addresses(root: Path, mask: Callable[[str], str]) -> None:
    """Mask the addresses that the distributions of an environment were installed from."""
    for file in root.rglob("*.dist-info/direct_url.json"):
        text = file.read_text("utf-8")
        shown = mask(text)
        if shown != text:
            file.write_text(shown, "utf-8")
            _record(file, shown.encode())


def _record(file: Path, content: bytes) -> None:
    """Update the hash and size of a file in RECORD to its new content."""
    record = file.with_name("RECORD")
    name = f"{file.parent.name}/{file.name}"
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    rows = record.read_text("utf-8").splitlines()
    now = f"{name},sha256={digest},{len(content)}"
    changed = [now if row.startswith(f"{name},") else row for row in rows]
    record.write_text("\n".join([*changed, ""]), "utf-8")
