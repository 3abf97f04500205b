"""The kinds of records, and the types of their values, as ``probe/`` writes them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

_LARGEST = 1 << 63


class Values(NamedTuple):
    """The types of the values of one kind of record, a letter each.

    ``t`` is a text, ``n`` a number, ``b`` a boolean, a capital one of them or None.
    """

    needed: str
    further: str = ""
    """What older versions had not."""
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


def is_record(found: object) -> bool:
    """Return whether something that was read is a record; one of an unknown kind is, too.

    >>> is_record(["gone", "a"]), is_record(["gone", 7]), is_record(["later", 7]), is_record({})
    (True, False, True, False)
    """
    if not isinstance(found, list) or not found or not isinstance(found[0], str):
        return False
    kind, *values = found
    types = RECORDS.get(kind)
    return types is None or _fit(values, types)


def _fit(values: Sequence[object], types: Values) -> bool:
    letters = types.needed + types.further
    if len(values) < len(types.needed) or (types.ends and len(values) > len(letters)):
        return False
    return all(map(_is, letters, values))


def _is(letter: str, value: object) -> bool:
    if value is None:
        return letter.isupper()
    if isinstance(value, str):
        return letter in "tT" and (value.isascii() or _has_bytes(value)) and "\0" not in value
    if isinstance(value, bool):
        return letter == "b"
    return isinstance(value, int) and letter in "nN" and abs(value) < _LARGEST


def _has_bytes(text: str) -> bool:
    """Return whether a text can be a path here; half a character cannot."""
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        return False
    return True
