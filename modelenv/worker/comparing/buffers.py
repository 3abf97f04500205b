"""Comparison of two values by their buffers: without libraries, and without building values."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ...base.files.bounded import UntrustedFileError, open_file
from ...table.column_type import ColumnType
from ...table.crossing.check import check
from ...table.crossing.raw import same_bytes
from ...table.crossing.received import read_header
from ...table.errors import UnfaithfulError
from ...table.table import columns_of
from ...table.values import is_table
from .answer import Compared
from .compare import ABSOLUTE, RELATIVE
from .meaning import meaning

if TYPE_CHECKING:
    from ...table.table import Buffer

    Parts = tuple[Mapping[str, Any], Sequence[Buffer]]

_FLOATS = {"float32": "f", "float64": "d", "complex64": "f", "complex128": "d"}
_CODES = {"<f4": "f", "<f8": "d"}
_PIECE = 2**18
# For more bytes than this, a process with numpy is faster.
_MANY = 2**22


def compare_buffers(recorded: Parts, made: Parts, relative: float = RELATIVE) -> Compared | None:
    """Return the equality of two values with the same description; None if it is undecided.

    Floats may differ within the tolerance `relative`, unless they are labels. Raises
    UnfaithfulError for a value that does not match its description.
    """
    told, buffers = recorded
    others = made[1]
    if meaning(told) != meaning(made[0]) or len(buffers) != len(others):
        return None
    differing = {
        place
        for place, (one, other) in enumerate(zip(buffers, others, strict=True))
        if not same_bytes(one, other)
    }
    if not differing:
        return Compared(equal="exactly")
    for each in (recorded, made):
        check(*each)
    letters = _letters(told)
    if letters is None:
        return None
    largest = max(
        _apart(letters[place], buffers[place], others[place], relative) for place in differing
    )
    if math.isinf(largest):
        return None
    return Compared(equal="closely" if largest else "exactly", largest=largest)


def same_files(recorded: Path, made: Path, *, are_text: bool = False) -> bool:
    """Return whether two files hold the same value in the same bytes; they are read in pieces.

    They are JSON if they `are_text`, else buffers with headers. Raises UnfaithfulError if the
    second file is invalid or the first one has no header.
    """
    try:
        recorded_stream = open_file(recorded, links=True)
    except (OSError, UntrustedFileError):  # the next reader of the file reports that
        return False
    try:
        with recorded_stream as one, open_file(made) as other:
            if not are_text and not _same_headers((one, recorded), (other, made)):
                return False
            while piece := one.read(_PIECE):
                if piece != other.read(_PIECE):
                    return False
            return not other.read(1)
    except (OSError, UntrustedFileError) as error:
        raise UnfaithfulError(str(error)) from error


def _same_headers(*files: tuple[IO[bytes], Path]) -> bool:
    (told, places), (other_told, other_places) = (read_header(*file) for file in files)
    return meaning(told) == meaning(other_told) and places == other_places


def _letters(told: Mapping[str, Any]) -> list[str] | None:
    """Return the `struct` letter of each buffer of floats, and "" for every other buffer.

    None if equal values of the type may have different bytes.
    """
    kind = told["type"]
    if is_table(told):
        return _letters_of_table(told)
    if kind in ("ndarray", "scalar"):
        return ["", "", ""] if told["dtype"] == "|O" else [_CODES.get(told["dtype"], "")]
    if kind == "object":
        return [""]
    if kind not in ("list", "tuple", "dict", "dataclass", "namedtuple"):
        return None
    items = told["items"]
    parts = [_letters(item) for item in (items.values() if isinstance(items, dict) else items)]
    return None if None in parts else [letter for part in parts for letter in part or ()]


def _letters_of_table(told: Mapping[str, Any]) -> list[str]:
    found = []
    for _, type_ in columns_of(dict(told)):
        found += ["", _FLOATS[type_.kind]] if type_.kind in _FLOATS else [""] * type_.buffers
    for level in told.get("index", {}).get("levels", ()):
        found += [""] * ColumnType.from_json(level["type"], level["dtype"]).buffers
    return found


def _apart(letter: str, one: Buffer, other: Buffer, relative: float) -> float:
    """Return the largest difference of two floats; infinity if one exceeds the tolerance."""
    if not letter or one is None or other is None or not len(one) == len(other) <= _MANY:
        return math.inf
    largest = 0.0
    form = "<" + letter
    for (left,), (right,) in zip(
        struct.iter_unpack(form, one), struct.iter_unpack(form, other), strict=True
    ):
        if left == right or (left != left and right != right):  # noqa: PLR0124  # nan
            continue
        difference = abs(left - right)
        if not difference <= max(ABSOLUTE, relative * max(abs(left), abs(right))):
            return math.inf
        largest = max(largest, difference)
    return largest
