"""Load a folder that MLflow wrote, through MLflow. Runs in an environment that has it.

Travels into other interpreters: Python 3.8 syntax; MLflow is that environment's.
"""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` is not needed to run this
if TYPE_CHECKING:
    from typing import Any


def _load_pyfunc(path: str, model_config: Any = None) -> Any:
    """Load the model that stands in the folder `path`."""
    import mlflow.pyfunc

    return mlflow.pyfunc.load_model(path)
