"""Twelve real models: saved, moved, their sources deleted, and the same prediction elsewhere.

The light ones run in a replica here; the heavy ones, and every fresh environment, are slow: they
need the libraries, and an installer that reaches an index.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import modelenv
from modelenv.base.settings import Settings

SAVE = """
import modelenv
modelenv.save_model(model, "saved", input_example=example, artifacts=artifacts)
"""


@dataclass(frozen=True)
class Real:
    """A script that makes `model` and `example`, and what else it needs."""

    source: str
    needs: tuple[str, ...] = ()
    """Modules that have to be installed for it."""
    pins: tuple[str, ...] = ()
    """Distributions that have to be among the pins."""
    files: dict[str, str] = field(default_factory=dict)
    heavy: bool = False
    script: str = "train.py"
    command: tuple[str, ...] = ("train.py",)
    folder: str = "."
    """Where the command runs."""


DATA = """
import numpy
features = numpy.random.default_rng(0).normal(size=(60, 3))
target = features @ [1.0, -2.0, 0.5]
kinds = (target > 0).astype(int)
example = features[:4]
"""

REAL = {
    "scikit-learn": Real(
        DATA
        + """
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
model = make_pipeline(StandardScaler(), RandomForestClassifier(5, random_state=0))
model.fit(features, kinds)
""",
        needs=("sklearn",),
        pins=("scikit-learn", "numpy", "scipy"),
    ),
    "xgboost": Real(
        DATA
        + """
from xgboost import XGBClassifier
model = XGBClassifier(n_estimators=3).fit(features, kinds)
""",
        needs=("xgboost", "sklearn"),
        pins=("xgboost-cpu", "numpy"),
        heavy=True,
    ),
    "lightgbm": Real(
        DATA
        + """
from lightgbm import LGBMRegressor
model = LGBMRegressor(n_estimators=3, min_child_samples=2, verbose=-1).fit(features, target)
""",
        needs=("lightgbm", "sklearn"),
        pins=("lightgbm", "numpy"),
        heavy=True,
    ),
    "statsmodels": Real(
        DATA
        + """
import statsmodels.api as sm
model = sm.OLS(target, features).fit()
""",
        needs=("statsmodels",),
        pins=("statsmodels", "numpy"),
        heavy=True,
    ),
    "a class of tables": Real(
        """
import pandas as pd

class Model:
    def __init__(self, means):
        self.means = means
    def predict(self, table):
        return table.assign(mean=table["kind"].map(self.means), wide=table["x"] * 2)

example = pd.DataFrame({"kind": ["a", "b", "a"], "x": [1.5, 2.5, None]})
model = Model(pd.Series({"a": 1.0, "b": 2.0}))
""",
        needs=("pandas",),
        pins=("pandas", "numpy"),
    ),
    "polars": Real(
        """
import polars as pl

class Model:
    def predict(self, table):
        return table.group_by("kind").agg(pl.col("x").sum()).sort("kind")

example = pl.DataFrame({"kind": ["a", "b", "a"], "x": [1, 2, 3]})
model = Model()
""",
        needs=("polars",),
        pins=("polars",),
        heavy=True,
    ),
    "onnxruntime with a file": Real(
        DATA
        + """
from sklearn.linear_model import LinearRegression
from skl2onnx import to_onnx

fitted = LinearRegression().fit(features, target)
with open("model.onnx", "wb") as file:
    file.write(to_onnx(fitted, features[:1].astype("float32")).SerializeToString())

class Model:
    def load_context(self, context):
        import onnxruntime
        self.session = onnxruntime.InferenceSession(context.artifacts["onnx"])
    def predict(self, context, model_input):
        data = model_input.astype("float32")
        return self.session.run(None, {"X": data})[0]

model = Model()
artifacts = {"onnx": "model.onnx"}
""",
        needs=("onnxruntime", "skl2onnx"),
        pins=("onnxruntime",),
        heavy=True,
    ),
    "torch with a state dict": Real(
        """
import torch

torch.manual_seed(0)
network = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 1))
torch.save(network.state_dict(), "weights.pt")

class Model:
    def load_context(self, context):
        import torch
        nn = torch.nn
        self.network = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
        self.network.load_state_dict(torch.load(context.artifacts["weights"], weights_only=True))
    def predict(self, context, model_input):
        import torch
        with torch.no_grad():
            return self.network(torch.tensor(model_input)).tolist()

model = Model()
example = [[1.0, 2.0, 3.0]]
artifacts = {"weights": "weights.pt"}
""",
        needs=("torch",),
        pins=("torch",),
        heavy=True,
    ),
    "nltk with data files": Real(
        """
import os

os.makedirs("nltk_data/corpora/stopwords")
with open("nltk_data/corpora/stopwords/english", "w") as file:
    file.write("the\\na\\nof\\n")

