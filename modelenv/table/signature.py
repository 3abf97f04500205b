"""The signature of a model in the form that MLflow 3 writes: inferred or given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base.arguments import BadArgumentError
from .crossing import raw
from .enforced import converted, keeps_labels
from .incoming.document import described as one_example
from .incoming.document import read_document
from .schema import ANY, Type, infer
from .table import Table

if TYPE_CHECKING:
    from .table import Buffer

_UNKNOWN = [{**ANY, "required": True}]
_KEYS = ("inputs", "outputs", "params")


@dataclass(frozen=True, slots=True)
class WrittenSignature:
    """A signature in the form of MLmodel, and remarks on it."""

    told: Mapping[str, str | None] | None
    """The texts for MLmodel; None for no signature."""
    notes: tuple[str, ...] = ()


def check_signature(wanted: object) -> None:
    """Raise BadArgumentError for a value that cannot be a signature."""
    if not isinstance(wanted, bool):
        _given(wanted)


def signature_of(
    wanted: object, example: Mapping[str, Any], prediction: Mapping[str, Any]
) -> WrittenSignature:
    """Return the signature that is `wanted`: True infers it from the descriptions, False has none.

    Otherwise it is one of MLflow's, or a mapping with ``inputs``, ``outputs`` and ``params``.
    """
    if wanted is False:
        return WrittenSignature(None)
    if wanted is not True:
        return WrittenSignature(_given(wanted))
    inputs, notes = _inputs(one_example(dict(example)))
    several = example["type"] == "examples"
    outputs = None if several else _schema(prediction)
    if prediction["type"] == "dataframe" and outputs is None:
        notes += ("signature: without outputs, as MLflow infers no type of the prediction",)
    if inputs is None and outputs is None:
        return WrittenSignature(None, notes)
    texts = [None if schema is None else _written(schema) for schema in (inputs, outputs)]
    notes += _age_notes("".join(filter(None, texts)))
    return WrittenSignature(dict(zip(_KEYS, (*texts, None), strict=True)), notes)


def _written(schema: list[Type]) -> str:
    """Return the text of a schema without default values, which old MLflow does not know."""
    return json.dumps(
        [{k: v for k, v in each.items() if (k, v) != ("required", True)} for each in schema]
    )


def _age_notes(text: str) -> tuple[str, ...]:
    """Return a remark on the MLflow versions that cannot load a folder with such a signature."""
    if '"type": "any"' in text:
        since = "2.19"
    elif any(word in text for word in ('"required"', '"type": "array"', '"type": "object"')):
        since = "2.10"
    else:
        return ()
    return (f"signature: MLflow before {since} does not read it; signature=False leaves it out",)


def _inputs(described: Mapping[str, Any]) -> tuple[list[Type] | None, tuple[str, ...]]:
    """Return the schema of the example, and remarks on it.

    MLflow turns other values than frames and arrays into frames, and converts columns to the
    inferred types. An example that would not reach the model unchanged gets no schema.
    """
    parts = _parts(described)
    if parts is None or not _stays(parts[0]):
        return None, ()
    told, buffers = parts
    if told["type"] != "dataframe":
        schema = infer(told, buffers)
        return (None if schema == _UNKNOWN else schema), ()
    table = Table.of(told, iter(buffers))
    changed = converted(table)
    if changed:
        return None, (
            "signature: without inputs, as MLflow would convert or refuse these columns before the"
            f" model has them: {_listed(changed)}",
        )
    schema = infer(told, buffers)
    # MLflow does not read names that are lists in JSON back as the same names.
    named = keeps_labels(table.labels) and not any(
        type(each.get("name")) is list for each in schema
    )
    if schema == _UNKNOWN or not named:
        return None, (
            "signature: without inputs, as MLflow does not keep the names of the columns",
        )
    whole = [str(each["name"]) for each in schema if each["type"] in ("integer", "long")]
    if not whole:
        return schema, ()
    return schema, (
        f"signature: MLflow refuses a missing value in columns of integers ({_listed(whole)}):"
        " give an example with one, or floats, where values may be missing",
    )


def _listed(names: list[str]) -> str:
    return ", ".join(names[:8]) + (", …" if len(names) > 8 else "")


def _stays(told: Mapping[str, Any]) -> bool:
    """Return whether MLflow passes a value with a schema to the model unchanged.

    For an array it checks the byte order, which its own schema does not contain.
    """
    kind = told["type"]
    if kind == "dict":
        return all(item["type"] == "ndarray" and _stays(item) for item in told["items"].values())
    known = kind in ("dataframe", "ndarray") or kind in ("sparse_matrix_csr", "sparse_matrix_csc")
    return known and not told.get("dtype", "").startswith(">")


def _schema(described: Mapping[str, Any]) -> list[Type] | None:
    """Return the schema of a described value; None if nothing is known of it."""
    if described["type"] == "none":
        return None
    parts = _parts(described)
    schema = None if parts is None else infer(*parts)
    return None if schema == _UNKNOWN else schema


def _parts(described: Mapping[str, Any]) -> tuple[dict[str, Any], list[Buffer]] | None:
    """Return the description and the buffers of a value in a file; None for a pickle."""
    if described.get("encoding") == "buffers":
        return raw.read(described["file"])
    if "file" not in described or described["type"] in ("pickle", "mlflow"):
        return None
    if described["type"].startswith("sparse_"):
        return {**described, "shape": _shape(described)}, []
    if described["type"] == "ndarray":
        return dict(described), []
    data = json.loads(Path(described["file"]).read_text("utf-8"))
    told, buffers, _ = read_document(data, dict(described))
    return told, buffers


def _shape(described: Mapping[str, Any]) -> list[int]:
    shape: list[int] = json.loads(Path(described["file"]).read_text("utf-8"))["shape"]
    return shape


def _given(wanted: Any) -> Mapping[str, str | None]:
    """Return a user's signature in the form of MLmodel. Raises BadArgumentError."""
    told = wanted.to_dict() if hasattr(wanted, "to_dict") else wanted
    if not isinstance(told, Mapping) or not set(told) <= set(_KEYS) or not any(told.values()):
        raise BadArgumentError(
            "signature", wanted, "True, False, MLflow's, or a mapping with inputs, outputs, params"
        )
    texts = {key: told.get(key) for key in _KEYS}
    return {
        key: text if text is None or isinstance(text, str) else json.dumps(text)
        for key, text in texts.items()
    }
