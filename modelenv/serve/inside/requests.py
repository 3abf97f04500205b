"""The body of a request as the model's input, of the types of its example.

Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import io

from ...table import values
from ...table.crossing import raw
from ...table.errors import RowsError
from ...table.incoming.document import parse, read_document, read_table
from ...table.incoming.rows import KEYS, read_csv
from .tensors import incoming

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ...table.table import Buffer

    Description = dict[str, Any]
    Parts = tuple[Description, list[Buffer], list[str]]

_PARAMS = "params"
_FORM = "it is an object with exactly one of %s, and maybe params" % ", ".join(KEYS)


class Request:
    """What a model is asked."""

    __slots__ = ("buffers", "document", "notes", "params", "told")

    def __init__(self, parts: Parts, params: Any = None, document: Any = None) -> None:
        self.told, self.buffers, self.notes = parts
        """The description of the input, its buffers, and what of the body was left out."""
        self.params: dict[str, Any] = params or {}
        self.document: dict[str, Any] = document or {}
        """The inference request that it is, of version 2."""

    def value(self) -> Any:
        """Return the model's input."""
        return values.build(self.told, iter(self.buffers))


def read(head: dict[str, Any], body: memoryview, like: Description) -> Request:
    """Return what a message asks; `like` describes the model's example. Raises RowsError."""
    return _READERS[head["content"]](head, body, like)


def _read_json(_: dict[str, Any], body: memoryview, like: Description) -> Request:
    try:
        document = parse(bytes(body), like)
    except RecursionError:
        raise RowsError("it is nested too deep") from None
    except ValueError as error:
        raise RowsError("it is no JSON: %s" % error) from None
    if not isinstance(document, dict):
        raise RowsError("%s; this is none" % _FORM)
    params = document.pop(_PARAMS, None)
    if len(document) != 1 or next(iter(document)) not in KEYS:
        raise RowsError("%s; this has %s" % (_FORM, ", ".join(sorted(document)) or "none"))
    return Request(read_document(document, like), _object(params, _PARAMS))


def _read_csv(_: dict[str, Any], body: memoryview, like: Description) -> Request:
    lines = io.TextIOWrapper(io.BytesIO(body), "utf-8-sig", newline="")
    return Request(read_table(read_csv(lines), like))


def _read_buffers(head: dict[str, Any], body: memoryview, _: Description) -> Request:
    told, buffers = raw.from_bytes(body)
    return Request((told, buffers, head.get("notes", [])))


def _read_tensors(head: dict[str, Any], body: memoryview, like: Description) -> Request:
    document, tensors = incoming.read_request(body, head.get("json"))
    said = _object(document.get("parameters"), "parameters")
    params = {name: said[name] for name in said if name not in _OF_THE_PROTOCOL}
    return Request(incoming.as_input(tensors, like), params, document)


def _object(value: Any, name: str) -> dict[str, Any]:
    if value is not None and not isinstance(value, dict):
        raise RowsError("%s is an object of names and values" % name)
    return value or {}


# Parameters of an inference request that are not the model's.
_OF_THE_PROTOCOL = ("binary_data_output", "content_type", "headers")

_READERS: dict[str, Callable[[dict[str, Any], memoryview, Description], Request]] = {
    "json": _read_json,
    "csv": _read_csv,
    "buffers": _read_buffers,
    "tensors": _read_tensors,
}
