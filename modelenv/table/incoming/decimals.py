"""Read numbers exactly as written, so that decimal columns lose no digits.

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
    from collections.abc import Callable
    from typing import Any

    from ..column_type import ColumnType

# `Decimal(38, 2)` of polars, and `decimal128(38, 2)` of pyarrow, in pandas too.
_DECIMAL = re.compile(r"(?:ArrowDtype\()?[Dd]ecimal\d*\((?:(\d+)|None), (-?\d+)\)")


# The form of numbers that may be too large for a float; the first pattern is a quick test.
_LARGE = (re.compile(rb"e\+?[0-9]{3}"), re.compile(rb"E\+?[0-9]{3}"))


def read_json(data: bytes, number: Callable[[str], Any] | None = None) -> Any:
    """Return the content of JSON; `number` converts the text of a number with a fraction.

    Raises ValueError; and RowsError where Python would silently read something else: a number too
    large for a float, or a repeated key in an object.
    """
    large, capital = _LARGE
    if number is None and (large.search(data) or (b"E" in data and capital.search(data))):
        number = _finite
    return json.loads(data, parse_float=number, object_pairs_hook=_named)


def _named(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            raise RowsError("the key %.60r comes twice in an object" % name)
        seen.add(name)
    return found


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise RowsError("%.60s is out of the range of floats" % text)
    return number


class Literal(float):
    """A JSON number with a fraction, which keeps its digits for decimal columns."""

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
    """Return JSON data with floats in place of :class:`Literal`."""
    if type(data) is list:
        return [plain_numbers(each) for each in data]
    if type(data) is dict:
        return {name: plain_numbers(each) for name, each in data.items()}
    return float(data) if type(data) is Literal else data


def read_decimal(cell: Any, type_: ColumnType) -> str:
    """Return a number, or the text of one, as a decimal column holds it.

    Raises ValueError if it is no number or has more digits than the column.
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
    """Raise ValueError if a column of this precision and scale would round a number."""
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
