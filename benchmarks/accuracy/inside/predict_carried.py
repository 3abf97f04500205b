"""Load what a tool carried by the tool's own way and predict; answer as `predict_in.py` does.

Run by path with `-I` in a fresh environment; needs the standard library and what is loaded alone.
"""

from __future__ import annotations

import argparse
import json
import pickle
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

Predict = Callable[[Any], Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loader", choices=LOADERS, required=True)
    parser.add_argument("--model", type=Path, required=True, help="its file or its folder")
    parser.add_argument("--example", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--path", action="append", default=[], help="put first on sys.path")
    given = parser.parse_args()
    comparable = _comparable()
    sys.path[:0] = given.path
    answer = _answer(LOADERS[given.loader], given.model, given.example, comparable)
    loaded = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    answer["loaded"] = sorted(file for file in loaded if isinstance(file, str))
    given.output.write_text(json.dumps(answer), "utf-8")


def _answer(
    load: Callable[[Path], Predict], model: Path, example_file: Path, comparable: Any
) -> dict[str, Any]:
    stage = "load the model"
    try:
        predict = load(model)
        stage = "load the example"
        example = pickle.loads(example_file.read_bytes())
        stage = "predict"
        return {"prediction": comparable(predict(example))}
    except Exception as error:  # noqa: BLE001 - whatever the model raises is the answer
        return {"failed": {"stage": stage, "error": f"{type(error).__name__}: {error}"}}


def _load_pickle(file: Path) -> Predict:
    """Do by hand what is to be done where a tool writes nothing but requirements."""
    model = pickle.loads(file.read_bytes())
    predict: Predict = model.predict if hasattr(model, "predict") else model
    return predict


def _load_modelenv(folder: Path) -> Predict:
    """Load with the loader that travels with the model."""
    sys.path.insert(0, str(folder / "code"))
    loader = import_module("modelenv_pyfunc_loader")
    predict: Predict = loader.load_model(str(folder)).predict
    return predict


def _load_mlflow(folder: Path) -> Predict:
    """Load with MLflow the very model that was saved, without its conversions of inputs."""
    pyfunc = import_module("mlflow.pyfunc")
    if (folder / "python_model.pkl").exists():
        wrapped = pyfunc.load_model(str(folder)).unwrap_python_model()
        return lambda example: wrapped.predict(None, example)
    flavors = import_module("mlflow.models").Model.load(str(folder)).flavors
    (flavor,) = (name for name in flavors if name != "python_function")
    predict: Predict = import_module(f"mlflow.{flavor}").load_model(str(folder)).predict
    return predict


LOADERS = {"pickle": _load_pickle, "modelenv": _load_modelenv, "mlflow": _load_mlflow}


def _comparable() -> Callable[[object], object]:
    """Return the function that gives predictions their comparable form."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "running"))
    comparable: Callable[[object], object] = import_module("predict_in").comparable
    del sys.path[0]
    return comparable


if __name__ == "__main__":
    main()
