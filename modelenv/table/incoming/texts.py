"""Convert cells of text files to the values that JSON would have.

Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import decimal
import math
import re

from ..column_type import FLOATS, INTEGERS, ColumnType

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from typing import Any

# The texts that stand for a missing value, by pandas' documentation of `read_csv`.
MISSING = frozenset(("", "NA", "N/A", "n/a", "NaN", "nan", "-NaN", "-nan", "NULL", "null", "None"))
MISSING |= {"<NA>", "NaT", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "1.#IND", "1.#QNAN"}
_TRUTH = {"true": True, "false": False, "1": True, "0": False}
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$|[+-]?(nan|inf|infinity)$", re.I)


def of_text(cell: str, type_: ColumnType) -> Any:
    """Return a text as a JSON value: texts stay texts, numbers are parsed."""
    kind = type_.kind
    if kind in ("string", "object"):
        return cell
    if kind == "category":
        assert type_.of is not None
        gap = cell == "" and cell not in type_.categories
        return None if gap else of_text(cell, type_.of)
    cell = cell.strip()
    if cell in MISSING and kind != "bytes":
        return None
    if kind == "bool":
        return _TRUTH.get(cell.lower(), cell)
    if kind in INTEGERS:
        return _whole(cell)
    return _float_of_text(cell) if kind in FLOATS else cell


def is_number(text: str) -> bool:
    """Return whether a text is a number."""
    return _NUMBER.match(text.strip()) is not None


def _whole(text: str) -> int | decimal.Decimal:
    """Return a number with all the digits of its text."""
    if not _NUMBER.match(text):
        raise ValueError("%s is no number" % shown(text))
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return decimal.Decimal(text)
    except decimal.InvalidOperation:
        raise ValueError("%s is no number" % shown(text)) from None


def _float_of_text(text: str) -> float:
    if not _NUMBER.match(text):
        raise ValueError("%s is no number" % shown(text))
    number = float(text)
    if math.isinf(number) and text.lstrip("+-")[0].isdigit():
        raise ValueError("%s is out of the range of floats" % shown(text))
    return number


def shown(cell: Any) -> str:
    """Return a cell in the form in which a message shows it."""
    return "%.60s" % cell if isinstance(cell, decimal.Decimal) else "%.60r" % (cell,)
