"""In modelenv's place, MLflow: an example that imports this is saved by it.

By the model's own flavor where MLflow has one, else as a `PythonModel`. The example is kept beside
as a pickle, by which the prediction is asked for elsewhere.
"""

from __future__ import annotations

import shutil
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import cloudpickle
import mlflow

FLAVORS = ("sklearn", "catboost", "prophet", "keras")


def save_model(
    model: Any, path: str, *, input_example: Any, artifacts: Any = None, overwrite: bool
) -> str:
    """Save with MLflow, with the example or, where it refuses that, without; return its list."""
    assert overwrite
    Path("example.pkl").write_bytes(cloudpickle.dumps(input_example))
    errors = []
    for more in ({"input_example": input_example}, {}):
        shutil.rmtree(path, ignore_errors=True)
        try:
            _save(model, path, artifacts, more)
        except Exception as error:  # noqa: BLE001 - the next attempt is what its user would try
            errors.append(error)
        else:
            return (Path(path) / "requirements.txt").read_text("utf-8")
    raise errors[-1]


def _save(model: Any, path: str, artifacts: Any, more: dict[str, Any]) -> None:
    flavor = type(model).__module__.partition(".")[0]
    own = [str(Path(sys.argv[0]).parent / "own")] if "own" in sys.modules else []
    options: dict[str, Any] = {"path": path, **more, **({"code_paths": own} if own else {})}
    if flavor in FLAVORS:
        pickled = {"serialization_format": "cloudpickle"} if flavor == "sklearn" else {}
        import_module(f"mlflow.{flavor}").save_model(model, **options, **pickled)
    else:
        mlflow.pyfunc.save_model(python_model=_python_model(model), artifacts=artifacts, **options)


def _python_model(inner: Any) -> Any:
    class Wrapped(mlflow.pyfunc.PythonModel):  # type: ignore[misc,unused-ignore]
        def load_context(self, context: Any) -> None:
            if hasattr(inner, "load_context"):
                inner.load_context(context)

        def predict(self, context: Any, model_input: Any) -> Any:
            given = (context, model_input) if hasattr(inner, "load_context") else (model_input,)
            return inner.predict(*given)

    return Wrapped()
