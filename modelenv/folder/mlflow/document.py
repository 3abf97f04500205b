"""Reading the MLmodel of a folder that MLflow wrote."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...base.files.bounded import UntrustedFileError, parse_json
from ...base.siblings import envfiles
from ...pins.change.obtainable import WITH_PKG_RESOURCES
from ...table.incoming.contract import schema_of
from ..documents.names import NOTHING
from ..documents.typed import Stated, mapping
from ..errors import BadFolderError
from ..mlmodel import FILE, MLmodel

_NESTED = ("array", "object")  # as in `mlflow.models.utils._enforce_schema`, 2.10 to 3.18
LOADER = Path(__file__).parent.parent / "mlflow_loader.py"


def read(document: Mapping[str, Any], folder: Path) -> MLmodel:
    """Return the content of an MLmodel `document` of MLflow's in our terms.

    Its example is read by MLflow itself, in the model's environment; a missing file counts as none,
    and no prediction is recorded. Raises BadFolderError if its path leads out of the folder.
    """
    function = document["flavors"]["python_function"]
    return MLmodel(
        python=str(function.get("python_version", "")),
        version=f"MLflow {document.get('mlflow_version') or 'of an unknown version'}",
        input={**_example(document, folder), "schema": _schema(document, folder)},
        prediction=NOTHING,
        deterministic=True,
        metadata=_metadata(Stated(document, folder / FILE)),
        uuid=str(document.get("model_uuid", "")),
        created=str(document.get("utc_time_created", "")),
        data=".",
        loader=LOADER.stem,
    )


def _metadata(whole: Stated) -> Mapping[str, Any]:
    return mapping(whole.at("metadata")) if whole.value.get("metadata") is not None else {}


def build_tools(spec: envfiles.EnvSpec) -> tuple[str, ...]:
    """Return what MLflow needs in addition to the requirements: setuptools, in old releases.

    They import ``pkg_resources``, which newer releases of setuptools lack.
    """
    if any(entry.name == "setuptools" for entry in spec.requirements):
        return ()
    tools = [tool for tool in spec.build_dependencies if tool.startswith("setuptools")]
    floating = f"setuptools{WITH_PKG_RESOURCES}"
    return tuple(floating if tool == "setuptools" else tool for tool in tools)


def _schema(document: Mapping[str, Any], folder: Path) -> Mapping[str, Any]:
    """Return the shape of an input from the signature: a table, an array, or empty if unclear.

    If a column is a list or an object, as an agent's are, a document is one row, whole. Raises
    BadFolderError if the signature is invalid JSON.
    """
    signature = document.get("signature")
    text = signature.get("inputs") if isinstance(signature, dict) else None
    if not isinstance(text, str):
        return {}
    try:
        fields = parse_json(text.encode("utf-8", "surrogatepass"), folder / FILE)
    except UntrustedFileError as error:
        raise BadFolderError(folder / FILE, f"signature.inputs {error.reason}") from error
    schema = schema_of(fields)
    is_nested = "columns" in schema and any(each.get("type") in _NESTED for each in fields)
    return {**schema, "nested": True} if is_nested else schema


def _example(document: Mapping[str, Any], folder: Path) -> Mapping[str, Any]:
    info = document.get("saved_input_example_info")
    file = info.get("artifact_path") if isinstance(info, dict) else None
    if not isinstance(file, str):
        return NOTHING
    if Path(file).name != file:
        raise BadFolderError(folder / FILE, f"its input example leads out of the folder: {file!r}")
    return {"type": "mlflow", "file": file} if (folder / file).is_file() else NOTHING
