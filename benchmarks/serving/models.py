"""One model, saved for each of the servers, and what they are asked."""

from __future__ import annotations

import json
import random
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ..results.timing import environment

COLUMNS = [f"feature_{number}" for number in range(30)]

_TRAIN = """
import sys
import numpy, pandas
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
kind, target = sys.argv[1:]
random = numpy.random.default_rng(0)
columns = [f"feature_{number}" for number in range(30)]
X = pandas.DataFrame(random.normal(size=(1000, 30)), columns=columns)
y = X.to_numpy() @ numpy.arange(30) + random.normal(size=1000)
model = LinearRegression()
if kind == "pipeline":
    model = make_pipeline(StandardScaler(), model)
model.fit(X, y)
"""
_SAVE = {
    "modelenv": "import modelenv; modelenv.save_model(model, target, input_example=X[:5])",
    "mlflow": "import mlflow.sklearn; mlflow.sklearn.save_model(model, target, input_example=X[:5],"
    " serialization_format='cloudpickle')",
    "mlserver": "import joblib, os; os.mkdir(target); joblib.dump(model, target + '/model.joblib')",
}


def save(python: str, tool: str, kind: str, target: Path) -> None:
    """Train the model in an interpreter, the same in each, and save it as a tool does."""
    script = target.with_name(f"save_{target.name}.py")
    script.write_text(_TRAIN + _SAVE[tool])
    line = [python, str(script), kind, str(target)]
    subprocess.run(
        line, env=environment(), cwd=target.parent, check=True, stderr=subprocess.DEVNULL
    )


@dataclass(frozen=True, slots=True)
class Question:
    """A request, whole."""

    path: str
    body: bytes

    @property
    def raw(self) -> bytes:
        """Its bytes, as they are sent."""
        head = f"POST {self.path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        return f"{head}Content-Length: {len(self.body)}\r\n\r\n".encode() + self.body


def _row() -> list[float]:
    chance = random.Random(1)
    return [chance.gauss(0, 1) for _ in COLUMNS]


def of_mlflow(path: str = "/invocations") -> Question:
    """Return the row in MLflow's scoring protocol."""
    told = {"dataframe_split": {"columns": COLUMNS, "data": [_row()]}}
    return Question(path, json.dumps(told).encode())


def of_inference_protocol(path: str) -> Question:
    """Return the row in version 2 of the Open Inference Protocol: a tensor for each column."""
    tensors = [
        {"name": name, "shape": [1, 1], "datatype": "FP64", "data": [cell]}
        for name, cell in zip(COLUMNS, _row(), strict=True)
    ]
    told = {"parameters": {"content_type": "pd"}, "inputs": tensors}
    return Question(path, json.dumps(told).encode())
