"""MLflow's scoring protocol: what a body is, by its content type."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message as Header
from typing import Any

from ..errors import RequestError
from ..hosted import Hosted
from .exchange import JSON, Exchange

_CONTENTS = {"application/json": "json", "text/csv": "csv"}
_PARQUET = ("application/vnd.apache.parquet", "application/x-parquet")
_KNOWN = ", ".join((*_CONTENTS, _PARQUET[0]))
_NOTE = b"x-modelenv-note"


@dataclass(frozen=True, slots=True)
class ContentType:
    """What a body is."""

    media: str
    charset: str

    @classmethod
    def of(cls, text: str) -> ContentType:
        """Read a header.

        >>> ContentType.of("text/csv; charset=UTF-8")
        ContentType(media='text/csv', charset='utf-8')
        """
        if ";" not in text:
            return cls(text.strip().lower(), "utf-8")
        header = Header()
        header["content-type"] = text
        charset = header.get_param("charset", "utf-8")
        return cls(header.get_content_type(), str(charset).lower())


async def invoke(exchange: Exchange, model: Hosted, largest: int) -> None:
    """Answer a request to ``/invocations``. Raises RequestError."""
    head = _head(exchange.header("content-type"))
    body = await exchange.body(largest)
    told, data = await model.ask(head, [body])
    notes = told.get("notes") or ()
    await exchange.answer(data, JSON, headers=[(_NOTE, _header(note)) for note in notes])


def _head(text: str) -> dict[str, Any]:
    """Return what tells a worker of what the body is. Raises RequestError."""
    given = ContentType.of(text)
    content = _CONTENTS.get(given.media)
    if content is None:
        said = f"it is {given.media}" if text else "the request has no Content-Type"
        raise _unsupported(f"{said}; there are {_KNOWN}")
    if given.charset not in ("utf-8", "utf8", "us-ascii", "ascii"):
        raise _unsupported(f"text is read in UTF-8, and this is in {given.charset}")
    return {"content": content}


def _unsupported(message: str) -> RequestError:
    return RequestError(415, "UNSUPPORTED_MEDIA_TYPE", message)


def _header(text: object) -> bytes:
    """Return a note as a header can have it."""
    return " ".join(str(text).split()).encode("ascii", "backslashreplace")[:1000]
