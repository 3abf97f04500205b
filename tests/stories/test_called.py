"""Packages called during prediction are told from those only looked at."""

from __future__ import annotations

import importlib
import os
import pickle
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import modelenv
import resolver
from modelenv.base.settings import Settings
from modelenv.folder import loader
from modelenv.folder.documents.trace_file import TraceFile
from modelenv.save.inputs import UserRequirements
from modelenv.save.observe.capture import capture_there
from modelenv.save.pinning import attribute
from modelenv.worker.job import Material

from ..tracer.conftest import interpreter

LIBRARY = """
import kiln_fast, kiln_frame

class Model:
    def predict(self, data):
        if isinstance(data, kiln_frame.Frame) or kiln_frame.option:
            return None
        return [kiln_fast.scale(each) for each in data]
"""
FAST = """
def scale(value):
    return value * 2
"""
FRAME = """
class Meta(type):
    def __instancecheck__(cls, value):
        return made_of(value)

class Frame(metaclass=Meta):
    pass

def made_of(value):
    return False

def __getattr__(name):
    return made_of(name)
"""
SPREAD = """
import numpy, pandas
class Spread:
    def predict(self, rows):
        return [float(pandas.Series(numpy.asarray(rows, "float32")).std())]
"""


def attributed(
    python: Path, model: bytes, example: object, folder: Path, code: Mapping[str, str] | None = None
) -> dict[str, resolver.Attributed]:
    """Capture a pickled model and return the distributions that were seen, by name."""
    (folder / "model.pkl").write_bytes(model)
    (folder / "input.pkl").write_bytes(pickle.dumps(example))
    for name, text in (code or {}).items():
        (folder / name).write_text(text)
    material = Material(
        model=folder / "model.pkl",
        loader=Path(loader.__file__),
        input={"type": "pickle", "file": str(folder / "input.pkl")},
        code=(folder,),
    )
    settings = Settings.from_environment()
    captured = capture_there(material, folder / "prediction", python, settings, timeout=300)
    installed = captured.python.installed()
    found, _ = attribute(captured, UserRequirements(), installed, carries_code=False)
    return {each.distribution.name: each for each in found.distributions}


def test_what_is_called_and_what_is_looked_at(site, tmp_path: Path, python: Path) -> None:
    if python.parent.parent.name.startswith(("3.8", "3.9")):
        pytest.skip("environments of that age are seen by the tracer's own tests")
    root = tmp_path / "other"
    subprocess.run([str(python), "-m", "venv", "--without-pip", str(root)], check=True)
    (folder,) = root.glob("lib/*/site-packages")
    there = type(site)(folder)
    there.install("kiln", {"kiln.py": LIBRARY})
    there.install("kiln-fast", {"kiln_fast.py": FAST})
    there.install("kiln-frame", {"kiln_frame.py": FRAME})
    found = attributed(root / "bin" / "python", b"ckiln\nModel\n(tR.", [1, 2], tmp_path)
    assert {name: each.kind for name, each in found.items()} == {
        "kiln": "direct",
        "kiln-fast": "optional",
        "kiln-frame": "optional",
    }
    assert str(found["kiln-fast"].called) == "kiln.py:8"
    assert found["kiln-frame"].called is None


def test_calls_of_the_second_prediction_are_told_of_a_model_in_this_process(
    own_site, target: Path
) -> None:
    own_site.install("kiln", {"kiln.py": LIBRARY})
    own_site.install("kiln-fast", {"kiln_fast.py": FAST})
    own_site.install("kiln-frame", {"kiln_frame.py": FRAME})
    model = importlib.import_module("kiln").Model()
    modelenv.save_model(model, target, input_example=[1], trace_in_process=True, prove=False)
    imports = TraceFile.read(target).imports
    called = {each["name"]: each.get("importer") for each in imports if each["how"] == "called"}
    assert called["kiln_fast"] == "kiln"
    assert "kiln_frame" not in called


def test_pandas_is_not_called_where_scikit_learn_predicts_on_arrays(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    linear_model = pytest.importorskip("sklearn.linear_model")
    features = [[0.0], [1.0], [2.0]]
    model = linear_model.LogisticRegression().fit(features, [0, 0, 1])
    found = attributed(Path(sys.executable), pickle.dumps(model), features, tmp_path)
    assert found["pandas"].kind == "optional"
    assert found["pandas"].called is None
    assert found["scikit-learn"].called is not None
    assert found["numpy"].called is not None


@pytest.mark.slow
@pytest.mark.parametrize("version", ["3.10", "3.12"])
def test_bottleneck_is_called_by_pandas(version: str, tmp_path: Path, uv: str) -> None:
    base = interpreter(version)
    if base is None:
        pytest.skip(f"Python {version} is not installed")
    root = tmp_path / "other"
    kept = {k: v for k, v in os.environ.items() if k not in {"VIRTUAL_ENV", "UV_PYTHON"}}
    python = root / "bin" / "python"
    pins = ["bottleneck==1.4.1", "numpy==1.26.4", "pandas==2.2.3", "numexpr==2.10.2"]
    for command in (
        ["venv", "-q", "--python", str(base), str(root)],
        ["pip", "install", "-q", "--python", str(python), *pins],
    ):
        subprocess.run([uv, *command], check=True, env=kept)
    model = b"cspread\nSpread\n(tR."
    found = attributed(python, model, [1.0, 2.0, 4.5], tmp_path, {"spread.py": SPREAD})
    assert str(found["bottleneck"].called).startswith("pandas/core/nanops.py:")
    assert found["bottleneck"].kind == "optional"
    assert found["numexpr"].called is None


ASKER = """
try:
    import quick
except ImportError:
    quick = None

def total(values):
    return quick.total(values) if quick else sum(values)
"""
QUICK = "def total(values):\n    return sum(values)\n"


@pytest.mark.parametrize("compiled", [False, True])
def test_what_was_called_is_left_out_with_a_word_or_kept_where_it_is_compiled(
    own_site: Any, project: Any, target: Path, compiled: bool
) -> None:
    own_site.install("asker", {"asker.py": ASKER})
    files = {"quick/__init__.py": QUICK} | ({"quick/_fast.so": ""} if compiled else {})
    own_site.install("quick", files)
    model = project.model("import asker; return asker.total(data)")
    account = modelenv.save_model(model, target, input_example=[1, 2])
    said = [note for note in account.notes if note.startswith("called while predicting")]
    if compiled:
        assert account.pins == ("asker==1.0", "quick==1.0")
        assert account.reasons["quick"] == "called while predicting (asker.py:8)"
        assert said == []
    else:
        assert account.pins == ("asker==1.0",)
        assert "quick (by asker.py:8); further_examples= with other inputs" in said[0]
