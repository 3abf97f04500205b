"""The place and kind of a difference between two values, in words.

Travels into other interpreters: Python 3.8 syntax; looks only at libraries that are loaded.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from typing import Any


class DifferenceError(Exception):
    """The two values differ beyond the tolerance."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(where, what)
        self.where = where
        self.what = what


def step(key: object) -> str:
    """Return the step to the value under a key: ``['a']``."""
    try:
        return "[%r]" % (key,)
    except Exception:  # noqa: BLE001  # any class's __repr__, or too many digits
        return "[a %s]" % class_of(key)


def shown(value: object) -> str:
    """Return a short text for a value, whatever its own ``repr`` does."""
    try:
        return "%.80r" % (value,)
    except Exception:  # noqa: BLE001  # any class's __repr__
        return "a " + class_of(value)


def differ(where: str, what: str) -> None:
    """Raise DifferenceError."""
    raise DifferenceError(where, what)


def class_of(value: object) -> str:
    """Return the name of a value's class."""
    return "%s.%s" % (type(value).__module__, type(value).__qualname__)


def index_of(place: int, shape: tuple[int, ...]) -> str:
    """Return the index of a place in a flattened array: ``[3, 1]``; empty for a scalar."""
    index = []
    for size in reversed(shape):
        place, rest = divmod(place, size)
        index.append(str(rest))
    return "[%s]" % ", ".join(reversed(index)) if index else ""


def item_of(array: Any, place: int) -> str:
    """Return one element as a plain number, without its type, which is the same on both sides."""
    item = array[place]
    return repr(item.item() if array.dtype.kind in "biufc" else item)


def how_far(expected: Any, actual: Any) -> str:
    """Return the largest absolute and relative difference of two arrays, in words."""
    numpy = sys.modules["numpy"]
    if expected.dtype.kind not in "iufc":
        return ""
    with numpy.errstate(all="ignore"):
        wide = "complex128" if expected.dtype.kind == "c" else "float64"
        one, other = expected.astype(wide), actual.astype(wide)
        apart = numpy.abs(one - other)
        relative = apart / numpy.maximum(numpy.abs(one), numpy.abs(other))
        known = numpy.isfinite(apart) & (apart > 0)
    if not known.any():
        return ""
    largest = float(apart[known].max())
    return "; apart by up to %.3g (relative: %.2g)" % (
        largest,
        float(relative[known].max()),
    )
