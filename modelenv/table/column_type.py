"""The type of a column: the kind of its values, and its dtype's name in the library it is from.

Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import re

from .errors import UnfaithfulError

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

FORMATS = {
    "bool": "?",
    "int8": "b",
    "int16": "h",
    "int32": "i",
    "int64": "q",
    "uint8": "B",
    "uint16": "H",
    "uint32": "I",
    "uint64": "Q",
    "float16": "e",
    "float32": "f",
    "float64": "d",
    "datetime": "q",
    "timedelta": "q",
    "date": "i",
    "time": "q",
    "period": "q",
    "category": "i",
}
"""The kinds whose values have a fixed width, with the `struct` letter of each.

A datetime and a timedelta count their unit, datetimes from 1970 in UTC; a date counts days, a time
nanoseconds since midnight, a period steps of its frequency; a category is an index into the list
of categories.
"""

WIDE = {"complex64": "f", "complex128": "d"}
"""The kinds whose values are pairs of numbers, with the `struct` letter of one."""

TEXTS = ("string", "bytes", "decimal", "object")
"""The kinds of varying width: UTF-8, bytes, digits, and JSON."""

INNER = {"interval": 2, "sparse": 1}
"""The kinds that consist of columns of the type ``of``, with the number of those.

An interval has its left ends, then its right ones; a sparse column has the positions of its
values (int64) in place of a mask, then the values.
"""

INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
FLOATS = ("float16", "float32", "float64")

UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
"""The number of each unit in a second."""

_ATTRIBUTES = (
    *("kind", "nullable", "unit", "zone", "missing", "of", "categories", "ordered"),
    *("closed", "fill", "length"),
)


def _has_gaps(kind: str) -> bool:
    return kind != "bool" and kind not in INTEGERS


class ColumnType:
    """The type of the values in a column."""

    __slots__ = (*_ATTRIBUTES, "dtype")

    def __init__(
        self,
        kind: str,
        *,
        dtype: str = "",
        nullable: bool | None = None,
        unit: str = "",
        zone: str = "",
        missing: str = "",
        of: ColumnType | None = None,
        categories: Sequence[Any] = (),
        ordered: bool = False,
        closed: str = "",
        fill: Any = None,
        length: int = 0,
    ) -> None:
        self.kind = kind
        self.nullable = _has_gaps(kind) if nullable is None else nullable
        """Whether a value may be missing; by default not among integers and booleans."""
        self.dtype = dtype
        """The name of the type in its library."""
        self.unit = unit
        self.zone = zone
        """The time zone in which a datetime is shown; empty if it has none."""
        self.missing = missing
        """The marker of missing values among objects: none, nan, NA or NaT."""
        self.of = of
        """The type of the categories, of an interval's ends, or of a sparse column's values."""
        self.categories = list(categories)
        """The categories as JSON values, in order."""
        self.ordered = ordered
        self.closed = closed
        """The closed ends of an interval: left, right, both or neither."""
        self.fill = fill
        """The fill value of a sparse column, as in JSON."""
        self.length = length
        """The number of values in a sparse column, stored or not."""

    def __repr__(self) -> str:
        return "ColumnType(%r, %r)" % (self.to_json(), self.dtype)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ColumnType):
            return NotImplemented
        return self.dtype == other.dtype and self.to_json() == other.to_json()

    __hash__ = None  # type: ignore[assignment]

    @property
    def shown(self) -> str:
        """Return the type in one or two words."""
        unit = "[%s]" % ", ".join(filter(None, (self.unit, self.zone))) if self.unit else ""
        return self.kind + unit

    @property
    def buffers(self) -> int:
        """Return the number of buffers for a column."""
        if self.kind in INNER and self.of is not None:
            return (2 if self.kind == "sparse" else 1) + INNER[self.kind] * self.of.buffers
        return 3 if self.kind in TEXTS else 2

    @property
    def _always(self) -> tuple[str, ...]:
        return ("fill", "length") if self.kind == "sparse" else ()

    @property
    def limits(self) -> tuple[int, int]:
        """The smallest and the largest value of an integer kind."""
        bits = int(self.kind.lstrip("uint"))
        if self.kind.startswith("u"):
            return 0, 2**bits - 1
        return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1

    def to_json(self) -> Any:
        """Return the type, without its dtype, as plain data; only the kind if that is all of it."""
        kept = self._always
        told = {
            name: value for name in _ATTRIBUTES if (value := getattr(self, name)) or name in kept
        }
        if self.nullable == _has_gaps(self.kind):
            told.pop("nullable", None)
        else:
            told["nullable"] = self.nullable
        if self.of is not None:
            told["of"] = {"type": self.of.to_json(), "dtype": self.of.dtype}
        return self.kind if len(told) == 1 else told

    @classmethod
    def from_json(cls, told: Any, dtype: str) -> ColumnType:
        """Return the type from data of :meth:`to_json`, with the dtype's name in its library."""
        if isinstance(told, str):
            return cls(told, dtype=dtype)
        known = {name: value for name, value in told.items() if name in _ATTRIBUTES}
        if "of" in known:
            known["of"] = cls.from_json(told["of"]["type"], told["of"]["dtype"])
        return cls(dtype=dtype, **known)

    @classmethod
    def of_dtype(cls, dtype: str) -> ColumnType:
        """Return what the name of a dtype of numpy, pandas or polars implies.

        A name that implies nothing stands for mixed objects.
        """
        code = re.match(r"[<>=|]?([biufcUSmMOV])(\d*)(?:\[(\w+)\])?$", dtype)
        if code is not None:
            return cls._of_code(dtype, *code.groups())
        time = re.match(r"(datetime|timedelta)64\[(\w+)(?:, *(.+))?\]$", dtype)
        if time is not None:
            kind, unit, zone = time.groups()
            return cls(kind, dtype=dtype, unit=unit, zone=zone or "")
        name = dtype.lower()
        kind = {"boolean": "bool", "utf8": "string", "str": "string"}.get(name, name)
        if kind.partition("[")[0] == "string":
            return cls("string", dtype=dtype)
        if kind in INTEGERS or kind == "bool":
            return cls(kind, dtype=dtype, nullable=name != dtype or name == "boolean")
        if kind in FLOATS or kind in WIDE:
            return cls(kind, dtype=dtype)
        return cls("object", dtype=dtype, missing="none")

    @classmethod
    def _of_code(cls, dtype: str, letter: str, size: str, unit: str | None) -> ColumnType:
        names = {"b": "bool", "i": "int", "u": "uint", "f": "float", "c": "complex"}
        if letter in "mM" and unit:
            kind = "timedelta" if letter == "m" else "datetime"
            return cls(kind, dtype=dtype, unit=unit)
        if letter in names:
            kind = names[letter] + ("" if letter == "b" else str(8 * int(size or 8)))
            return cls(kind, dtype=dtype, nullable=letter in "fc")
        kinds = {"U": "string", "S": "bytes"}
        return cls(kinds.get(letter, "object"), dtype=dtype, nullable=letter == "O")


_ELEMENT = re.compile(
    r"[<>=|]?(?:([biufcSUV])(\d{1,9})|([mM])8(?:\[\d{0,9}[a-zA-Z]{1,2}\])?|(\?))$"
)


def size_of_element(dtype: object) -> int:
    """Return the size of an array's element in bytes, by numpy's code for its dtype.

    Raises UnfaithfulError if the dtype is unknown, or its values are not in their bytes.
    """
    code = _ELEMENT.match(dtype) if type(dtype) is str else None
    if code is None:
        raise UnfaithfulError("no dtype of values in buffers: %.80r" % (dtype,))
    letter, size, time, _ = code.groups()
    if not letter:
        return 8 if time else 1
    return int(size) * (4 if letter == "U" else 1)
