"""Read the MLmodel of a folder that MLflow wrote."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import BadFolderError
from .example import NOTHING
from .mlmodel import FILE, MLmodel

LOADER = Path(__file__).parent / "mlflow_loader.py"


def read(document: Mapping[str, Any], folder: Path) -> MLmodel:
    """Return what the MLmodel `document` of MLflow's says, in our words.

    Its example is read by MLflow itself, in the model's environment; no prediction is recorded.
    Raises BadFolderError where the example is not in the folder.
    """
    function = document["flavors"]["python_function"]
    return MLmodel(
        python=str(function.get("python_version", "")),
        version=f"MLflow {document.get('mlflow_version') or 'of an unknown version'}",
        input=_example(document, folder),
        prediction=NOTHING,
        deterministic=True,
        proof={"status": "unproven"},
        left_out={},
        sealed={},
        metadata=document.get("metadata") or {},
        uuid=str(document.get("model_uuid", "")),
        created=str(document.get("utc_time_created", "")),
        data=".",
        loader=LOADER.stem,
    )


def _example(document: Mapping[str, Any], folder: Path) -> Mapping[str, Any]:
    info = document.get("saved_input_example_info")
    file = info.get("artifact_path") if isinstance(info, dict) else None
    if not isinstance(file, str):
        return NOTHING
    if Path(file).name != file or not (folder / file).is_file():
        raise BadFolderError(folder / FILE, f"its input example {file!r} is not in the folder")
    return {"type": "mlflow", "file": file}
