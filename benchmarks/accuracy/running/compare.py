"""Compare two predictions in the form that `predict_in.py` writes."""

from __future__ import annotations

import math
from collections.abc import Collection

RELATIVE = 1e-6
"""How far two floats may lie apart, relative to the larger."""


def difference(expected: object, found: object, where: str = "prediction") -> str | None:
    """Return where the two differ first and how, or None where they agree.

    Types, names and shapes agree exactly; floats within `RELATIVE`, NaN with NaN; the order of a
    dict's items does not matter.

    >>> difference([1.0, 2.0], [1.0, 2.5])
    'prediction[1]: 2.5 instead of 2.0'
    """
    if type(expected) is not type(found):
        return f"{where}: {_short(found)} instead of {_short(expected)}"
    if isinstance(expected, float) and isinstance(found, float):
        return None if _near(expected, found) else f"{where}: {found} instead of {expected}"
    if isinstance(expected, list) and isinstance(found, list):
        return _list_difference(expected, found, where)
    if isinstance(expected, dict) and isinstance(found, dict):
        return _dict_difference(expected, found, where)
    return None if expected == found else f"{where}: {_short(found)} instead of {_short(expected)}"


def without_items(prediction: object, names: Collection[str]) -> object:
    """Return a predicted dict without the items of those names, and anything else as it is.

    >>> without_items({"type": "builtins.dict", "items": [["id", 7], ["rate", 0.5]]}, ["id"])
    {'type': 'builtins.dict', 'items': [['rate', 0.5]]}
    """
    if not isinstance(prediction, dict) or "items" not in prediction:
        return prediction
    return {**prediction, "items": [one for one in prediction["items"] if one[0] not in names]}


def _list_difference(expected: list[object], found: list[object], where: str) -> str | None:
    if len(expected) != len(found):
        return f"{where}: {len(found)} values instead of {len(expected)}"
    for place, (one, other) in enumerate(zip(expected, found, strict=True)):
        differs = difference(one, other, f"{where}[{place}]")
        if differs:
            return differs
    return None


def _dict_difference(
    expected: dict[str, object], found: dict[str, object], where: str
) -> str | None:
    if expected.keys() != found.keys():
        return f"{where}: {sorted(found)} instead of {sorted(expected)}"
    for key in expected:
        one, other = (_ordered(key, found_at[key]) for found_at in (expected, found))
        differs = difference(one, other, where if key == "values" else f"{where}.{key}")
        if differs:
            return differs
    return None


def _ordered(key: str, value: object) -> object:
    """Order the items of a dict, pairs of key and value, by their keys."""
    if key != "items" or not isinstance(value, list):
        return value
    return sorted(value, key=lambda item: repr(item[0]))


def _near(expected: float, found: float) -> bool:
    if math.isnan(expected) or math.isnan(found):
        return math.isnan(expected) and math.isnan(found)
    return math.isclose(expected, found, rel_tol=RELATIVE)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