class Model:
    def load_context(self, context):
        import nltk
        nltk.data.path.insert(0, context.artifacts["data"])
    def predict(self, context, model_input):
        from nltk.corpus import stopwords
        from nltk.stem import PorterStemmer
        stop, stem = set(stopwords.words("english")), PorterStemmer()
        return [[stem.stem(word) for word in line.split() if word not in stop]
                for line in model_input]

model = Model()
example = ["the running of a model", "connected connections"]
artifacts = {"data": "nltk_data"}
""",
        needs=("nltk",),
        pins=("nltk",),
        heavy=True,
    ),
    "lazy imports": Real(
        """
class Model:
    def predict(self, data):
        import importlib
        packaging = importlib.import_module("packaging.version")
        import yaml
        return [str(packaging.Version(each)) for each in yaml.safe_load(data)]

model = Model()
example = "['1.0', '2.0rc1']"
""",
        needs=("packaging", "yaml"),
        pins=("packaging", "pyyaml"),
    ),
    "joblib workers": Real(
        """
from joblib import Parallel, delayed
from steps import step

class Model:
    def predict(self, data):
        return Parallel(n_jobs=2)(delayed(step)(each) for each in data)

model = Model()
example = ["1.0", "2.0"]
""",
        needs=("joblib", "packaging"),
        pins=("joblib", "packaging"),
        heavy=True,
        files={
            "steps.py": """
            def step(text):
                from packaging.version import Version
                return Version(text).major
            """
        },
    ),
    "a src layout": Real(
        """
from .model import Model

model = Model()
example = ["a", "b"]
artifacts = {}
""",
        files={
            "src/shop/__init__.py": "",
            "src/shop/rules/__init__.py": "from .words import table\n",
            "src/shop/rules/words.py": """
            import json
            from importlib.resources import files

            def table():
                return json.loads(files("shop").joinpath("words.json").read_text())
            """,
            "src/shop/words.json": '{"a": 1, "b": 2}',
            "src/shop/model.py": """
            class Model:
                def predict(self, data):
                    from .rules import table
                    return [table()[each] for each in data]
            """,
        },
        script="src/shop/train.py",
        command=("-m", "shop.train"),
        folder="src",
    ),
}

Saved = Callable[[str], Path]


@pytest.fixture(autouse=True)
def temporary() -> None:
    """Let libraries leave what they like in the folder for temporary files: some do."""


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Saved:
    """Save a model once, in a process of its own; all that it was made of is gone afterwards."""
    known: dict[str, Path] = {}

    def save(name: str) -> Path:
        real = REAL[name]
        for module in real.needs:
            if importlib.util.find_spec(module) is None:
                pytest.skip(f"{module} is not installed")
        if name not in known:
            root = tmp_path_factory.mktemp("real")
            project = root / "project"
            for file, text in {**real.files, real.script: _script(real)}.items():
                (project / file).parent.mkdir(parents=True, exist_ok=True)
                (project / file).write_text(textwrap.dedent(text))
            folder = project / real.folder
            command = [sys.executable, "-W", "ignore", *real.command]
            ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            assert ended.returncode == 0, ended.stderr[-4000:]
            known[name] = Path(shutil.move(folder / "saved", root / "moved"))
            shutil.rmtree(project)
        return known[name]

    return save


def _script(real: Real) -> str:
    prepared = "" if "artifacts =" in real.source else "\nartifacts = {}"
    return f"{real.source}{prepared}{SAVE}"


def _each() -> list[object]:
    """List the models by name; those that take long are marked."""
    return [
        pytest.param(name, marks=pytest.mark.slow) if real.heavy else name
        for name, real in REAL.items()
    ]


@pytest.mark.parametrize("name", _each())
def test_it_predicts_the_same_in_a_replica(name: str, saved: Saved) -> None:
    verdict = modelenv.verify(saved(name), env_manager="replica")
    assert verdict.status == "reproduces", verdict.detail or verdict.reason


@pytest.mark.parametrize("name", _each())
def test_what_it_imports_is_pinned(name: str, saved: Saved) -> None:
    lines = (saved(name) / "requirements.txt").read_text().splitlines()
    pinned = {line.partition("==")[0].partition(" ")[0] for line in lines}
    assert set(REAL[name].pins) <= pinned


@pytest.mark.slow
@pytest.mark.parametrize("name", list(REAL))
def test_it_predicts_the_same_in_a_fresh_environment(name: str, saved: Saved) -> None:
    manager = "uv" if Settings.from_environment().uv else "virtualenv"
    verdict = modelenv.verify(saved(name), env_manager=manager)  # type: ignore[arg-type]
    assert verdict.status == "reproduces", verdict.detail or verdict.reason


LOAD = """
import sys
sys.path.insert(0, sys.argv[1] + "/code")
from modelenv_pyfunc_loader import load_model
print(load_model(sys.argv[1]).predict(["a", "b"]))
"""


def test_it_is_loaded_without_modelenv(saved: Saved) -> None:
    folder = saved("a src layout")
    environment = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    command = [sys.executable, "-I", "-S", "-c", LOAD, str(folder)]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[1, 2]"
