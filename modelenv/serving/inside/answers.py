"""Write a prediction as the body of an answer in MLflow's scoring protocol.

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

    nan and infinity, which JSON does not have, become null. Raises UnfaithfulError for a value that
    has no JSON form.
    """
    return dumps({"predictions": plain(value)}).encode("ascii")


def bare(value: Any) -> bytes:
    """Return a prediction as JSON without a key around it, as clients of chat models expect."""
    return dumps(plain(value)).encode("ascii")


def dumps(data: Any) -> str:
    """Return plain data as JSON text, with null for nan and infinity."""
    try:
        return json.dumps(data, allow_nan=False)
    except ValueError:
        return json.dumps(finite(data), allow_nan=False)


def finite(value: Any) -> Any:
    """Return plain data with null in place of nan and infinity."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list):
        return [finite(item) for item in value]
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    return value
