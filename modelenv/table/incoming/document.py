"""Read a request's JSON as the model's input: the scoring protocol, or the example's layout.

Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import base64
import json
from functools import partial

from ..errors import RowsError
from ..objects import tag
from ..values import is_table
from .arrays import read_array
from .contract import sizes_of, table_of
from .decimals import Literal, plain_numbers, read_json
from .fit import fit, fit_arrow, fit_loosely, frame_of
from .records import check_texts, fit_records
from .rows import KEYS, Rows, read_records, read_rows, read_split
from .sparse import read_sparse
from .texts import is_number

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..table import Buffer

    Description = dict[str, Any]
    Parts = tuple[Description, list[Buffer], list[str]]

# If there is no example, or MLflow's, the missing types need no remark.
_UNTOLD = ("none", "mlflow")
GUESSED = "the model has no example and no signature with columns, so that the types are guessed"
"""The remark on inputs for which `untold` is true."""
_OF_JSON = ("builtins.list", "builtins.dict", "builtins.str", "builtins.int", "builtins.float")


def parser(like: Description) -> Callable[[bytes], Any]:
    """Return the JSON parser for inputs like this: with decimal columns, numbers keep their digits.

    The parser raises ValueError, and RowsError like `read_json`.
    """
    decimals = '"decimal"' in json.dumps(like)  # the type of a column at any depth
    return partial(read_json, number=Literal) if decimals else read_json


def parse(text: bytes, like: Description) -> Any:
    """Return the parsed JSON document. Raises ValueError, RowsError."""
    return parser(like)(text)


def read_document(document: Any, like: Description) -> Parts:
    """Return the description and buffers of the input in `document`, and notes.

    `document` has exactly one key of the scoring protocol, or the layout of the folder's
    ``input_example.json``; the input is typed like the described example. Raises RowsError.
    """
    like = described(like)
    row = one_row(document, like)
    if row is not None:
        return plain(row)
    given = [key for key in KEYS if key in document] if isinstance(document, dict) else []
    if len(given) > 1:
        raise RowsError("give exactly one of %s, not %s" % (", ".join(KEYS), ", ".join(given)))
    if not given:
        return _like(document, like)
    data = document[given[0]]
    reader = _READERS.get(given[0])
    if reader is None:
        return _like(data, like)
    return read_table(reader(data), like)


def one_row(document: Any, like: Description) -> Description | None:
    """Return the single row that a document is to an MLflow model with nested columns, or None.

    The row is the document itself, as clients of chat models send it, or the value of ``inputs``.
    """
    if not like.get("nested") or not isinstance(document, dict):
        return None
    row = document if not document.keys() & set(KEYS) else document.get("inputs")
    return row if isinstance(row, dict) else None


def rows_of(document: Description) -> Rows:
    """Return the rows in a document with one key of the scoring protocol.

    Raises RowsError.
    """
    key, data = next(iter(document.items()))
    return _READERS.get(key, read_rows)(data)


def read_table(rows: Rows, like: Description) -> Parts:
    """Return rows as an input like the described example, a table or an array.

    Raises RowsError.
    """
    like = described(like)
    if is_table(like):
        table, notes = fit(rows, like)
        return table.describe(), table.buffers(), notes
    frame = frame_of(like)
    if frame is not None:
        return fit_arrow(rows, like, frame)
    if like["type"] == "ndarray" or _is_sparse(like):
        return _read_grid(rows, like)
    if "records" in like:
        return fit_records(rows, like["records"])
    if like["type"] not in _UNTOLD and "schema" not in like:
        raise _no_rows(like)
    loose = fit_loosely(rows, {}, ())
    return loose.describe(), loose.buffers(), list(rows.notes)


def _read_grid(rows: Rows, like: Description) -> Parts:
    """Return rows as an array or a sparse matrix, without column names. Raises RowsError."""
    if rows.text and rows.names and all(map(is_number, rows.names)):
        named = ", ".join(rows.names[:8])
        raise RowsError("its first line has to hold names, and holds numbers: %s" % named)
    # The first cell of `to_csv` belongs to the index, which an array does not have.
    nameless = rows.text and rows.names and rows.names[0] == "" and len(rows.names) > 1
    columns = rows.columns[1:] if nameless else rows.columns
    sparse = _is_sparse(like)
    lone = not sparse and len(like["shape"]) == 1 and len(columns) == 1
    data = list(columns[0]) if lone else list(map(list, zip(*columns)))
    try:
        if sparse:
            return (*read_sparse(data, like, text=rows.text), [])
        return (*read_array(data, like["dtype"], sizes_of(like), text=rows.text), [])
    except RowsError as error:
        if rows.lines is not None and error.row is not None:
            error.line = rows.lines[error.row]
        raise


def described(like: Description) -> Description:
    """Return the description of one example: the first of several, or the value behind a pickle.

    If a signature tells the columns, it is a frame of these.
    """
    if like["type"] == "examples":
        return described(like["items"][0])
    if like["type"] == "pickle":
        like = like.get("like", like)
    schema = like.get("schema") or {}
    return table_of(schema) if "columns" in schema else like


def untold(like: Description) -> bool:
    """Return whether the types are unknown: no example, and no signature with columns."""
    if is_table(described(like)) or like["type"] == "ndarray":
        return False
    return like["type"] in _UNTOLD or "schema" in like


def _like(data: Any, like: Description) -> Parts:
    kind = like["type"]
    if "schema" in like:
        return _by_schema(data, like["schema"])
    if is_table(like) or kind == "arrow":
        return read_table(read_rows(data), like)
    if "records" in like:
        return fit_records(read_rows(data), like["records"])
    if like.get("texts"):
        check_texts(data)
    if _is_sparse(like):
        return (*read_sparse(data, like), [])
    if kind in ("ndarray", "scalar"):
        told, buffers = read_array(data, like["dtype"], sizes_of(like))
        return {**told, "type": kind}, buffers, []
    return _contained(data, like)


def _contained(data: Any, like: Description) -> Parts:
    """Return the contents of a container, typed like those of the example's; other data stays."""
    kind, items = like["type"], like.get("items", ())
    if kind == "dict" and isinstance(data, dict):
        missing = [name for name in items if name not in data]
        if missing:
            raise RowsError("is missing; there are %s" % ", ".join(map(repr, data)), missing[0])
        parts = {name: _like(data[name], item) for name, item in items.items()}
        told = {"type": "dict", "items": {name: part[0] for name, part in parts.items()}}
        notes = [note for part in parts.values() for note in part[2]]
        notes += _left_out([name for name in data if name not in items])
        return told, [buffer for part in parts.values() for buffer in part[1]], notes
    if kind in ("list", "tuple") and isinstance(data, list):
        likes = items if len(data) == len(items) else _alike(items, len(data), like)
        some = [_like(each, item) for each, item in zip(data, likes)]
        named = {"type": kind, "items": [part[0] for part in some]}
        notes = list(dict.fromkeys(note for part in some for note in part[2]))
        return named, [buffer for part in some for buffer in part[1]], notes
    if kind == "bytes" and isinstance(data, str):
        try:
            return plain(base64.b64decode(data, validate=True))
        except ValueError:
            raise RowsError("it is no bytes in base64") from None
    if kind in _UNTOLD or kind == "json_object" or like.get("class") in _OF_JSON:
        return plain(data)
    raise _no_rows(like)


