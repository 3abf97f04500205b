"""Predict by MLflow's own loader: ``predict_mlflow.py MODEL EXAMPLE ANSWER``."""

from __future__ import annotations

import json
import pickle
import sys
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "running"))
from predict_in import comparable

del sys.path[0]

_, folder, example, answer = sys.argv
model = import_module("mlflow.pyfunc").load_model(folder)
predicted = model.predict(pickle.loads(Path(example).read_bytes()))
try:
    value = comparable(predicted)
except TypeError:  # it holds what JSON has no word for, a date say
    value = repr(predicted)
Path(answer).write_text(json.dumps({"value": value}), "utf-8")
