"""Load a pickled model and its example, predict, write the prediction in a comparable form.

Run by path with `-I` in the interpreter that is asked; needs the standard library alone. The
answer is a JSON file: the prediction and the files of the modules that were loaded, or the stage
that failed, with the error. What the model prints does not matter.
"""

from __future__ import annotations

import argparse
import json
import pickle
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--example", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--path", action="append", default=[], help="put first on sys.path")
    given = parser.parse_args()
    sys.path[:0] = given.path
    given.output.write_text(json.dumps(_answer(given.model, given.example)), "utf-8")


def _answer(model_file: Path, example_file: Path) -> dict[str, object]:
    stage = "load the model"
    try:
        model = pickle.loads(model_file.read_bytes())
        stage = "load the example"
        example = pickle.loads(example_file.read_bytes())
        stage = "predict"
        predict = model.predict if hasattr(model, "predict") else model
        prediction = comparable(predict(example))
    except Exception as error:  # noqa: BLE001 - whatever the model raises is the answer
        return {"failed": {"stage": stage, "error": f"{type(error).__name__}: {error}"}}
    loaded = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    return {"prediction": prediction, "loaded": sorted(file for file in loaded if file)}


def comparable(value: object) -> object:
    """Return `value` as JSON can hold it; what JSON has no word for carries its type's name."""
    if value is None or type(value) in (bool, int, float, str):
        return value
    if type(value) is list:
        return [comparable(item) for item in value]
    name = f"{type(value).__module__}.{type(value).__qualname__}"
    if type(value) is tuple:
        return {"type": name, "values": [comparable(item) for item in value]}
    if type(value) is dict:
        items = [[comparable(key), comparable(item)] for key, item in value.items()]
        return {"type": name, "items": items}
    return {"type": name, **_described(value)}


def _described(value: Any) -> dict[str, object]:
    """Describe an array, a frame or a series by its own methods, so nothing is imported here."""
    if hasattr(value, "to_dicts"):  # a polars frame
        schema = {column: str(dtype) for column, dtype in value.schema.items()}
        return {"schema": schema, "values": comparable(value.to_dicts())}
    if hasattr(value, "dtypes") and hasattr(value, "columns"):  # a pandas frame
        schema = {str(column): str(dtype) for column, dtype in value.dtypes.items()}
        rows = value.to_dict(orient="split")
        return {"schema": schema, "values": comparable([rows["index"], rows["data"]])}
    if hasattr(value, "dtype") and hasattr(value, "tolist"):  # an array, a series, a numpy scalar
        index = value.index.tolist() if hasattr(value, "index") else None
        held = {"dtype": str(value.dtype), "shape": list(value.shape)}
        return {**held, "index": comparable(index), "values": comparable(value.tolist())}
    raise TypeError(f"no comparable form for {type(value)}")


if __name__ == "__main__":
    main()