def _alike(items: Any, count: int, like: Description) -> list[Description]:
    """Return one description for each of `count` items, if the example's are all of one type."""
    kinds = {(item["type"], item.get("dtype")) for item in items}
    if len(kinds) != 1:
        raise _no_rows(like, "; that has %d items, this input %d" % (len(items), count))
    return [items[0]] * count


def _is_sparse(like: Description) -> bool:
    return bool(like["type"].startswith("sparse_") and like["type"].endswith(("csr", "csc")))


def _no_rows(like: Description, more: str = "") -> RowsError:
    """Return the error that the types of rows are unknown, with ways out."""
    shown = like.get("class") or {"json_object": "plain data"}.get(like["type"], like["type"])
    return RowsError(
        "the model's example (%s) is not made of such rows: give JSON laid out as its"
        " input_example.json%s" % (shown, more),
        by_file=", or a pickle of the value (-i FILE.pkl)",
    )


def _by_schema(data: Any, schema: Description) -> Parts:
    """Return the input by the model's signature in MLflow's way; without one, arrays."""
    if schema.get("plain") or not isinstance(data, (dict, list)):
        return plain(data)
    if isinstance(data, list):
        sizes = schema.get("sizes") if "dtype" in schema else None
        return (*read_array(data, schema.get("dtype"), sizes), [])
    dtypes, sized = schema.get("dtypes", {}), schema.get("sizes", {})
    missing = [name for name in dtypes if name not in data]
    if missing:
        raise RowsError("is missing; there are %s" % ", ".join(map(repr, data)), missing[0])
    parts = {
        name: read_array(data[name], dtypes.get(name), sized.get(name)) for name in dtypes or data
    }
    told = {"type": "dict", "items": {name: part for name, (part, _) in parts.items()}}
    notes = _left_out([name for name in data if name not in parts])
    return told, [buffer for _, buffers in parts.values() for buffer in buffers], notes


def _left_out(names: list[str]) -> list[str]:
    """Return a remark on keys for which the model has no use."""
    if not names:
        return []
    named = ", ".join(map(repr, names[:8])) + (", …" if len(names) > 8 else "")
    return ["left out, as the model's example has no such key: %s" % named]


def plain(data: Any) -> Parts:
    """Return plain data unchanged, with whatever numbers it has."""
    data = plain_numbers(data)
    return {"type": "object", "class": type(data).__name__}, [json.dumps(tag(data)).encode()], []


_READERS: dict[str, Callable[[Any], Rows]] = {
    "dataframe_split": read_split,
    "dataframe_records": read_records,
}
