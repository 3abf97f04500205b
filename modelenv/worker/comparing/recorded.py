"""The recorded prediction as buffers, whatever it was written as; no library is needed."""

from __future__ import annotations

import base64
import json
import sys
from array import array
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...table import values
from ...table.crossing.received import read_content, read_unchecked
from ...table.errors import RowsError, UnfaithfulError
from ...table.incoming.arrays import read_array
from ...table.incoming.document import read_document

if TYPE_CHECKING:
    from ...table.table import Buffer

    Parts = tuple[dict[str, Any], list[Buffer]]


_LETTERS = {"<f8": "d", "<f4": "f", "<i8": "q", "<i4": "i"}


def read_recorded(described: Mapping[str, Any]) -> Parts | None:
    """Return what a folder has recorded as what a worker would write of an equal value.

    None where it takes the value's own library to tell. Raises UnfaithfulError where its file is
    none.
    """
    if "file" not in described:
        raise UnfaithfulError("MLmodel names no file of the recorded prediction")
    file = Path(described["file"])
    if described.get("encoding") == "buffers":
        return read_unchecked(file, links=True)
    try:
        return _parts(described, json.loads(read_content(file, links=True)))
    except RecursionError:
        raise UnfaithfulError(f"{file.name} is nested deeper than any such file is") from None
    except (RowsError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnfaithfulError(f"{file.name} does not hold what MLmodel says: {error}") from error


def _parts(described: Mapping[str, Any], data: Any) -> Parts | None:
    kind = described["type"]
    if _is_plain(described):
        return values.take(_plain(described, data))
    if values.is_table(described):
        return read_document(data, dict(described))[:2]
    if kind in ("ndarray", "scalar"):
        shape = described.get("shape", [])
        quick = _quick(data, described["dtype"], shape)
        if quick is not None:
            return {"type": kind, "dtype": described["dtype"], "shape": shape}, [quick]
        told, buffers = read_array(data, described["dtype"], len(shape))
        return {**told, "type": kind, "dtype": described["dtype"], "shape": shape}, buffers
    contained = {"list": _of_list, "tuple": _of_list, "dict": _of_dict}.get(kind)
    return None if contained is None else contained(described, data)


def _quick(data: Any, dtype: str, shape: list[int]) -> bytes | None:
    """Return the values of rows of numbers; None where it takes more than this to read them."""
    letter = _LETTERS.get(dtype)
    if letter is None or sys.byteorder != "little" or len(shape) != 2:
        return None
    if len(data) != shape[0] or {len(row) for row in data} != {shape[1]}:
        return None
    try:
        return array(letter, chain.from_iterable(data)).tobytes()
    except (TypeError, OverflowError):  # null is nan
        return None


def _is_plain(described: Mapping[str, Any]) -> bool:
    """Return whether a value is of Python's own types alone."""
    if described["type"] not in ("list", "tuple", "dict"):
        return described["type"] in ("json_object", "bytes")
    items = described["items"]
    return all(map(_is_plain, items.values() if isinstance(items, dict) else items))


def _plain(described: Mapping[str, Any], data: Any) -> Any:
    """Return a value of Python's own types."""
    kind, items = described["type"], described.get("items")
    if kind == "dict":
        return {name: _plain(item, data[name]) for name, item in (items or {}).items()}
    if kind in ("list", "tuple"):
        made = [_plain(item, each) for item, each in zip(items or (), data, strict=True)]
        return tuple(made) if kind == "tuple" else made
    return base64.b64decode(data) if kind == "bytes" else data


def _of_list(described: Mapping[str, Any], data: Any) -> Parts | None:
    some = [_parts(item, each) for item, each in zip(described["items"], data, strict=True)]
    told = [part[0] for part in some if part is not None]
    if len(told) < len(some):
        return None
    return {"type": described["type"], "items": told}, [b for part in some if part for b in part[1]]


def _of_dict(described: Mapping[str, Any], data: Any) -> Parts | None:
    parts = {name: _parts(item, data[name]) for name, item in described["items"].items()}
    told = {name: part[0] for name, part in parts.items() if part is not None}
    if len(told) < len(parts):
        return None
    return {"type": "dict", "items": told}, [b for part in parts.values() if part for b in part[1]]
