"""Read the touches of a worker that hangs or died before it reported them, without trusting it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...base.files.bounded import UntrustedFileError, open_file

_LARGEST = 1_000_000
_MOST = 1000  # names that are read


def read_journal(file: Path) -> dict[str, dict[str, Any]]:
    """Return the names in a journal by kind, in the form of a worker's answer; it may be growing.

    Invalid entries are ignored, and so is a file that is invalid or missing.
    """
    try:
        with open_file(file) as stream:
            lines = stream.read(_LARGEST).splitlines()[:_MOST]
    except (OSError, UntrustedFileError):
        return {}
    found: dict[str, dict[str, Any]] = {}
    for kind, name, by in _entries(lines):
        found.setdefault(kind, {})[name] = {"by": by, "count": 1}
    return found


def _entries(lines: list[bytes]) -> Iterator[tuple[str, str, str]]:
    for line in lines:
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(said, list) and len(said) == 3 and all(type(each) is str for each in said):
            kind, name, by = said
            yield kind, name, by
