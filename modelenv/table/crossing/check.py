"""Check another process's description of a value against the buffers that came with it.

This happens before anything is built: the value takes no more memory than the buffers, and no name
is looked up in a library other than our own. Travels into other interpreters: Python 3.8 syntax and
the standard library only.
"""

from __future__ import annotations

import re
import struct

from ..column_type import FORMATS, INNER, TEXTS, UNITS, WIDE, ColumnType, size_of_element
from ..errors import UnfaithfulError
from ..objects import untag
from ..table import columns_of
from ..values import FRAMES
from .times import check_zone

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    from ..table import Buffer

_MOST_ROWS = 2**48
_MOST_DIMENSIONS = 32
_DEEPEST_TYPE = 3
_SIZES = {"?": 1, "b": 1, "B": 1, "h": 2, "H": 2, "e": 2, "i": 4, "I": 4, "f": 4, "q": 8, "Q": 8}
_SIZES["d"] = 8
_NAMES = re.compile(
    r"(?:[<>=|]?[biufcSUmMO]\d*(?:\[\d*\w{1,2}\])?"  # numpy's codes
    r"|object|bool|boolean|category|interval|Sparse|str|[Ss]tring(?:\[\w+\])?"
    r"|[Uu]?[Ii]nt\d{1,3}|[Ff]loat\d{1,3}|complex\d{1,3}"
    r"|(?:datetime|timedelta)64\[\w{1,2}(?:, *[\w/+:-]+)?\]|period\[[\w-]+\]"
    r"|Boolean|Utf8|Categorical|Binary|Date|Time|Datetime|Duration|Enum|Decimal(?:\(\w+, \w+\))?"
    r"|ArrowDtype\([\w ,\[\]()=/+:-]+\))$"
)
_ARROW_CLASSES = ("Table", "RecordBatch", "ChunkedArray", "Array")


def check(told: Any, buffers: Sequence[Buffer]) -> None:
    """Raise UnfaithfulError unless `told` describes a value that exactly these buffers hold.

    JSON inside the buffers is read only when the value is built.
    """
    rest = iter(buffers)
    try:
        _check(told, rest)
    except StopIteration:
        raise UnfaithfulError("a value has fewer buffers than its description") from None
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        reason = "a description is invalid: %s: %.200s" % (type(error).__name__, error)
        raise UnfaithfulError(reason) from error
    if next(rest, rest) is not rest:
        raise UnfaithfulError("a value has more buffers than its description")


def _check(told: Any, buffers: Iterator[Buffer]) -> None:
    kind = _of(dict, told, "a description")["type"]
    checker = _CHECKS.get(_of(str, kind, "the type of a value"))
    if checker is None:
        raise UnfaithfulError("no value is of the type %.80r" % kind)
    checker(told, buffers)


def _check_table(told: Mapping[str, Any], buffers: Iterator[Buffer]) -> None:
    rows = _count(told["rows"], "the number of rows", _MOST_ROWS)
    types = _of(list, told.get("types", []), "types")
    several = "columns" in told
    names = _of(list, told["columns"], "columns") if several else [None]
    dtypes = _of(list, told["dtypes"], "dtypes") if several else [told["dtype"]]
    if not len(names) == len(dtypes) == len(types):
        raise UnfaithfulError("a table has different numbers of names, dtypes and types")
    for each, dtype in zip(types, dtypes):
        _check_type(each, dtype)
    for name, type_ in columns_of(dict(told)):
        _check_column(name, type_, rows, buffers)
    if "index" in told:
        _check_labels(told["index"], rows, buffers)
    if "labels" in told:
        _check_labels(told["labels"], len(names), None)


def _check_index(told: Mapping[str, Any], buffers: Iterator[Buffer]) -> None:
    rows = _count(told["rows"], "the number of rows", _MOST_ROWS)
    _check_labels(told["index"], rows, buffers)


