"""The kinds of records, and the types of their values, as ``probe/`` writes them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

_LARGEST = 1 << 63


class Values(NamedTuple):
    """The types of the values of one kind of record, a letter each.

    ``t`` is a text, ``n`` a number, ``b`` a boolean, a capital letter one of them or None.
    """

    needed: str
    further: str = ""
    """The types of values that older versions did not write."""
    ends: bool = True
    """Whether nothing comes after them."""


_TOUCH = Values("t", "tTTN")
RECORDS: Mapping[str, Values] = {
    "process": Values("nnnttn", "ttt", ends=False),
    "import": Values("tTTNt", "tnn"),
    "used": Values("tTTN"),
    "module": Values("tTt"),
    "gone": Values("t"),
    "removed": Values("tt"),
    "error": Values("tt"),
    "escaped": Values("t"),
    "end": Values("tnb"),
    "unseen": Values("t", ends=False),
    "note": Values("t"),
    "phase": Values("t", "n"),
    "stop": Values("", ends=False),
    "file": _TOUCH,
    "library": _TOUCH,
    "program": _TOUCH,
    "host": _TOUCH,
    "metadata": _TOUCH,
}
_MOST_LETTERS = max(len(each.needed + each.further) for each in RECORDS.values())


def is_record(found: object, *, plain: bool = False) -> bool:
    """Return whether a value that was read is a record; one of an unknown kind is, too.

    The texts of a `plain` one are known to be ASCII without a null byte.

    >>> is_record(["gone", "a"]), is_record(["gone", 7]), is_record(["later", 7]), is_record({})
    (True, False, True, False)
    """
    if not isinstance(found, list) or not found or not isinstance(found[0], str):
        return False
    if found[0] not in RECORDS:
        return True
    # One more than there are letters shows that there are too many; the rest is dropped.
    checked = _checked(found[0], *map(type, found[1 : _MOST_LETTERS + 2]))
    if checked is None:
        return False
    numbers, texts = checked
    return all(abs(found[place]) < _LARGEST for place in numbers) and (
        plain or all(_can_be_path(found[place]) for place in texts)
    )


@lru_cache(maxsize=1000)
def _checked(kind: str, *types: type) -> tuple[list[int], list[int]] | None:
    """Return the positions of numbers and of texts; None if values of these types do not fit.

    >>> _checked("end", str, int, bool), _checked("end", str, int, int), _checked("end", str)
    (([2], [1]), None, None)
    """
    wanted = RECORDS[kind]
    letters = wanted.needed + wanted.further
    if len(types) < len(wanted.needed) or (wanted.ends and len(types) > len(letters)):
        return None
    if not all(map(_is_of, letters, types)):
        return None
    placed = [*enumerate(types[: len(letters)], 1)]
    numbers = [place for place, each in placed if each is int]
    return numbers, [place for place, each in placed if each is str]


def _is_of(letter: str, found: type) -> bool:
    if found is type(None):
        return letter.isupper()
    return found is {"t": str, "n": int, "b": bool}[letter.lower()]


def _can_be_path(text: str) -> bool:
    """Return whether a text can be a path here; one with a lone surrogate cannot."""
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        return False
    return "\0" not in text
