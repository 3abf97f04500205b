"""Read what a worker touched that told nobody: it hangs, or has died. It is not believed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...base.files.bounded import UntrustedFileError, open_file

_LARGEST = 1_000_000
_MOST = 1000  # names


def read_journal(file: Path) -> dict[str, dict[str, Any]]:
    """Return the names in a journal by kind, as a worker's answer has them; it may grow meanwhile.

    What makes no sense is passed over, and so is a file that is none, or not there.
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
