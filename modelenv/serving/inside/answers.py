"""A prediction as the body of an answer in MLflow's scoring protocol.

Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import json
import math

from .plain import plain

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from typing import Any


def predictions(value: Any) -> bytes:
    """Return ``{"predictions": ...}``: lists for arrays and series, objects for rows of frames.

    What JSON has no number for is null: nan, and infinity. Raises UnfaithfulError for a value of
    which no JSON can be made.
    """
    return dumps({"predictions": plain(value)}).encode("ascii")


def bare(value: Any) -> bytes:
    """Return a prediction as JSON under no key, as clients of chat models want it."""
    return dumps(plain(value)).encode("ascii")


def dumps(data: Any) -> str:
    """Return plain data as JSON, with null for what it has no number for."""
    try:
        return json.dumps(data, allow_nan=False)
    except ValueError:
        return json.dumps(finite(data), allow_nan=False)


def finite(value: Any) -> Any:
    """Return plain data with null for each number that JSON does not have."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list):
        return [finite(item) for item in value]
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    return value
