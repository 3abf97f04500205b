"""The types in the schema of a skops archive, which loading it imports."""

from __future__ import annotations

import json
from typing import IO

from ..globals import Global

NAME = "schema.json"

_LARGEST = 4_000_000
_VERSION = "_skops_version"


def names_of_schema(stream: IO[bytes]) -> tuple[Global, ...] | None:
    """Return the types that a schema names; None where it is no schema of skops.

    Raises ValueError where it is too large, and RecursionError where it is nested too deeply.
    """
    data = stream.read(_LARGEST + 1)
    if _VERSION.encode("ascii") not in data:
        return None
    if len(data) > _LARGEST:
        raise ValueError(f"it is larger than {_LARGEST:,} bytes")
    said = json.loads(data)
    if not isinstance(said, dict) or _VERSION not in said:
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
