"""Metadata of the server and its models in version 2 of the inference protocol."""

from __future__ import annotations

import json
from typing import Any

from ....base import VERSION
from ...errors import bad_request, not_ready
from ..body import body_of
from ..exchange import HttpExchange
from ..served import ServedModel, ServedModels
from .tensor_metadata import inputs_of, outputs_of

_LONGEST_QUESTION = 10_000


async def server(exchange: HttpExchange) -> None:
    """Answer with the server's name, version and extensions."""
    extensions = ["binary_tensor_data"]
    told = {"name": "modelenv", "version": VERSION, "extensions": extensions}
    await exchange.answer_json(told)


async def live(exchange: HttpExchange) -> None:
    """Answer that the server is live."""
    await exchange.answer_json({"live": True})


async def model(exchange: HttpExchange, hosted: ServedModel) -> None:
    """Answer with the inputs and outputs of a model."""
    inputs = inputs_of(hosted.like, hosted.signature.get("inputs"))
    outputs = outputs_of(hosted.prediction, hosted.signature.get("outputs"))
    told = {
        "name": hosted.name,
        "versions": [hosted.version],
        "platform": "modelenv_pyfunc",
        "inputs": [tensor.to_json() for tensor in inputs],
        "outputs": [tensor.to_json() for tensor in outputs],
    }
    await exchange.answer_json(told)


async def model_ready(exchange: HttpExchange, hosted: ServedModel) -> None:
    """Answer whether a model can predict."""
    told = {"name": hosted.name, "ready": hosted.ready}
    if hosted.ready:
        await exchange.answer_json(told)
    else:
        await exchange.refuse(not_ready(cause_of(hosted)), told)


async def repository(exchange: HttpExchange, models: ServedModels) -> None:
    """Answer with the list of models; a request may ask for the ready ones only."""
    wanted = _question(b"".join(await body_of(exchange, _LONGEST_QUESTION)))
    listed = [
        {
            "name": each.name,
            "version": each.version,
            "state": "READY" if each.ready else "UNAVAILABLE",
            "reason": "" if each.ready else cause_of(each),
        }
        for each in models
        if each.ready or not wanted
    ]
    await exchange.answer_json(listed)


def cause_of(hosted: ServedModel) -> str:
    """Return why a model cannot predict now."""
    return f"{hosted.name}: {hosted.cause or 'no worker of it lives now'}"


def _question(body: bytes) -> bool:
    try:
        asked: Any = json.loads(body) if body.strip() else {}
    except (ValueError, RecursionError) as error:
        raise bad_request(f"the body is no JSON: {error}") from None
    if not isinstance(asked, dict) or not isinstance(asked.get("ready", False), bool):
        raise bad_request('the body has to be an object: {"ready": true} lists ready models only')
    return bool(asked.get("ready", False))
