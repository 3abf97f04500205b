"""The types in the schema of a skops archive, which loading it imports."""

from __future__ import annotations

import json
from typing import IO

from ..globals import Global

NAME = "schema.json"

_LARGEST = 4_000_000
_MARKS = ("_skops_version", "__loader__")
"""Keys at the top of a schema; skops reads only the latter (0.16, `read_schema`, `get_tree`)."""


def names_of_schema(stream: IO[bytes]) -> tuple[Global, ...] | None:
    """Return the types that a schema names; None if it is no schema of skops.

    Raises ValueError if it is too large or broken, and RecursionError if it is nested too
    deeply.
    """
    data = stream.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise ValueError(f"it is larger than {_LARGEST:,} bytes")
    try:
        said = json.loads(data)
    except ValueError:
        if not any(mark.encode("ascii") in data for mark in _MARKS):
            return None
        raise
    if not isinstance(said, dict) or said.keys().isdisjoint(_MARKS):
        return None
    found: dict[Global, None] = {}
    left: list[object] = [said]
    while left:
        one = left.pop()
        left += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        if isinstance(one, dict):
            module, name = one.get("__module__"), one.get("__class__")
            if isinstance(module, str) and isinstance(name, str):
                found[Global(module, name)] = None
    return tuple(found)
