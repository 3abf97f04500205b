"""Comparison of two recorded values in a process that made neither.

Travels into other interpreters: Python 3.8 syntax; a library is imported only for its own values.
"""

from __future__ import annotations

import json

from ...table.crossing import raw
from ...table.errors import RowsError, UnfaithfulError
from .. import value_types, values
from .compare import RELATIVE
from .meaning import meaning
from .of_json import parts_of
from .parts import compare_wholly

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    Description = Mapping[str, Any]

_SAME = {"equal": "exactly", "largest": 0.0, "where": None, "what": None, "parts": None}


def compare_apart(
    recorded: Description, made: Description, skipped: Sequence[str], relative: float = RELATIVE
) -> Any:
    """Compare the values in two files; the answer is that of :func:`compare_wholly`.

    If the buffers of the `made` value equal the recorded ones, no value is built.
    """
    if "encoding" in recorded or recorded["type"] == "pickle" or "encoding" not in made:
        return compare_wholly(values.read(recorded), values.read(made), skipped, relative)
    with open(recorded["file"], "rb") as file:  # in text mode it would be decoded piece by piece
        data = json.loads(file.read())
    if _is_written(recorded, data, made["file"]):
        return _SAME
    built = value_types.build(recorded, data)
    return compare_wholly(built, values.read(made), skipped, relative)


def _is_written(recorded: Description, data: Any, file: str) -> bool:
    """Return whether a file of buffers is what would be written for a recorded value.

    Equal values may still have other buffers: then comparing the values themselves tells.
    """
    try:
        mine = parts_of(recorded, data)
    except (RowsError, UnfaithfulError, KeyError, TypeError, ValueError, AttributeError):
        return False
    if mine is None:
        return False
    told, buffers = raw.read(file)
    alike = meaning(mine[0]) == meaning(told) and len(mine[1]) == len(buffers)
    return alike and all(map(raw.same_bytes, mine[1], buffers))
