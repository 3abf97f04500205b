"""Convert recorded JSON to the buffers that a worker writes for an equal value.

Travels into other interpreters: Python 3.8 syntax and the standard library only. Values that only
their own library can convert are left to a process that has it.
"""

from __future__ import annotations

import base64
import sys
from array import array
from itertools import chain

from ...table import values
from ...table.errors import UnfaithfulError
from ...table.incoming.arrays import read_array
from ...table.incoming.document import read_document

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from ...table.table import Parts

_LETTERS = {"<f8": "d", "<f4": "f", "<i8": "q", "<i4": "i"}


def parts_of(described: Mapping[str, Any], data: Any) -> Parts | None:
    """Return the description and the buffers of a value from its JSON `data`.

    None if the value's own library is needed. Raises the errors of data that does not match its
    description: RowsError, UnfaithfulError, and Python's own for a value of another kind.
    """
    kind = described["type"]
    if _is_of_python(described):
        return values.take(_plain(described, data))
    if values.is_table(described):
        return read_document(data, dict(described))[:2]
    if kind in ("ndarray", "scalar"):
        shape = described.get("shape", [])
        quick = _quick(data, described["dtype"], shape)
        if quick is not None:
            return {"type": kind, "dtype": described["dtype"], "shape": shape}, [quick]
        told, buffers = read_array(data, described["dtype"], [-1] * len(shape))
        return {**told, "type": kind, "dtype": described["dtype"], "shape": shape}, buffers
    contained = {"list": _of_list, "tuple": _of_list, "dict": _of_dict}.get(kind)
    return None if contained is None else contained(described, data)


def _quick(data: Any, dtype: str, shape: list[int]) -> bytes | None:
    """Return the values of rows of numbers; None if they need the general conversion."""
    letter = _LETTERS.get(dtype)
    if letter is None or sys.byteorder != "little" or len(shape) not in (1, 2):
        return None
    if len(data) != shape[0] or (len(shape) == 2 and {len(row) for row in data} != {shape[1]}):
        return None
    try:
        return array(letter, data if len(shape) == 1 else chain.from_iterable(data)).tobytes()
    except (TypeError, OverflowError):  # null stands for nan
        return None


def _is_of_python(described: Mapping[str, Any]) -> bool:
    """Return whether a value consists only of Python's own types."""
    if described["type"] not in ("list", "tuple", "dict"):
        return described["type"] in ("json_object", "bytes")
    items = described["items"]
    return all(map(_is_of_python, items.values() if isinstance(items, dict) else items))


def _plain(described: Mapping[str, Any], data: Any) -> Any:
    """Return a value of Python's own types from its JSON."""
    kind, items = described["type"], described.get("items")
    if kind == "dict":
        return {name: _plain(item, data[name]) for name, item in (items or {}).items()}
    if kind in ("list", "tuple"):
        made = [_plain(item, each) for item, each in _paired(items or (), data)]
        return tuple(made) if kind == "tuple" else made
    return base64.b64decode(data) if kind == "bytes" else data


def _of_list(described: Mapping[str, Any], data: Any) -> Parts | None:
    some = [parts_of(item, each) for item, each in _paired(described["items"], data)]
    told = [part[0] for part in some if part is not None]
    if len(told) < len(some):
        return None
    return {"type": described["type"], "items": told}, [b for part in some if part for b in part[1]]


def _of_dict(described: Mapping[str, Any], data: Any) -> Parts | None:
    parts = {name: parts_of(item, data[name]) for name, item in described["items"].items()}
    told = {name: part[0] for name, part in parts.items() if part is not None}
    if len(told) < len(parts):
        return None
    return {"type": "dict", "items": told}, [b for part in parts.values() if part for b in part[1]]


def _paired(items: Sequence[Mapping[str, Any]], data: Any) -> list[tuple[Mapping[str, Any], Any]]:
    """Return each item's description with its data. Raises UnfaithfulError if counts differ."""
    if len(items) != len(data):
        raise UnfaithfulError("%d items are described, and %d are there" % (len(items), len(data)))
    return list(zip(items, data))
