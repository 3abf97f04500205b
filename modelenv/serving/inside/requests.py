"""Convert the body of a request to the model's input, with the types of its example.

Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import io

from ...table import values
from ...table.crossing import raw
from ...table.errors import RowsError
from ...table.incoming.document import (
    GUESSED,
    described,
    one_row,
    parser,
    plain,
    read_document,
    read_table,
    rows_of,
    untold,
)
from ...table.incoming.fit import Fitting
from ...table.incoming.rows import KEYS, Rows, read_csv
from ...worker.processes.params import Params
from .tensors import incoming

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ...table.table import Buffer

    Description = dict[str, Any]
    Parts = tuple[Description, list[Buffer], list[str]]

_PARAMS = "params"
_FORM = "it is an object with exactly one of %s, and optionally params" % ", ".join(KEYS)
# Parameters of an inference request for the protocol or the server, not for the model.
_OF_THE_PROTOCOL = frozenset(
    (
        *("binary_data_output", "content_type", "headers", "priority", "timeout"),
        *("sequence_id", "sequence_start", "sequence_end"),
    )
)


class Request:
    """One request to a model."""

    __slots__ = ("bare", "document", "notes", "params", "value")

    def __init__(
        self,
        value: Callable[[], Any],
        notes: list[str],
        params: dict[str, Any] | None = None,
        document: Description | None = None,
    ) -> None:
        self.value = value
        """Returns the model's input when called."""
        self.notes = notes
        """Remarks on parts of the body that were left out."""
        self.params: dict[str, Any] = params or {}
        self.document: Description = document or {}
        """The parsed inference request, if it is one of version 2."""
        self.bare = False
        """Whether the answer is the prediction itself, without a key around it."""

    @classmethod
    def of(cls, parts: Parts, params: Any = None, document: Any = None) -> Request:
        """Return the request for a described input with buffers and notes."""
        told, buffers, notes = parts
        return cls(lambda: values.build(told, iter(buffers)), notes, params, document)


class Inputs:
    """The inputs of a model: the description of its example, and its parameters."""

    def __init__(self, like: Description, params: Sequence[Description] = ()) -> None:
        self._like = described(like)
        self._parse = parser(self._like)
        self._layout = Fitting(self._like) if values.is_table(self._like) else None
        self._kinds = incoming.kinds_of(self._like)
        self._guessed = [GUESSED] if untold(self._like) else []
        self.params = Params(params)

    def read(self, head: dict[str, Any], body: memoryview) -> Request:
        """Return the request in a message. Raises RowsError."""
        content = head["content"]
        if content == "json":
            request = self._read_json(body)
        elif content == "csv":
            request = self._read_csv(body)
        elif content == "tensors":
            request = self._read_tensors(head, body)
        else:
            request = Request.of((*raw.from_bytes(body), list(head.get("notes", ()))))
        request.params = self.params.read({**request.params, **head.get(_PARAMS, {})})
        return request

    def _read_json(self, body: memoryview) -> Request:
        try:
            document = self._parse(bytes(body))
        except RecursionError:
            raise RowsError("it is nested too deep") from None
        except ValueError as error:
            raise RowsError("it is no JSON: %s" % error) from None
        if not isinstance(document, dict):
            raise RowsError("%s; this is none" % _FORM)
        params = _object(document.pop(_PARAMS, None), _PARAMS)
        row = one_row(document, self._like)
        if row is not None:
            request = Request.of(plain(row), params)
            request.bare = row is document
            return request
        if len(document) != 1 or next(iter(document)) not in KEYS:
            raise RowsError("%s; this has %s" % (_FORM, ", ".join(sorted(document)) or "none"))
        if self._layout is not None:
            return self._fitted(self._layout, rows_of(document), params)
        told, buffers, notes = read_document(document, self._like)
        return Request.of((told, buffers, [*self._guessed, *notes]), params)

    def _read_csv(self, body: memoryview) -> Request:
        lines = io.TextIOWrapper(io.BytesIO(body), "utf-8-sig", newline="")
        if self._layout is not None:
            return self._fitted(self._layout, read_csv(lines))
        told, buffers, notes = read_table(read_csv(lines), self._like)
        return Request.of((told, buffers, [*self._guessed, *notes]))

    def _fitted(
        self, layout: Fitting, rows: Rows, params: Any = None, document: Any = None
    ) -> Request:
        table, notes = layout.fit(rows)
        return Request(lambda: values.build_table(table), notes, params, document)

    def _read_tensors(self, head: dict[str, Any], body: memoryview) -> Request:
        document, tensors = incoming.read_request(body, head.get("json"))
        said = _object(document.get("parameters"), "parameters")
        params = {name: said[name] for name in said if name not in _OF_THE_PROTOCOL}
        if self._layout is not None:
            rows = incoming.as_rows(tensors, self._kinds)
            return self._fitted(self._layout, rows, params, document)
        return Request.of(incoming.as_input(tensors, self._like, document), params, document)


def _object(value: Any, name: str) -> dict[str, Any]:
    if value is not None and not isinstance(value, dict):
        raise RowsError("%s is an object of names and values" % name)
    return value or {}
