"""Make models of earlier years, each by an environment of its time, in the current folder."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from modelenv.base.settings import Settings
from modelenv.environments.errors import PythonMissingError
from modelenv.environments.interpreter import Python
from modelenv.environments.pythons.discovery import find

OF_2021 = """\
import json, pickle
from sklearn.datasets import make_regression
from sklearn.ensemble import RandomForestRegressor

X, y = make_regression(60, 4, random_state=0)
model = RandomForestRegressor(n_estimators=5, random_state=0).fit(X, y)
for place in ("forest.pkl", "model.pkl", "churn_2021/model.pkl"):
    pickle.dump(model, open(place, "wb"))
json.dump(X[:5].tolist(), open("rows.json", "w"))
"""
MLMODEL = """\
flavors:
  python_function:
    env: conda.yaml
    loader_module: mlflow.sklearn
    model_path: model.pkl
    python_version: 3.9.18
  sklearn:
    pickled_model: model.pkl
    serialization_format: pickle
    sklearn_version: 1.0.2
utc_time_created: '2022-01-10 09:30:00.000000'
"""
CONDA = """\
channels: [conda-forge]
dependencies: [python=3.9.18, pip, pip: [mlflow, scikit-learn==1.0.2]]
"""
OF_2024 = """\
import warnings, modelenv
from sklearn.datasets import make_classification
from sklearn.ensemble import AdaBoostClassifier
from shares import Shares

warnings.simplefilter("ignore")
X, y = make_classification(80, 5, random_state=0)
model = Shares(AdaBoostClassifier(n_estimators=5, random_state=0).fit(X, y))
modelenv.save_model(model, "ada_model", input_example=X[:6])
"""
SHARES = """\
class Shares:
    def __init__(self, inner):
        self.inner = inner

    def predict(self, rows):
        return self.inner.predict_proba(rows)
"""
PINS_OF_2021 = ["scikit-learn==1.0.2", "numpy==1.21.6", "scipy==1.11.4", "joblib==1.5.3"]
PINS_OF_2024 = [
    *("scikit-learn==1.4.1.post1", "numpy==1.26.4", "scipy==1.12.0", "joblib==1.3.2"),
    *("threadpoolctl==3.3.0", "pandas==2.2.1", "pytz==2024.1", "python-dateutil==2.8.2"),
    *("tzdata==2024.1", "six==1.16.0", "cloudpickle==3.0.0"),
]
TODAY = "scikit-learn==1.7.2\nnumpy==2.2.6\nscipy==1.15.3\njoblib==1.5.3\nthreadpoolctl==3.6.0\n"


def environment(name: str, version: str, *words: str) -> str:
    """Make an environment with a Python of a version, and return its interpreter."""
    base = find(version, Python.current(), Settings.from_environment())
    subprocess.run(["uv", "venv", "-q", "--no-project", "-p", base.executable, name], check=True)
    python = str(Path(name, "bin", "python").absolute())
    subprocess.run(["uv", "pip", "install", "-q", "-p", python, *words], check=True)
    return python


root = sys.argv[1]
try:
    of_2021 = environment(".of-2021", "3.9", *PINS_OF_2021)
    of_2024 = environment(".of-2024", "3.11", "-e", root, *PINS_OF_2024)
except PythonMissingError as error:
    print(error)
    sys.exit(77)

Path("churn_2021").mkdir()
subprocess.run([of_2021, "-c", OF_2021], check=True)
Path("churn_2021", "MLmodel").write_text(MLMODEL)
Path("churn_2021", "conda.yaml").write_text(CONDA)
Path("churn_2021", "requirements.txt").write_text("mlflow\nscikit-learn==1.0.2\n")
Path("requirements.txt").write_text("scikit-learn==1.0.2\n")
Path("forest.txt").write_text("\n".join(PINS_OF_2021))
revive = ["revive", "-m", "forest.pkl", "-r", "forest.txt", "-i", "rows.json", "--python", "3.9"]
revive += ["--as-of", "2026-06-30", "-o", "forest_model"]
subprocess.run([sys.executable, "-m", "modelenv", *revive], check=True)
Path("shares.py").write_text(SHARES)
subprocess.run([of_2024, "-c", OF_2024], check=True)
subprocess.run([of_2024, Path(root, "tests", "documents", "worlds", "churn_model.py")], check=True)
for copied in ("churn_retrained", "march"):
    shutil.copytree("churn_model", copied)
subprocess.run([sys.executable, "-m", "modelenv", "lock", "-m", "march"], check=True)
Path("today.txt").write_text(TODAY)
