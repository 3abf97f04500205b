"""Shared parts of the makers: rows to fit on, and the files beside a model.

Runs under Python 3.6 and newer, in an environment of the model's time.
"""

import json
import os

import numpy as np

ROWS = 200


def numbers(columns=4, rows=ROWS):
    """Return an array of (`rows`, `columns`) floats: the same under every numpy."""
    return np.random.RandomState(0).normal(size=(rows, columns)).round(3)


def customers(rows=ROWS):
    """Return a frame of customers, of strings, integers and floats, and who of them left."""
    import pandas as pd

    random = np.random.RandomState(0)
    frame = pd.DataFrame(
        {
            "age": random.randint(18, 80, rows),
            "income": random.normal(40000, 9000, rows).round(2),
            "plan": random.choice(["basic", "family", "business"], rows),
        }
    )
    left = (frame["age"] < 40) & (frame["plan"] != "business") | (frame["income"] > 50000)
    return frame, left.astype(int)


def write_json(folder, name, value):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(json.dumps(value, indent=1, sort_keys=True))


def record(folder, data, prediction):
    """Write an input, as MLflow's `predict` reads it, and the prediction on it."""
    if hasattr(data, "columns"):
        split = json.loads(data.to_json(orient="split"))
        keys = {"dataframe_split": {"columns": split["columns"], "data": split["data"]}}
    else:
        keys = {"inputs": np.asarray(data).tolist()}
    write_json(folder, "input.json", keys)
    if hasattr(prediction, "to_json"):
        orient = {"orient": "records"} if hasattr(prediction, "columns") else {"orient": "values"}
        prediction = json.loads(prediction.to_json(**orient))
    elif hasattr(prediction, "tolist"):
        prediction = prediction.tolist()
    write_json(folder, "prediction.json", {"predictions": prediction})


def record_mlflow(folder, data):
    """Record what the folder `model` of MLflow's predicts on `data`, by MLflow itself."""
    import mlflow.pyfunc

    record(folder, data, mlflow.pyfunc.load_model(os.path.join(folder, "model")).predict(data))
