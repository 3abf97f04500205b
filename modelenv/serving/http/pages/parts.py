"""Common parts of all OpenAPI documents: errors, headers, and the operators' routes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..exchange import JSON

_TEXT: Mapping[str, Any] = {"type": "string"}
_ANY_OBJECT: Mapping[str, Any] = {"type": "object", "additionalProperties": True}
_SAID = {
    "400": "The input or a parameter does not fit the model: the message says where.",
    "404": "There is no such model, or path.",
    "413": "The body is too large, as sent or decompressed.",
    "415": "The content type or encoding of the body is not supported.",
    "500": "The model raised, or its process ended.",
    "503": "The model is not ready, or too many requests are waiting.",
    "504": "There was no prediction in time.",
}
_RETRY = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
_REQUEST_ID = {"X-Request-Id": {"schema": _TEXT, "description": "Names the request in the log."}}

ANSWERED: Mapping[str, Any] = {
    **_REQUEST_ID,
    "X-Modelenv-Note": {
        "schema": _TEXT,
        "description": "The parts of the input that were left out.",
    },
}
"""Headers of answers."""

HEADERS: list[Mapping[str, Any]] = [
    {
        "name": "X-Request-Id",
        "in": "header",
        "schema": _TEXT,
        "description": "The id of the request in the answer and the log: 1 to 128 characters.",
    },
    {
        "name": "traceparent",
        "in": "header",
        "schema": _TEXT,
        "description": "The trace that the request belongs to (W3C Trace Context).",
    },
]
"""Headers of requests."""

LENGTH: Mapping[str, Any] = {
    "name": "Inference-Header-Content-Length",
    "in": "header",
    "schema": {"type": "integer", "minimum": 0},
    "description": "The bytes of JSON before raw tensors.",
}

ERRORS: Mapping[str, Any] = {
    f"Error{status}": {
        "description": said,
        "headers": {**_REQUEST_ID, **(_RETRY if status == "503" else {})},
        "content": {JSON: {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
    for status, said in _SAID.items()
}
"""The answers that are errors."""


def refused(*statuses: str) -> dict[str, Any]:
    """Return the responses for these statuses."""
    return {status: {"$ref": f"#/components/responses/Error{status}"} for status in statuses}


def simple(summary: str, name: str, *statuses: str, media: str = JSON) -> dict[str, Any]:
    """Return an operation that answers with an object or a text, or with an error."""
    schema = _ANY_OBJECT if media == JSON else _TEXT
    told = {"description": summary, "content": {media: {"schema": schema}}}
    return {
        "summary": summary,
        "operationId": name,
        "responses": {"200": told, **refused(*statuses)},
    }


def _tensor(*required: str) -> dict[str, Any]:
    properties = {
        "name": _TEXT,
        "shape": {"type": "array", "items": {"type": "integer", "minimum": 0}},
        "datatype": {"enum": [*_DATATYPES, "BYTES"]},
        "parameters": _ANY_OBJECT,
        "data": {"type": "array"},
    }
    return {"type": "object", "properties": properties, "required": list(required)}


_DATATYPES = (
    "BOOL",
    *(f"{kind}{size}" for kind in ("INT", "UINT") for size in (8, 16, 32, 64)),
    *("FP16", "FP32", "FP64"),
)

SCHEMAS: Mapping[str, Any] = {
    "Error": {
        "type": "object",
        "properties": {
            "error_code": _TEXT,
            "message": _TEXT,
            "error": {**_TEXT, "description": "The message again."},
            "request_id": _TEXT,
        },
        "required": ["error_code", "message", "error", "request_id"],
    },
    "Predictions": {
        "type": "object",
        "properties": {"predictions": {}},
        "required": ["predictions"],
    },
    "InferenceRequest": {
        "type": "object",
        "properties": {
            "id": _TEXT,
            "parameters": _ANY_OBJECT,
            "inputs": {
                "type": "array",
                "items": _tensor("name", "shape", "datatype"),
                "minItems": 1,
            },
            "outputs": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"name": _TEXT, "parameters": _ANY_OBJECT},
                    "required": ["name"],
                },
            },
        },
        "required": ["inputs"],
    },
    "InferenceResponse": {
        "type": "object",
        "properties": {
            "model_name": _TEXT,
            "model_version": _TEXT,
            "id": _TEXT,
            "parameters": _ANY_OBJECT,
            "outputs": {"type": "array", "items": _tensor("name", "shape", "datatype")},
        },
        "required": ["model_name", "outputs"],
    },
}
"""The schemas of bodies, by name."""


def _index() -> dict[str, Any]:
    operation = simple("List the models", "index", "400", "413", "415")
    listed = {"type": "array", "items": _ANY_OBJECT}
    operation["responses"]["200"]["content"][JSON]["schema"] = listed
    asked = {"type": "object", "properties": {"ready": {"type": "boolean"}}}
    operation["requestBody"] = {"content": {JSON: {"schema": asked, "example": {"ready": True}}}}
    return operation


STATE: Mapping[str, Any] = {
    "/ping": {"get": simple("Whether every model can predict", "ping", "503")},
    "/health": {"get": simple("The same", "health", "503")},
    "/ready": {"get": simple("The same", "ready", "503")},
    "/live": {
        "get": simple("Whether the server is live, whatever the state of its models", "live")
    },
    "/version": {"get": simple("The version of the server", "version", media="text/plain")},
    "/metrics": {"get": simple("Metrics for Prometheus", "metrics", media="text/plain")},
    "/v2": {"get": simple("Metadata of the server", "server")},
    "/v2/health/live": {"get": simple("Whether the server is live", "v2 live")},
    "/v2/health/ready": {"get": simple("Whether every model can predict", "v2 ready", "503")},
    "/v2/repository/index": {"post": _index()},
}
"""The routes that concern no single model."""
