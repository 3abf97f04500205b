"""The signature in MLmodel: a model's inputs and outputs, as MLflow writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base.files.bounded import UntrustedFileError, parse_json
from ..folder.mlmodel import FILE


@dataclass(frozen=True, slots=True)
class Signature:
    """The inputs, outputs and params of a model, as MLflow writes them; None: not stated."""

    inputs: Any = None
    outputs: Any = None
    params: Any = None

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Signature | None:
        """Return the signature in an MLmodel's document; None if there is no readable one."""
        said = document.get("signature")
        if not isinstance(said, dict):
            return None
        found = cls(*(_read(said.get(part)) for part in ("inputs", "outputs", "params")))
        return None if found == cls() else found

    def __str__(self) -> str:
        """Return it as one line: ``(a: double, b: string?) -> long``."""
        text = f"({_fields(self.inputs)}) -> {_fields(self.outputs) or 'unknown'}"
        return f"{text}, params ({_fields(self.params)})" if self.params else text

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"inputs": self.inputs, "outputs": self.outputs, "params": self.params}


def _read(text: object) -> Any:
    """Return a value of MLmodel: text is parsed as JSON (None: invalid), others are unchanged."""
    if not isinstance(text, str):
        return text
    try:
        return parse_json(text.encode("utf-8", "surrogatepass"), Path(FILE))
    except UntrustedFileError:
        return None


def _fields(fields: object) -> str:
    """Return fields as text: names, types, and a question mark if a value is optional."""
    listed = fields if isinstance(fields, list) else [] if fields is None else [fields]
    return ", ".join(map(_field, listed))


def _field(field: object) -> str:
    if not isinstance(field, dict):
        return str(field)
    optional = "?" if field.get("required") is False else ""
    name = f"{field['name']}: " if field.get("name") else ""
    return f"{name}{_type(field)}{optional}"


def _type(field: Mapping[str, Any]) -> str:
    tensor, kind = field.get("tensor-spec"), field.get("type")
    if isinstance(tensor, dict):
        said = tensor.get("shape", ())
        shape = ", ".join(map(str, said)) if isinstance(said, (list, tuple)) else str(said)
        return f"tensor {tensor.get('dtype')} [{shape}]"
    if kind == "array" and isinstance(field.get("items"), dict):
        return f"list of {_type(field['items'])}"
    return str(kind)
