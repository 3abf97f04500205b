"""An MLServer model: ``mlserver start FOLDER`` serves the Open Inference Protocol v2."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ...run.signature import Signature
from ..exported import FormDraft
from ..lists.requirements import listed
from ..subject import Subject
from ..travelling import iter_unreadable, predicting, travelling

_PINS = "requirements.txt"
_TENSORS = {
    "bool": "BOOL",
    **{
        f"{sign}int{bits}": f"{sign.upper()}INT{bits}"
        for sign in ("", "u")
        for bits in (8, 16, 32, 64)
    },
    **{f"float{bits}": f"FP{bits}" for bits in (16, 32, 64)},
}
"""The data types of v2, by numpy's."""
_COLUMNS = {
    "boolean": "BOOL",
    "integer": "INT32",
    "long": "INT64",
    "float": "FP32",
    "double": "FP64",
    "string": "BYTES",
    "binary": "BYTES",
    "datetime": "BYTES",
}
"""The data types of v2, by those of columns in MLflow's signatures."""


def model_settings(subject: Subject) -> FormDraft:
    """Return model-settings.json, the runtime that it names, and the pins."""
    signature = Signature.of(subject.folder.document) or Signature()
    inputs, outputs = (
        [*_tensors(fields, name)]
        for fields, name in ((signature.inputs, "input"), (signature.outputs, "predict"))
    )
    document: dict[str, Any] = {
        "name": subject.name,
        "implementation": "mlserver_runtime.ModelRuntime",
        "platform": "modelenv",
        **({"inputs": inputs} if inputs else {}),
        **({"outputs": outputs} if outputs else {}),
        "parameters": {"uri": f"./{subject.model}", "version": subject.folder.mlmodel.uuid or "1"},
    }
    return FormDraft(
        files={
            "model-settings.json": json.dumps(document, indent=2, ensure_ascii=False) + "\n",
            "mlserver_runtime.py": travelling("entry/mlserver_runtime"),
            "predicting.py": predicting(subject),
            _PINS: listed(subject, _PINS),
        },
        unexpressed=(
            *subject.iter_unsaid(python=True, system=True, variables=True),
            "the pins: MLServer installs nothing, and loads the model in its own environment, or in"
            " one that also has mlserver (parameters.environment_path)",
            *iter_unreadable(subject),
        ),
        notes=(
            f"install {_PINS} beside mlserver before it starts: pip names a pin that it refuses",
            *subject.iter_unhashed(),
            *subject.iter_logins(),
            *subject.otherwise.iter_told(),
        ),
    )


def _tensors(fields: object, name: str) -> Iterator[Mapping[str, Any]]:
    """Yield the tensors of one side of a signature in v2's terms; none without a v2 type."""
    for place, field in enumerate(fields if isinstance(fields, list) else ()):
        if not isinstance(field, dict):
            continue
        tensor = field.get("tensor-spec")
        if isinstance(tensor, dict):
            kind, shape = _TENSORS.get(str(tensor.get("dtype"))), tensor.get("shape")
        else:
            kind, shape = _COLUMNS.get(str(field.get("type"))), [-1, 1]
        if kind is not None and isinstance(shape, list):
            label = field.get("name") or (f"{name}-{place}" if place else name)
            yield {"name": str(label), "datatype": kind, "shape": shape}
