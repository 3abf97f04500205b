"""MLflow's scoring protocol: read a body by its content type, ask the model, answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import worker_lied
from .body import body_of
from .columnar import Columnar
from .content_type import ContentType, unsupported
from .exchange import JSON, HttpExchange
from .served import ServedModel

_JSON: Mapping[str, Any] = {"content": "json"}
_TEXTS = {JSON: _JSON, "text/csv": {"content": "csv"}}
_COLUMNAR = {
    "application/vnd.apache.parquet": "parquet",
    "application/x-parquet": "parquet",
    "application/vnd.apache.arrow.stream": "arrow",
    "application/vnd.apache.arrow.file": "arrow",
}
MEDIA = (*_TEXTS, *_COLUMNAR)
"""The supported content types of bodies."""
_NOTE = b"x-modelenv-note"
_LONGEST_NOTE = 1000
_MOST_NOTES = 20


class Scoring:
    """Requests to models by the scoring protocol; bodies have at most `largest` bytes."""

    __slots__ = ("_columnar", "_largest")

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._columnar = Columnar(largest)

    async def invoke(self, exchange: HttpExchange, model: ServedModel) -> None:
        """Answer a request to ``/invocations``. Raises RequestError."""
        given = exchange.header("content-type")
        content = _JSON if given == JSON else _content(given)
        body = await body_of(exchange, self._largest)
        if isinstance(content, str):
            head, body = await self._columnar.read(content, body, model.like)
        else:
            head = content
        told, data = await model.ask(head, body, exchange.gone)
        exchange.told = told
        if told.get("ok") != "json":
            raise worker_lied("its answer cannot be read")
        await exchange.answer(data, JSON, headers=notes_of(told))


def notes_of(told: Mapping[str, Any]) -> list[tuple[bytes, bytes]]:
    """Return a worker's notes on a request as headers."""
    notes = told.get("notes")
    if not notes or not isinstance(notes, list):
        return []
    return [(_NOTE, _header(note)) for note in notes[:_MOST_NOTES]]


def _content(text: str) -> Mapping[str, Any] | str:
    """Return the head for a worker that says what the body is, or the name of a columnar format.

    Raises RequestError.
    """
    given = ContentType.of(text)
    content: Mapping[str, Any] | str | None = _TEXTS.get(given.media, _COLUMNAR.get(given.media))
    if content is None:
        said = f"it is {given.media!r:.200}" if text else "the request has no Content-Type"
        raise unsupported(f"{said}; there are {', '.join(MEDIA)}")
    given.check_text()
    return content


def _header(text: object) -> bytes:
    r"""Return a note in the form that a header allows.

    >>> _header("größe:\n is left out")
    b'gr\\xf6\\xdfe: is left out'
    """
    shown = " ".join(str(text).split()).encode("ascii", "backslashreplace")
    printable = bytes(byte if byte >= 32 and byte != 127 else 63 for byte in shown)
    return printable[:_LONGEST_NOTE]
