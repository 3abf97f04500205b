"""The OpenAPI document: each route's bodies, with the example of each model filled in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ....base import VERSION
from ...inside.tensors.tensor import TEXT
from ..exchange import JSON, HttpExchange
from ..inference.tensor_metadata import TensorMetadata, inputs_of, outputs_of
from ..scoring import MEDIA
from ..served import HttpSettings, ServedModel, ServedModels
from . import parts
from .examples import Example, Grid, example_of, input_of
from .schemas import defaults_of, forms_of, params_of

_CSV, _BINARY = "text/csv", "application/octet-stream"
_UNKNOWN = -1


async def answer(exchange: HttpExchange, models: ServedModels, settings: HttpSettings) -> None:
    """Answer with the document."""
    await exchange.answer_json(document(models, settings))


def document(models: ServedModels, settings: HttpSettings) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of all routes."""
    hosted = list(models)
    paths: dict[str, Any] = {}
    if len(hosted) == 1:
        paths["/invocations"] = {"post": _invocations(hosted[0], "invocations")}
    for model in hosted:
        name = quote(model.name, safe="")
        tag = {"tags": [model.name]}
        paths[f"/models/{name}/invocations"] = {
            "post": {**_invocations(model, f"invocations of {model.name}"), **tag}
        }
        version = quote(model.version, safe="")
        for at in (f"/v2/models/{name}", f"/v2/models/{name}/versions/{version}"):
            paths.update(_of_v2(at, model, tag))
    described = f"Bodies have at most {settings.largest:,} bytes."
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Models served by modelenv",
            "version": VERSION,
            "description": described,
        },
        "paths": {**paths, **parts.STATE},
        "components": {"schemas": parts.SCHEMAS, "responses": parts.ERRORS},
    }


def _invocations(model: ServedModel, name: str) -> dict[str, Any]:
    """Return the operation of MLflow's scoring protocol."""
    example = input_of(model.like)
    fields = model.signature.get("params")
    params = params_of(fields)
    given = defaults_of(fields)
    more = {"params": params} if params["properties"] else {}
    forms = [
        {
            "type": "object",
            "properties": {key: schema, **more},
            "required": [key],
            "additionalProperties": False,
        }
        for key, schema in forms_of(model.like, model.signature.get("inputs")).items()
    ]
    filled = {key: {"value": {key: value}} for key, value in example.bodies.items()}
    if given and filled:
        key, first = next(iter(example.bodies.items()))
        filled["params"] = {"value": {key: first, "params": given}}
    content: dict[str, Any] = {JSON: {"schema": {"oneOf": forms}}}
    if filled:
        content[JSON]["examples"] = filled
    for media in MEDIA[1:]:
        content[media] = {"schema": {"type": "string"}} if media == _CSV else {}
    if example.csv is not None:
        content[_CSV]["example"] = example.csv
    predictions = example_of(model.prediction).prediction
    answered: dict[str, Any] = {"schema": {"$ref": "#/components/schemas/Predictions"}}
    if predictions is not None:
        answered["example"] = {"predictions": predictions}
    return {
        "summary": f"Predict with {model.name}",
        "operationId": name,
        "parameters": parts.HEADERS,
        "requestBody": {"required": True, "content": content},
        "responses": {
            "200": {
                "description": "The predictions; nan and infinity are null.",
                "headers": parts.ANSWERED,
                "content": {JSON: answered},
            },
            **parts.refused("400", "404", "413", "415", "500", "503", "504"),
        },
    }


def _of_v2(at: str, model: ServedModel, tag: Mapping[str, Any]) -> dict[str, Any]:
    """Return the paths of one model, by version 2 of the inference protocol."""
    inputs = inputs_of(model.like, model.signature.get("inputs"))
    outputs = outputs_of(model.prediction, model.signature.get("outputs"))
    request: dict[str, Any] = {"schema": {"$ref": "#/components/schemas/InferenceRequest"}}
    filled = _tensors(inputs, input_of(model.like))
    if filled is not None:
        request["example"] = {"id": "1", "inputs": filled}
    told = {
        "name": model.name,
        "versions": [model.version],
        "platform": "modelenv_pyfunc",
        "inputs": [each.to_json() for each in inputs],
        "outputs": [each.to_json() for each in outputs],
    }
    infer = {
        "summary": f"Predict with {model.name}, by tensors",
        "operationId": f"infer {at}",
        "parameters": [*parts.HEADERS, parts.LENGTH],
        "requestBody": {"required": True, "content": {JSON: request, _BINARY: {}}},
        "responses": {
            "200": {
                "description": "The tensors of the prediction.",
                "headers": parts.ANSWERED,
                "content": {
                    JSON: {"schema": {"$ref": "#/components/schemas/InferenceResponse"}},
                    _BINARY: {},
                },
            },
            **parts.refused("400", "404", "413", "415", "500", "503", "504"),
        },
    }
    ready = parts.simple(f"Whether {model.name} can predict", f"ready {at}", "404", "503")
    metadata = parts.simple(
        f"The inputs and outputs of {model.name}", f"metadata {at}", "404", "503"
    )
    metadata["responses"]["200"]["content"][JSON]["example"] = told
    return {
        at: {"get": {**metadata, **tag}},
        f"{at}/ready": {"get": {**ready, **tag}},
        f"{at}/infer": {"post": {**infer, **tag}},
    }


def _tensors(inputs: list[TensorMetadata], example: Example) -> list[dict[str, Any]] | None:
    """Return the example as tensors; None if it cannot be expressed by tensors."""
    if example.labels:
        return None
    if example.grid is not None:
        # A tensor has no gaps, and each needs its own name.
        whole = [row for row in example.grid.rows if None not in row]
        columns = Grid(example.grid.names, whole).columns
        if not whole or [each.name for each in inputs] != list(columns):
            return None
        return [
            {**each.to_json(), "shape": [len(whole)], "data": _data(each, columns[each.name])}
            for each in inputs
        ]
    if len(inputs) != 1 or not isinstance(example.data, list):
        return None
    shape = [len(example.data), *inputs[0].shape[1:]]
    if _UNKNOWN in shape:
        return None
    return [{**inputs[0].to_json(), "shape": shape, "data": example.data}]


def _data(tensor: TensorMetadata, cells: list[Any]) -> list[Any]:
    """Return cells as a tensor's data: in BYTES, cells that are no text become JSON."""
    if tensor.datatype != TEXT:
        return cells
    return [cell if isinstance(cell, str) else json.dumps(cell) for cell in cells]