def _check_labels(told: Mapping[str, Any], rows: int, buffers: Iterator[Buffer] | None) -> None:
    """Check the labels of an axis; without `buffers` they are in the description."""
    if "range" in told:
        ends = [_of(int, each, "a label") for each in _of(list, told["range"], "a range")]
        untag(told["name"])
        if any(abs(each) >= 2**63 for each in ends) or len(range(*ends)) != rows:
            raise UnfaithfulError("an axis of %d labels has the range %s" % (rows, ends))
        return
    for level in _of(list, told["levels"], "levels"):
        _check_type(level["type"], level["dtype"])
        type_ = ColumnType.from_json(level["type"], level["dtype"])
        if buffers is not None:
            _check_column(level["name"], type_, rows, buffers)
        elif len(_of(list, level["cells"], "labels")) != rows:
            raise UnfaithfulError("%d columns have %d labels" % (rows, len(level["cells"])))
    if len(_of(str, told.get("freq") or "", "a frequency")) > 60:
        raise UnfaithfulError("the name of a frequency is too long")


def _check_type(told: Any, dtype: Any, depth: int = 0) -> None:
    """Check a column's type, before its names are looked up in libraries."""
    if not _NAMES.match(_of(str, dtype, "a dtype")) and dtype:
        raise UnfaithfulError("no dtype of columns: %.80r" % dtype)
    if depth > _DEEPEST_TYPE:
        raise UnfaithfulError("the types of a column are nested too deeply")
    words: dict[str, Any] = {"kind": told} if isinstance(told, str) else _of(dict, told, "a type")
    kind = words["kind"]
    if kind not in FORMATS and kind not in (*WIDE, *TEXTS, *INNER):
        raise UnfaithfulError("no column is of the kind %.80r" % (kind,))
    if words.get("unit") and words["unit"] not in UNITS:
        raise UnfaithfulError("no unit of time: %.80r" % (words["unit"],))
    zone = words.get("zone")
    if zone:
        check_zone(zone)
    _of(list, words.get("categories", []), "categories")
    _of(int, words.get("length", 0), "a length")
    if (kind in INNER or kind == "category") != ("of" in words):
        raise UnfaithfulError("a column of %s lacks the type of its values" % kind)
    if "of" in words:
        _check_type(words["of"]["type"], words["of"]["dtype"], depth + 1)


def _check_column(name: Any, type_: ColumnType, rows: int, buffers: Iterator[Buffer]) -> None:
    if type_.kind == "sparse":
        _check_sparse_column(name, type_, rows, buffers)
        return
    valid = next(buffers)
    if valid is not None and len(valid) != rows:
        raise UnfaithfulError("column %.80r: a mask of %d of %d" % (name, len(valid), rows))
    if type_.kind == "interval" and type_.of is not None:
        _check_column(name, type_.of, rows, buffers)
        _check_column(name, type_.of, rows, buffers)
    elif type_.kind in TEXTS:
        _check_texts(name, rows, next(buffers), next(buffers))
    else:
        letter = FORMATS.get(type_.kind) or WIDE[type_.kind]
        size = _SIZES[letter] * (2 if type_.kind in WIDE else 1)
        _check_size(next(buffers), rows * size, "column %.80r" % (name,))


def _check_sparse_column(
    name: Any, type_: ColumnType, rows: int, buffers: Iterator[Buffer]
) -> None:
    next(buffers)
    places = _values(next(buffers))
    known = [place for (place,) in _longs(places)]
    inside = not known or (known[0] >= 0 and known[-1] < rows)
    if type_.of is None or type_.length != rows or rows >= 2**31 or not inside:
        raise UnfaithfulError("column %.80r: its values are at impossible places" % (name,))
    if any(known[place] >= known[place + 1] for place in range(len(known) - 1)):
        raise UnfaithfulError("column %.80r: its values are not in order" % (name,))
    _check_column(name, type_.of, len(known), buffers)


def _check_texts(name: Any, rows: int, offsets: Buffer, data: Buffer) -> None:
    _check_size(offsets, 8 * (rows + 1), "column %.80r" % (name,))
    last = 0
    for (end,) in _longs(_values(offsets)):
        if end < last:
            raise UnfaithfulError("column %.80r: a text ends before it begins" % (name,))
        last = end
    if last != len(_values(data)):
        raise UnfaithfulError("column %.80r: its texts end elsewhere" % (name,))


