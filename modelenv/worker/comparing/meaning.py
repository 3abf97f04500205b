"""Interpretation of buffers by the description of a value.

Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import json

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

# Keys of a description that say where and how a value is stored, not what it is.
_ASIDE = ("file", "encoding", "pandas_orient", "libraries")


def meaning(told: Mapping[str, Any]) -> str:
    """Return a text that is equal for descriptions under which equal buffers are equal values.

    A dictionary's items stand in the order of their buffers; ``1``, ``1.0`` and ``True`` are
    different.
    """
    return json.dumps(_without_aside(told), sort_keys=True)


def _without_aside(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return a description without the storage of the value."""
    plain = {key: value for key, value in told.items() if key not in _ASIDE}
    items = told.get("items")
    if isinstance(items, dict):
        plain["items"] = [[key, _without_aside(item)] for key, item in items.items()]
    elif isinstance(items, (list, tuple)):
        plain["items"] = list(map(_without_aside, items))
    return plain
