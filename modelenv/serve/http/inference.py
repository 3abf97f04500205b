"""The Open Inference Protocol, version 2: metadata and inference, with raw tensors too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..errors import RequestError, bad_request
from ..hosted import Hosted
from .exchange import Exchange
from .tensor_metadata import metadata_of

_LENGTH = "inference-header-content-length"
_RAW = "application/octet-stream"
EXTENSIONS = ("binary_tensor_data",)


async def infer(exchange: Exchange, model: Hosted, largest: int) -> None:
    """Answer a request to ``/v2/models/NAME/infer``. Raises RequestError."""
    length = exchange.header(_LENGTH)
    if length and not length.isdigit():
        raise bad_request(f"{_LENGTH} is a number of bytes, and not {length!r}")
    body = await exchange.body(largest)
    head: dict[str, Any] = {"content": "tensors"}
    if length:
        head["json"] = int(length)
    told, raw = await model.ask(head, [body])
    answer = told.get("answer")
    if not isinstance(answer, dict):
        raise RequestError(500, "WORKER_DIED", "the worker's answer cannot be read")
    named = {"model_name": model.name, "model_version": model.version, **answer}
    text = json.dumps(named).encode("ascii")
    if raw:
        size = [(_LENGTH.encode("ascii"), b"%d" % len(text))]
        await exchange.answer(text + raw, _RAW, headers=size)
    else:
        await exchange.answer(text)


def server_metadata(version: str) -> Mapping[str, Any]:
    """Return what the server says of itself."""
    return {"name": "modelenv", "version": version, "extensions": list(EXTENSIONS)}


def model_metadata(model: Hosted) -> Mapping[str, Any]:
    """Return what the server says of a model."""
    return {
        "name": model.name,
        "versions": [model.version],
        "platform": "modelenv_pyfunc",
        **metadata_of(model.like, model.prediction),
    }