def _check_array(told: Mapping[str, Any], buffers: Iterator[Buffer]) -> None:
    shape = _of(list, told["shape"], "a shape")
    if len(shape) > _MOST_DIMENSIONS:
        raise UnfaithfulError("an array of %d dimensions" % len(shape))
    count = 1
    for size in shape:
        count *= _count(size, "the size of an array", _MOST_ROWS)
    if told.get("order", "C") not in ("C", "F"):
        raise UnfaithfulError("the order of an array is neither C nor F")
    if told["dtype"] == "|O":
        _check_column("array", ColumnType("object"), count, buffers)
        return
    fields = told.get("fields")
    size = size_of_element(told["dtype"]) if fields is None else _size_of_fields(fields)
    if not size and count > 10**6:  # numpy gives an empty text the width of one letter
        raise UnfaithfulError("%d elements of no width" % count)
    _check_size(next(buffers), size * count, "an array")


def _size_of_fields(told: Any) -> int:
    total = 0
    for field in _of(list, told, "fields"):
        names, inner, *shape = _of(list, field, "a field")
        for name in names if isinstance(names, list) else [names]:
            _of(str, name, "the name of a field")
        size = _size_of_fields(inner) if isinstance(inner, list) else size_of_element(inner)
        for length in shape[0] if shape else ():
            size *= _count(length, "the size of a field", _MOST_ROWS)
        total += size
    return total


def _check_parts(told: Mapping[str, Any], buffers: Iterator[Buffer]) -> None:
    """Check values that are made of arrays: sparse matrices, arrays with a mask."""
    for size in _of(list, told.get("shape", []), "a shape"):
        _count(size, "the size of a matrix", 2**63 - 1)
    for part in _of(list, told["parts"], "parts"):
        if part.get("type") != "ndarray":
            raise UnfaithfulError("a part of a value is not an array")
        _check_array(part, buffers)


def _check_arrow(told: Mapping[str, Any], buffers: Iterator[Buffer]) -> None:
    rows = _count(told["rows"], "the number of rows", _MOST_ROWS)
    if told["form"] not in _ARROW_CLASSES:
        raise UnfaithfulError("no class of pyarrow's: %.80r" % (told["form"],))
    for words, dtype in _of(list, told["types"], "types"):
        _check_type(words, dtype)
        if not dtype.startswith("ArrowDtype("):
            raise UnfaithfulError("no type of pyarrow's: %.80r" % dtype)
        _check_column("", ColumnType.from_json(words, dtype), rows, buffers)


def _check_items(told: Mapping[str, Any], buffers: Iterator[Buffer]) -> None:
    items = told["items"]
    if isinstance(items, dict) == (told["type"] in ("list", "tuple")):
        raise UnfaithfulError("the items of a %s are told otherwise" % told["type"])
    for item in items.values() if isinstance(items, dict) else _of(list, items, "items"):
        _check(item, buffers)


def _check_object(_: Mapping[str, Any], buffers: Iterator[Buffer]) -> None:
    _values(next(buffers))


def _check_size(buffer: Buffer, size: int, what: str) -> None:
    found = len(_values(buffer))
    if found != size:
        raise UnfaithfulError("%s has %d bytes of %d" % (what, found, size))


def _values(buffer: Buffer) -> bytes | memoryview:
    if buffer is None:
        raise UnfaithfulError("a value has no buffer")
    return buffer


def _longs(data: bytes | memoryview) -> Iterator[tuple[int]]:
    if len(data) % 8:
        raise UnfaithfulError("the last of the places is cut off")
    return struct.iter_unpack("<q", data)


def _of(kind: type, value: Any, what: str) -> Any:
    if type(value) is not kind:
        raise UnfaithfulError("%s is %.80r" % (what, value))
    return value


def _count(value: Any, what: str, most: int) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise UnfaithfulError("%s is %.80r" % (what, value))
    return value


_CHECKS: dict[str, Callable[[Mapping[str, Any], Iterator[Buffer]], None]] = {
    **dict.fromkeys((*FRAMES, "extension_array"), _check_table),
    "index": _check_index,
    "ndarray": _check_array,
    "scalar": _check_array,
    "masked_array": _check_parts,
    **{
        "sparse_%s_%s" % (kind, form): _check_parts
        for kind in ("matrix", "array")
        for form in ("csr", "csc", "bsr", "coo", "dia", "lil", "dok")
    },
    "arrow": _check_arrow,
    **dict.fromkeys(("dict", "list", "tuple", "dataclass", "namedtuple"), _check_items),
    "object": _check_object,
}
