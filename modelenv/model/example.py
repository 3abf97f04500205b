"""Put a model and its input example on disk, before anything else can go wrong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cloudpickle

from ..errors import NotAModelError, NotPicklableError
from ..isolation import values

INPUT = "input_example"
PREDICTION = "prediction"


def write_model(model: object, file: Path) -> None:
    """Pickle `model` to `file` with cloudpickle. Raises NotPicklableError."""
    _check_predicts(model)
    try:
        with file.open("wb") as stream:
            cloudpickle.dump(model, stream)
    except Exception as error:  # a model's __getstate__ or __reduce__ may raise anything
        raise NotPicklableError("model", error) from error


def write_example(example: object, folder: Path) -> Mapping[str, Any]:
    """Write the input example into `folder`, as JSON where that is faithful, else as a pickle.

    Returns its description with the absolute path of its file. Raises NotPicklableError.
    """
    try:
        described: Mapping[str, Any] = values.write(example, str(folder / INPUT), cloudpickle.dump)
    except Exception as error:  # as above
        raise NotPicklableError("input example", error) from error
    return described


def relative(described: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a description whose file is named relative to its folder, as MLmodel holds it."""
    return {**described, "file": Path(described["file"]).name}


def absolute(described: Mapping[str, Any], folder: Path) -> Mapping[str, Any]:
    """Return a description whose file is absolute again."""
    return {**described, "file": str(folder / described["file"])}


def _check_predicts(model: object) -> None:
    if not callable(getattr(model, "predict", None)) and not callable(model):
        raise NotAModelError(model)
