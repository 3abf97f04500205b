"""Convert cells of JSON, text files and Python to a column's type, and columns back to JSON.

Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import decimal
import math
import struct

from ..column_type import FLOATS, INTEGERS, ColumnType
from ..errors import RowsError, UnfaithfulError
from ..libraries.recast import recast
from ..objects import check_plain, untag
from ..table import Column
from . import times
from .counts import Count
from .decimals import Literal, plain_numbers, read_decimal
from .rows import ColumnCells
from .texts import MISSING, of_text, shown

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    Convert = Callable[[Any, ColumnType], Any]

# The Python types of cells that need no conversion.
_PLAIN: dict[str, set[type]] = {"string": {str}, "bool": {bool}}
_PLAIN.update((kind, {float}) for kind in FLOATS)
_PLAIN.update((kind, {int}) for kind in INTEGERS)
_LARGEST = {"float16": 65504.0, "float32": struct.unpack("<f", b"\xff\xff\x7f\x7f")[0]}


_BY_FILE = ": give the frame as a pickle (-i FILE.pkl), or to predict in Python"


class _UnwritableError(ValueError):
    """The cells of a column have no known form in rows."""


def convert(name: Any, cells: Sequence[Any], type_: ColumnType, *, text: bool = False) -> Column:
    """Return a column of the type `type_`; `text` says that the cells are from a text file.

    Raises RowsError with the column and the row.
    """
    if isinstance(cells, ColumnCells):
        column = _whole(name, cells, type_)
        if column is not None:
            return column
    quick = _quick(cells, type_, text=text)
    if quick is not None:
        try:
            pack = Column.pack if type_.kind == "string" else Column.of_numbers
            return pack(name, type_, quick)
        except (struct.error, OverflowError, ValueError):
            pass  # a value is out of range, or half a surrogate pair: the loop below finds it
    try:
        one = _converter(type_)
    except _UnwritableError as error:
        raise RowsError(str(error), name, by_file=_BY_FILE) from None
    found = []
    for row, cell in enumerate(cells):
        try:
            found.append(_cell(cell, type_, one, text=text))
        except (ValueError, OverflowError) as error:
            raise RowsError(str(error), name, row) from None
    return _packed(name, type_, found)


def _whole(name: Any, cells: ColumnCells, type_: ColumnType) -> Column | None:
    """Return a typed column converted to another type as a whole; None if that is impossible."""
    try:
        column = cells.column
    except UnfaithfulError as error:
        raise RowsError("no column holds it: %s" % error, name) from None
    if cells.whole and column.type.dtype == type_.dtype:
        return Column(name, column.type, column.buffers)
    return recast(name, column, type_)


def _packed(name: Any, type_: ColumnType, cells: list[Any]) -> Column:
    """Return a column of converted cells. Raises RowsError for a value that no buffer holds."""
    try:
        return Column.pack(name, type_, cells)
    except (UnfaithfulError, ValueError):
        for row, cell in enumerate(cells):
            try:
                Column.pack(name, type_, [cell])
            except (UnfaithfulError, ValueError) as error:
                raise RowsError("no column holds it: %s" % error, name, row) from None
        raise


def _quick(cells: Sequence[Any], type_: ColumnType, *, text: bool) -> Sequence[Any] | None:
    """Return the cells if none of them needs conversion, else None."""
    kind = type_.kind
    if text and kind in FLOATS:
        if not MISSING.isdisjoint(cells) or any("_" in cell for cell in cells):
            return None
        try:
            found = list(map(float, cells))
        except ValueError:
            return None
        return None if math.inf in found or -math.inf in found else found
    plain = _PLAIN.get(kind)
    return cells if plain and set(map(type, cells)) <= plain else None


def _cell(cell: Any, type_: ColumnType, one: Convert, *, text: bool) -> Any:
    if text:
        cell = of_text(cell, type_)
    if cell is None or (cell != cell and type_.kind not in FLOATS):  # noqa: PLR0124  # nan
        if not type_.nullable:
            raise ValueError("a value is missing, which %s cannot say" % type_.shown)
        return None
    try:
        return one(cell, type_)
    except ValueError as error:
        raise ValueError("%s %s" % (shown(cell), error)) from None


def _converter(type_: ColumnType) -> Convert:
    kind = type_.kind
    if kind == "category":
        return _of_categories(type_)
    if kind in INTEGERS:
        return _integer
    if kind in FLOATS:
        return _float
    known = type_.dtype in ("", "object") or type_.dtype.endswith("O")
    if kind not in _CONVERT or (kind == "object" and not known):
        shown = type_.dtype or type_.shown
        raise _UnwritableError("a column of %s cannot be written as rows" % shown)
    return _CONVERT[kind]


def _boolean(cell: Any, _: ColumnType) -> bool:
    if type(cell) is not bool:
        raise ValueError("is neither true nor false")
    return cell


def _integer(cell: Any, type_: ColumnType) -> int:
    if type(cell) is bool or not isinstance(cell, (int, float, decimal.Decimal)):
        raise ValueError("is %s, not a number (%s)" % (_what(cell), type_.kind))
    if not math.isfinite(cell):
        raise ValueError("is no whole number (%s)" % type_.kind)
    smallest, largest = type_.limits
    if not smallest <= cell <= largest:
        raise ValueError("is out of the range of %s: %d to %d" % (type_.kind, smallest, largest))
    if cell != int(cell):
        raise ValueError("is no whole number (%s)" % type_.kind)
    if isinstance(cell, float) and abs(cell) >= 2**53:
        raise ValueError(
            "may have been another whole number: a float this large stands for several (%s)"
            % type_.kind
        )
    return int(cell)


def _float(cell: Any, type_: ColumnType) -> float:
    if type(cell) is str and cell in ("NaN", "Infinity", "-Infinity"):
        return float(cell)
    if type(cell) is bool or not isinstance(cell, (int, float, decimal.Decimal)):
        raise ValueError("is %s, not a number (%s)" % (_what(cell), type_.kind))
    number = float(cell)
    if math.isinf(number) and type(cell) is Literal:
        raise ValueError("is out of the range of floats")
    if math.isfinite(number) and abs(number) > _LARGEST.get(type_.kind, math.inf):
        try:
            struct.pack("<" + {"float16": "e", "float32": "f"}[type_.kind], number)
        except OverflowError:
            raise ValueError("is out of the range of %s" % type_.kind) from None
    return number


def _text(cell: Any, _: ColumnType) -> str:
    if type(cell) is not str:
        raise ValueError("is %s, not a text: write it in quotes" % _what(cell))
    return cell


def _bytes(cell: Any, _: ColumnType) -> bytes:
    if isinstance(cell, (bytes, bytearray)):
        return bytes(cell)
    try:
        return base64.b64decode(cell, validate=True)
    except (TypeError, binascii.Error):
        raise ValueError("is no bytes in base64") from None


def _decimal(cell: Any, type_: ColumnType) -> str:
    if type(cell) is bool or not isinstance(cell, (str, int, float, decimal.Decimal)):
        raise ValueError("is %s, not a decimal number" % _what(cell))
    return read_decimal(cell, type_)


def _date(cell: Any, _: ColumnType) -> int:
    if isinstance(cell, datetime.datetime) and cell.time() != datetime.time():
        raise ValueError("is a time, not a date")
    if isinstance(cell, datetime.date):
        return cell.toordinal() - times.EPOCH
    if type(cell) is not str:
        raise ValueError("is %s, not a date: write it as 2026-01-31" % _what(cell))
    try:
        return times.read_date(cell)
    except ValueError:
        raise ValueError("is no date, as 2026-01-31") from None


def _datetime(cell: Any, type_: ColumnType) -> int:
    if isinstance(cell, Count) and not cell.is_duration:
        if bool(cell.zone) != bool(type_.zone):
            have, lack = ("a", "none") if cell.zone else ("no", "one")
            raise ValueError("has %s time zone, and the column has %s" % (have, lack))
        return times.scale(cell.count, cell.unit, type_.unit)
    if isinstance(cell, datetime.date):
        cell = cell.isoformat()
    if type(cell) is not str:
        raise ValueError(
            "is %s, not a time: write it as 2026-01-31T09:30:00, since a number does not tell its"
            " unit" % _what(cell)
        )
    return times.read_datetime(cell.strip(), type_.unit, type_.zone)


def _duration(cell: Any, type_: ColumnType) -> int:
    if isinstance(cell, Count) and cell.is_duration:
        return times.scale(cell.count, cell.unit, type_.unit)
    if isinstance(cell, datetime.timedelta):
        micros = (cell.days * 86400 + cell.seconds) * 10**6 + cell.microseconds
        return times.scale(micros, "us", type_.unit)
    if type(cell) is not str:
        raise ValueError("is %s, not a duration: write it as 1 days 02:30:00" % _what(cell))
    return times.read_duration(cell.strip(), type_.unit)


def _object(cell: Any, _: ColumnType) -> Any:
    return cell.to_python() if isinstance(cell, Count) else plain_numbers(cell)


def _of_categories(type_: ColumnType) -> Convert:
    """Return a function from a cell to its index among the categories."""
    of = type_.of
    assert of is not None
    one = _converter(of)
    places = {untag(category): place for place, category in enumerate(type_.categories)}

    def place(cell: Any, type_: ColumnType) -> int:
        try:
            return places[one(cell, of)]
        except KeyError:
            first = list(map(untag, type_.categories[:8]))
            known = ", ".join(map(shown, _told(first, of) if of.kind in _TELL else first))
            more = ", …" if len(type_.categories) > 8 else ""
            raise ValueError("is none of the column's categories: %s%s" % (known, more)) from None

    return place


_CONVERT: dict[str, Convert] = {
    "bool": _boolean,
    "string": _text,
    "bytes": _bytes,
    "decimal": _decimal,
    "date": _date,
    "datetime": _datetime,
    "timedelta": _duration,
    "object": _object,
}


def to_json(column: Column) -> list[Any]:
    """Return a column's cells as JSON values. Raises UnfaithfulError if one has no JSON form."""
    type_ = column.type
    if type_.kind == "category":
        categories = _told(list(map(untag, type_.categories)), type_.of or type_)
        return [None if cell is None else categories[cell] for cell in column.cells()]
    return _told(column.cells(), type_)


