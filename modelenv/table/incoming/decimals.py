"""Numbers as they are written: no digit is lost on the way into a column of decimal numbers.

Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import decimal
import json
import math
import re

from ..errors import RowsError

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from typing import Any

    from ..column_type import ColumnType

# Of polars, `Decimal(38, 2)`, and of pyarrow, `decimal128(38, 2)`, in pandas too.
_DECIMAL = re.compile(r"(?:ArrowDtype\()?[Dd]ecimal\d*\((?:(\d+)|None), (-?\d+)\)")


# What a number that is too large for a float may look like; the first is looked for quickly.
_LARGE = (re.compile(rb"e\+?[0-9]{3}"), re.compile(rb"E\+?[0-9]{3}"))


def read_json(data: bytes) -> Any:
    """Return what JSON tells. Raises ValueError, and RowsError for a number too large for a float.

    Python has those as infinity, which is another one.
    """
    large, capital = _LARGE
    suspect = large.search(data) or (b"E" in data and capital.search(data))
    return json.loads(data, parse_float=_finite) if suspect else json.loads(data)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise RowsError("%.60s is out of the range of floats" % text)
    return number


class Literal(float):
    """A number of JSON with a fraction, which keeps its digits for columns of decimal numbers."""

    __slots__ = ("text",)

    def __new__(cls, text: str) -> Literal:
        """Read a number as JSON writes it."""
        made = super().__new__(cls, text)
        made.text = text
        return made

    text: str

    def __repr__(self) -> str:
        return self.text


def plain_numbers(data: Any) -> Any:
    """Return data of JSON with floats in place of :class:`Literal`."""
    if type(data) is list:
        return [plain_numbers(each) for each in data]
    if type(data) is dict:
        return {name: plain_numbers(each) for name, each in data.items()}
    return float(data) if type(data) is Literal else data


def read_decimal(cell: Any, type_: ColumnType) -> str:
    """Return a number, or the text of one, as a column of decimal numbers holds it.

    Raises ValueError for what is no number, and for one with more digits than the column has.
    """
    try:
        number = decimal.Decimal(repr(cell) if isinstance(cell, float) else cell)
    except decimal.InvalidOperation:
        raise ValueError("is no decimal number") from None
    limits = _DECIMAL.match(type_.dtype)
    if limits is not None:
        _check_digits(number, int(limits.group(1) or 38), int(limits.group(2)))
    return str(number)


def _check_digits(number: decimal.Decimal, precision: int, scale: int) -> None:
    """Raise ValueError where a column of so many digits and places would round a number."""
    if not number.is_finite():
        raise ValueError("is no number that a decimal column holds")
    if not number:
        return
    _, digits, exponent = number.as_tuple()
    zeros = len(digits) - len("".join(map(str, digits)).rstrip("0"))
    places = -int(exponent) - zeros
    if places > scale:
        raise ValueError("has %d decimal places, and the column has %d" % (places, scale))
    whole = number.adjusted() + 1
    if whole > precision - scale:
        raise ValueError(
            "has %d digits before the point, and the column %d" % (whole, precision - scale)
        )
