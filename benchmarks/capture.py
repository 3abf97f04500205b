"""How long does saving take, against the prediction alone and against MLflow?

    python -m benchmarks capture [--runs N] [--mlflow PYTHON]

The floor is a fresh interpreter that unpickles the model and predicts on the example. The others
are a process that has the model loaded already; timed is what it does from the import of the tool
to the end of the save. PYTHON is an interpreter with MLflow and the same scikit-learn installed.
"""

from __future__ import annotations

import argparse
import itertools
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from .timing import environment, interleave, table

TRAIN = """
import pickle, sys
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
X, y = load_breast_cancer(return_X_y=True)
model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
pickle.dump((model, X[:5]), open(sys.argv[1], "wb"))
"""

FLOOR = """
import pickle, sys
model, example = pickle.load(open(sys.argv[1], "rb"))
model.predict(example)
"""

MODELENV = """
import pickle, sys, time
model, example = pickle.load(open(sys.argv[1], "rb"))
model.predict(example)
began = time.perf_counter()
import modelenv
modelenv.save_model(model, sys.argv[2], input_example=example, prove=sys.argv[3] == "prove")
print(f"seconds={time.perf_counter() - began}")
"""

MLFLOW = """
import pickle, sys, time
model, example = pickle.load(open(sys.argv[1], "rb"))
model.predict(example)
began = time.perf_counter()
import mlflow.sklearn
mlflow.sklearn.save_model(model, sys.argv[2], input_example=example)
print(f"seconds={time.perf_counter() - began}")
"""


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks capture", description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--mlflow", metavar="PYTHON", help="an interpreter that has MLflow")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        pickle = str(Path(folder, "model.pkl"))
        subprocess.run([sys.executable, "-c", TRAIN, pickle], env=environment(), check=True)
        fresh = (str(Path(folder, f"saved-{number}")) for number in itertools.count())

        def save(script: str, python: str, *further: str) -> Callable[[], list[str]]:
            return lambda: [python, "-c", script, pickle, next(fresh), *further]

        commands = {
            "floor: load and predict": lambda: [sys.executable, "-c", FLOOR, pickle],
            "modelenv, without proof": save(MODELENV, sys.executable, "unproven"),
            "modelenv, with proof": save(MODELENV, sys.executable, "prove"),
        }
        if options.mlflow:
            commands["MLflow"] = save(MLFLOW, options.mlflow)
        results = interleave(commands, options.runs)
    print(f"Python {platform.python_version()}, medians of {options.runs} interleaved runs\n")
    print(table(results, "floor: load and predict"))
    return 0
