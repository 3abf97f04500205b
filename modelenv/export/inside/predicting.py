"""Predict with the model beside this file, on rows given as JSON.

Without an input file it predicts on the example that was recorded with the model. It needs what the
model itself needs, and nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import sys

TYPE_CHECKING = False  # `typing` is not needed to run this
if TYPE_CHECKING:
    from typing import Any

MODEL = "model"
"""The folder of the model, relative to this file."""
LOADED_BY = "modelenv_pyfunc_loader"
"""The module in the model's folder that loads it, or ``mlflow``."""
INPUT: dict[str, Any] = {}
"""The description of the recorded input, from the model's folder."""


def folder() -> str:
    """Return the absolute path of the model's folder."""
    here = os.path.dirname(os.path.abspath(__file__))
    return os.path.normpath(os.path.join(here, MODEL))


def load() -> Any:
    """Return the model, which has a method ``predict``."""
    if LOADED_BY == "mlflow":
        import mlflow.pyfunc

        return mlflow.pyfunc.load_model(folder())
    code = os.path.join(folder(), "code")
    if code not in sys.path:
        sys.path.insert(0, code)
    return __import__(LOADED_BY).load_model(folder())


def as_input(data: Any) -> Any:
    """Return parsed JSON in the type that the model takes, which is that of the recorded input.

    A table is ``{"columns": [...], "data": [[...]]}``, a list of records, or columns by name.
    """
    if INPUT.get("type") == "ndarray":
        import numpy

        return numpy.asarray(data, dtype=INPUT["dtype"])
    if INPUT.get("type") in ("dataframe", "series"):
        return _table(data)
    if INPUT.get("type") == "mlflow" and isinstance(data, dict) and "columns" in data:
        return _table(data)
    return data


def _table(data: Any) -> Any:
    import pandas

    if INPUT["type"] == "series":
        return pandas.Series(data, dtype=INPUT.get("dtype"))
    split = isinstance(data, dict) and "data" in data and "columns" in data
    frame = (
        pandas.DataFrame(data["data"], columns=data["columns"]) if split else pandas.DataFrame(data)
    )
    types = dict(zip(INPUT.get("columns", ()), INPUT.get("dtypes", ())))
    return frame.astype({name: types[name] for name in frame.columns if name in types})


def as_json(prediction: Any) -> Any:
    """Return a prediction as JSON values: lists, records of a table, numbers, text."""
    if hasattr(prediction, "to_dict") and hasattr(prediction, "columns"):
        return as_json(prediction.to_dict("records"))
    if hasattr(prediction, "tolist"):
        return as_json(prediction.tolist())
    if isinstance(prediction, dict):
        return {str(name): as_json(value) for name, value in prediction.items()}
    if isinstance(prediction, (list, tuple)):
        return [as_json(value) for value in prediction]
    if prediction is None or isinstance(prediction, (bool, int, float, str)):
        return prediction
    return str(prediction)


def recorded() -> str:
    """Return the path of the recorded example."""
    return os.path.join(folder(), INPUT.get("file", "input_example.json"))


def main() -> None:
    """Predict on a file of JSON, and print the prediction as JSON."""
    parser = argparse.ArgumentParser(description="Predict on rows that are given as JSON.")
    parser.add_argument("input", nargs="?", help="a file, or - for what is typed in")
    given = parser.parse_args()
    if given.input == "-":
        data = json.load(sys.stdin)
    else:
        with open(given.input or recorded(), encoding="utf-8") as file:
            data = json.load(file)
    json.dump(as_json(load().predict(as_input(data))), sys.stdout)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
