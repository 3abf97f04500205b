"""Interpretation of buffers by the description of a value.

Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import json

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

# Where a value stands and how says nothing of what it is; these are words of a description.
_ASIDE = ("file", "encoding", "pandas_orient", "libraries")


def meaning(told: Mapping[str, Any]) -> str:
    """Return the same text for descriptions that say the same of the buffers beside them.

    The order of a dictionary's items is that of their buffers; ``1``, ``1.0`` and ``True`` are
    three things.
    """
    return json.dumps(_without_aside(told), sort_keys=True)


def _without_aside(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return a description without what is beside the value."""
    plain = {key: value for key, value in told.items() if key not in _ASIDE}
    items = told.get("items")
    if isinstance(items, dict):
        plain["items"] = [[key, _without_aside(item)] for key, item in items.items()]
    elif isinstance(items, (list, tuple)):
        plain["items"] = list(map(_without_aside, items))
    return plain
