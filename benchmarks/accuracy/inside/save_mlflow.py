"""Train a case's model and save it with MLflow, as its author would.

With the model's own flavor where there is one, else in a `PythonModel`. Where that fails, the next
thing that an author tries: another file format, no input example.
"""

from __future__ import annotations

import json
import shutil
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from building import Stopwatch, build, failed, read_arguments

del sys.path[0]

FLAVORS = ("sklearn", "xgboost", "lightgbm", "statsmodels")


def main() -> None:
    given = read_arguments()
    model, example = build(given)
    given.report.write_text(json.dumps(_save(model, example, given.output, given.options)), "utf-8")


def _save(model: Any, example: Any, output: str, options: dict[str, Any]) -> dict[str, Any]:
    flavor = type(model).__module__.partition(".")[0]
    watch = Stopwatch()
    if flavor in FLAVORS:
        save = import_module(f"mlflow.{flavor}").save_model
        arguments = {**options, "path": output}
    else:
        flavor, model = "pyfunc", _python_model(model)
        save = import_module("mlflow.pyfunc").save_model
        arguments = {**options, "path": output, "python_model": model}
    imported = watch.read()
    notes: list[str] = []
    report: dict[str, Any] = {}
    for attempt in _attempts(flavor, example):
        watch = Stopwatch()
        try:
            if flavor == "pyfunc":
                save(**arguments, **attempt)
            else:
                save(model, **arguments, **attempt)
        except Exception as error:  # noqa: BLE001 - whatever it raises is the answer
            shutil.rmtree(output, ignore_errors=True)
            report = failed(error)
            notes.append(f"with {', '.join(attempt) or 'nothing'}: {_short(error)}")
        else:
            report = {}
            break
    spent = {key: imported[key] + value for key, value in watch.read().items()}
    return {**report, **spent, "flavor": flavor, "notes": notes}


def _attempts(flavor: str, example: Any) -> list[dict[str, Any]]:
    formats: list[dict[str, Any]] = [{}]
    if flavor == "sklearn":
        formats.append({"serialization_format": "cloudpickle"})
    return [*({"input_example": example, **one} for one in formats), *formats]


def _python_model(inner: Any) -> Any:
    import mlflow

    class Wrapped(mlflow.pyfunc.PythonModel):  # type: ignore[misc,unused-ignore]
        def __init__(self, model: Any) -> None:
            self.model = model

        def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:  # noqa: ARG002
            predict = self.model.predict if hasattr(self.model, "predict") else self.model
            return predict(model_input)

    return Wrapped(inner)


def _short(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else ''}"[:200]


if __name__ == "__main__":
    main()
