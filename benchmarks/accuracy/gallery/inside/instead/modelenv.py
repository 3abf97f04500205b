"""In modelenv's place, MLflow: an example that imports this is saved by it.

By the model's own flavor where MLflow has one, else as a `PythonModel`. Beside the model it keeps
the example as a pickle, by which the prediction is asked for elsewhere, and in `refused.txt` what
MLflow said where it refuses that example.
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
    try:
        _save(model, path, artifacts, {"input_example": input_example})
    except Exception as error:  # noqa: BLE001 - without it is what its user tries next
        Path("refused.txt").write_text(f"{type(error).__name__}: {error}", "utf-8")
        shutil.rmtree(path, ignore_errors=True)
        _save(model, path, artifacts, {})
    return (Path(path) / "requirements.txt").read_text("utf-8")


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

        # Without type hints: MLflow warns of `Any`, and would check what is given by another one.
        def predict(self, context, model_input):
            given = (context, model_input) if hasattr(inner, "load_context") else (model_input,)
            return inner.predict(*given)

    return Wrapped()