def _told(cells: list[Any], type_: ColumnType) -> list[Any]:
    kind = type_.kind
    if kind in FLOATS:
        if any(map(math.isinf, (cell for cell in cells if cell is not None))):
            raise UnfaithfulError("inf has no form in JSON")
        return [None if cell != cell else cell for cell in cells]  # noqa: PLR0124  # nan
    if kind in INTEGERS or kind in ("bool", "string", "decimal"):
        return cells
    tell = _TELL.get(kind)
    if tell is None:
        raise UnfaithfulError("%s has no form in JSON" % type_.shown)
    return [None if cell is None else tell(cell, type_) for cell in cells]


def _plain(cell: Any, _: ColumnType) -> Any:
    check_plain(cell)
    return cell


_TELL: dict[str, Convert] = {
    "bytes": lambda cell, _: base64.b64encode(cell).decode("ascii"),
    "date": lambda cell, _: times.write_date(cell),
    "datetime": lambda cell, type_: times.write_datetime(cell, type_.unit, type_.zone),
    "timedelta": lambda cell, type_: times.write_duration(cell, type_.unit),
    "object": _plain,
}


def _what(cell: Any) -> str:
    if type(cell) is str:
        return "a text"
    if type(cell) is bool:
        return "a boolean"
    if isinstance(cell, Count):
        return cell.shown
    return "a number" if isinstance(cell, (int, float)) else "a %s" % type(cell).__name__
