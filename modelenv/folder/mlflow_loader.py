"""Loading a folder that MLflow wrote, through MLflow, in an environment that has it.

Travels into other interpreters: Python 3.8 syntax, and that environment's MLflow.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # `typing` is not needed to run this
if TYPE_CHECKING:
    from typing import Any


# Variables of MLflow that forbid models with code, or pickles.
_ALLOWS_CODE = "MLFLOW_ALLOW_MODEL_CODE_EXECUTION"
_ALLOWS_PICKLES = "MLFLOW_ALLOW_PICKLE_DESERIALIZATION"


def _load_pyfunc(path: str, model_config: Any = None) -> Any:
    """Load the model in the folder `path`.

    What variables of MLflow's forbid is refused with older releases too, although they ignore these
    variables.
    """
    _check(_ALLOWS_CODE, "a model names the code that loads it")
    import mlflow.pyfunc

    if not hasattr(sys.modules.get("mlflow.environment_variables"), _ALLOWS_PICKLES):
        _check(_ALLOWS_PICKLES, "the MLflow here does not heed that")
    return mlflow.pyfunc.load_model(path)


def _check(variable: str, why: str) -> None:
    """Raise RuntimeError unless a variable allows it."""
    said = os.environ.get(variable, "true")
    if said.lower() not in ("true", "1"):
        way = "set it to true, or unset it, if you trust this model"
        raise RuntimeError(f"{variable}={said}, and {why}: {way}")
