"""Inference by the Open Inference Protocol, version 2, with raw tensors too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ...errors import bad_request, worker_lied
from ..body import body_of
from ..content_type import ContentType, unsupported
from ..exchange import JSON, HttpExchange
from ..scoring import notes_of
from ..served import ServedModel

_LENGTH = "inference-header-content-length"
_RAW = "application/octet-stream"
_MEDIA = ("", JSON, _RAW)
_MOST_DIGITS = 18


class Inference:
    """Requests to models by their tensors; bodies have at most `largest` bytes."""

    __slots__ = ("_largest",)

    def __init__(self, largest: int) -> None:
        self._largest = largest

    async def infer(self, exchange: HttpExchange, model: ServedModel) -> None:
        """Answer a request to ``/v2/models/NAME/infer``. Raises RequestError."""
        given = ContentType.of(exchange.header("content-type"))
        if given.media not in _MEDIA:
            raise unsupported(f"a body is {JSON}, or {_RAW}, and not {given.media!r:.200}")
        given.check_text()
        head: dict[str, Any] = {"content": "tensors"}
        length = exchange.header(_LENGTH)
        if length:
            head["json"] = _count(length)
        body = await body_of(exchange, self._largest)
        told, raw = await model.ask(head, body, exchange.gone)
        exchange.told = told
        text, tail = _parts(told, raw)
        named = {"model_name": model.name, "model_version": model.version}
        text = json.dumps(named).encode("ascii")[:-1] + b", " + text[1:]
        if tail:
            size = (_LENGTH.encode("ascii"), b"%d" % len(text))
            await exchange.answer(text + tail, _RAW, headers=[size, *notes_of(told)])
        else:
            await exchange.answer(text, headers=notes_of(told))


def _parts(told: Mapping[str, Any], data: bytes) -> tuple[bytes, bytes]:
    """Return the JSON object of a worker's answer, and the raw tensors after it.

    Raises RequestError.
    """
    size = told.get("json")
    if type(size) is int and 2 < size <= len(data) and data.startswith(b"{"):
        return data[:size], data[size:]
    raise worker_lied("its answer cannot be read")


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise bad_request(f"{_LENGTH} has to be a number of bytes, not {text!r:.100}")
    return int(text)
