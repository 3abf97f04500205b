"""The parts in which two predictions are equal.

Travels into other interpreters: Python 3.8 syntax; looks only at libraries that are loaded.
"""

from __future__ import annotations

import sys

from .compare import RELATIVE, compare
from .differences import step

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Pair = tuple[Any, Any]  # the two values at one place


def compare_wholly(
    expected: object, actual: object, skipped: Sequence[str] = (), relative: float = RELATIVE
) -> dict[str, Any]:
    """Compare two values as :func:`compare` does; if they differ, return the ``parts`` as well."""
    told = compare(expected, actual, skipped, relative)
    parts = compare_parts(expected, actual, relative) if told["equal"] == "no" else None
    return {**told, "parts": parts}


def compare_parts(
    expected: object, actual: object, relative: float = RELATIVE
) -> dict[str, list[str]]:
    """Return the places where two values are ``equal``, and those where they are ``different``.

    A place is named as by :func:`compare` and stands for all below it; ``[*]`` are all elements of
    a list. A value whose order may vary, such as a list of texts, or without named places, such as
    an array, is one place.
    """
    found: dict[str, list[str]] = {"equal": [], "different": []}

    def part(pairs: list[Pair], where: str) -> None:
        if all(compare(one, other, (), relative)["equal"] != "no" for one, other in pairs):
            found["equal"].append(where)
            return
        inner = _inner(pairs)
        if not inner:
            found["different"].append(where)
        for each, inside in inner.items():
            part(inside, where + each)

    part([(expected, actual)], "prediction")
    return found


def _inner(pairs: list[Pair]) -> dict[str, list[Pair]]:
    """Return the values inside all `pairs`, by the step to them; empty for a single place."""
    first = pairs[0][0]
    sides = [side for pair in pairs for side in pair]
    if any(type(side) is not type(first) for side in sides):
        return {}
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(first, pandas.DataFrame):
        return _columns(pairs)
    if isinstance(first, dict):
        if any(compare(set(first), set(side))["equal"] != "exactly" for side in sides):
            return {}
        return {step(key): [(one[key], two[key]) for one, two in pairs] for key in first}
    if isinstance(first, (list, tuple)) and all(len(one) == len(two) for one, two in pairs):
        return _elements(pairs)
    return {}


def _elements(pairs: list[Pair]) -> dict[str, list[Pair]]:
    """Return the elements of lists or tuples: a list of one type at once, else each by itself."""
    first = pairs[0][0]
    kinds = {type(item) for one, _ in pairs for item in one}
    if len(kinds) == 1 and all(map(_is_single, first)):
        return {}
    if isinstance(first, list) and len(kinds) == 1:
        return {"[*]": [each for one, two in pairs for each in zip(one, two)]}
    if any(len(one) != len(first) for one, _ in pairs):
        return {}
    return {
        "[%d]" % place: [(one[place], two[place]) for one, two in pairs]
        for place in range(len(first))
    }


def _is_single(value: object) -> bool:
    """Return whether a value contains no others: a text, a number."""
    return not isinstance(value, (dict, list, tuple)) and not getattr(value, "shape", ())


def _columns(pairs: list[Pair]) -> dict[str, list[Pair]]:
    """Return the columns of tables; empty where they are not the same in all, each name once."""
    names = list(pairs[0][0].columns)
    same = all(one.index.equals(two.index) and list(two.columns) == names for one, two in pairs)
    if not same or len(set(names)) < len(names):
        return {}
    return {
        step(name): [(one.iloc[:, place], two.iloc[:, place]) for one, two in pairs]
        for place, name in enumerate(names)
    }
