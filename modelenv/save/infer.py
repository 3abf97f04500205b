"""What a model needs, as the list that MLflow's functions take."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from .save_model import save_model


def infer_pip_requirements(model: object, input_example: object, **options: Any) -> list[str]:
    """Return the pins that `model` needs to predict, proven, as lines of a requirements file.

    They are what ``mlflow.*.log_model(pip_requirements=...)`` takes; MLflow adds itself. `options`
    are those of :func:`save_model`. Raises as that does.
    """
    with tempfile.TemporaryDirectory(prefix="modelenv-") as folder:
        account = save_model(model, Path(folder, "model"), input_example=input_example, **options)
        return list(account.pins)
