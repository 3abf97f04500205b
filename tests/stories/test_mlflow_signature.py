"""The signature is MLflow's own, and MLflow predicts with it. Slow: it needs real MLflow.

MODELENV_MLFLOW names interpreters that have it, separated by the system's path separator.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import modelenv
from modelenv.folder.model_folder import ModelFolder
from modelenv.table.schema import infer
from modelenv.table.signature import _parts
from modelenv.worker import values

PYTHONS = [path for path in os.environ.get("MODELENV_MLFLOW", "").split(os.pathsep) if path]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHONS, reason="MODELENV_MLFLOW names no interpreter"),
    pytest.mark.parametrize("python", PYTHONS),
]

# Made here, and by MLflow's interpreter of its own libraries.
TABLES = """
{
"numbers": pd.DataFrame({
    "a": [1.5, np.nan], "b": [1, 2], "c": np.array([1, 2], "i4"), "d": np.array([1, 2], "i1"),
    "e": np.array([1, 2], "f2"), "f": np.array([1, 2], "f4"), "g": [True, False]}),
"unsigned": pd.DataFrame({"a": np.array([1, 2], "u4"), "b": np.array([1, 2], "u2")}),
"uint64": pd.DataFrame({"a": np.array([1, 2], "u8")}),
"complex": pd.DataFrame({"a": [1j]}),
"texts": pd.DataFrame({"a": ["x", None], "b": ["x", "y"]}),
"objects": pd.DataFrame({"a": pd.Series(["x", None], dtype=object), "b": [b"x", b"y"]}),
"string": pd.DataFrame({"a": pd.Series(["x", None], dtype="string")}),
"masked": pd.DataFrame({
    "a": pd.array([1, None], dtype="Int64"), "c": pd.array([1, 2], dtype="Int8"),
    "b": pd.array([True, None], dtype="boolean"), "d": pd.array([1.5, None], dtype="Float32")}),
"category": pd.DataFrame({"a": pd.Categorical(["x", "y"]), "b": pd.Categorical([1, 2]),
    "c": pd.Categorical([1.5, None])}),
"times": pd.DataFrame({"a": pd.to_datetime(["2020-01-01", None])}),
"zoned": pd.DataFrame({"a": pd.to_datetime(["2020-01-01"]).tz_localize("Europe/Amsterdam")}),
"durations": pd.DataFrame({"a": pd.to_timedelta(["1 days"])}),
"dates": pd.DataFrame({"a": [datetime.date(2020, 1, 1)]}),
"decimals": pd.DataFrame({"a": [decimal.Decimal("1.5")]}),
"whole": pd.DataFrame({
    "a": pd.Series([1, 2], dtype=object), "b": pd.Series([1, None], dtype=object)}),
"mixed": pd.DataFrame({"a": pd.Series([1, "a"], dtype=object)}),
"nothing": pd.DataFrame({"a": pd.Series([None, None], dtype=object)}),
"lists": pd.DataFrame({"a": [[1, 2], [3]], "b": [np.array([1.0]), np.array([2.0])]}),
"dicts": pd.DataFrame({"a": [{"x": 1, "y": "s"}, {"x": 2}]}),
"numbered": pd.DataFrame([[1.0, 2]]),
"pairs": pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])),
"empty": pd.DataFrame({"a": pd.Series([], dtype="float64")}),
"array": np.zeros((3, 4)), "vector": np.arange(3), "strings": np.array(["a", "bc"]),
"instants": np.array(["2020-01-01"], "M8[s]"), "big-endian": np.zeros(2, ">f4"),
"arrays": {"x": np.zeros((2, 3)), "y": np.arange(2)}, "sparse": scipy.sparse.csr_matrix(np.eye(2)),
}
"""
OTHERS = """
{
"twice": pd.DataFrame([[1, 2]], columns=["a", "a"]),
"series": pd.Series([1.5, 2], name="p"), "nameless": pd.Series([1, 2]),
"gap": pd.Series([1.5, None]), "named gap": pd.Series([1.5, None], name="q"),
"0-d": np.array(3.0), "objects": np.array([{"a": 1}], object), "bytes": np.array([b"a"]),
"dict": {"x": [1, 2], "y": "s", "z": None, "n": {"k": 1.5}}, "number": {"a": 1},
"mixed arrays": {"x": np.zeros((2, 3)), "y": 1}, "nan": {"a": float("nan")}, "empty": {},
"records": [{"a": 1, "b": "x"}, {"a": 2, "b": None}, {"a": 3}], "list": [1, 2],
"floats": [1.5, float("nan")], "texts": ["a", "b"], "lists": [[1, 2], [3]], "no items": [],
"no items in one": [[]], "two kinds": [1, 2.5], "none": [None, 1], "truths": [True],
"scalars": [np.float64(1.5), np.float64(2)], "arrays": [np.zeros(2), np.zeros(2)],
"raw": [b"x"], "text": "text", "int": 3, "float": 1.5, "true": True, "scalar": np.float32(1),
"small": np.int8(1), "byte": b"x", "tuple": (1, 2), "set": {1}, "inf": [float("inf")],
"deep": {"a": [{"x": 1}, {"x": 2, "y": [1]}]},
}
"""
IMPORTS = "import datetime, decimal, numpy as np, pandas as pd, scipy.sparse\n"
INFER = """
import json, logging, sys
from mlflow.models import infer_signature
logging.disable(logging.CRITICAL)
made = eval(sys.stdin.read())
inferred = {name: infer_signature(value).to_dict() for name, value in made.items()}
print(json.dumps({name: told["inputs"] for name, told in inferred.items()}))
"""
PREDICT = """
import json, sys
import mlflow
made = eval(sys.stdin.read())
for name, value in made.items():
    model = mlflow.pyfunc.load_model(sys.argv[1] + "/" + name)
    assert model.predict(value) == [type(value).__name__], name
"""
MODEL = """
class Model:
    def predict(self, data):
        return [type(data).__name__]
model = Model()
"""


def run(python: str, code: str, text: str, *arguments: object) -> str:
    command = [python, "-W", "ignore", "-c", IMPORTS + code, *map(str, arguments)]
    ended = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
    return ended.stdout


def made(text: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(IMPORTS, names)
    values: dict[str, Any] = eval(text, names)
    return values


def release(python: str) -> tuple[int, ...]:
    said = run(python, "import mlflow; print(mlflow.__version__)", "")
    return tuple(int(part) for part in said.split(".")[:2])


@pytest.mark.parametrize("text", [TABLES, OTHERS], ids=["tables", "others"])
def test_a_value_has_the_schema_that_mlflow_infers(text: str, python: str, tmp_path: Path) -> None:
    if release(python) < (3, 0):
        pytest.skip("it inferred otherwise")
    theirs = json.loads(run(python, INFER, text).splitlines()[-1])
    for form in ("json", "buffers"):
        for name, value in made(text).items():
            described = values.write(value, str(tmp_path / name), forms=(form, "buffers"))
            parts = _parts(described)
            assert parts is not None
            assert json.loads(json.dumps(infer(*parts))) == json.loads(theirs[name]), (name, form)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, bool]:
    """Save a model for each table; tell of each whether only MLflow since 2.19 reads it."""
    root = tmp_path_factory.mktemp("saved")
    script = root / "script.py"
    script.write_text(MODEL)
    found = {}
    for name, value in made(TABLES).items():
        account = modelenv.save_model(script, root / name, input_example=value, prove=False)
        found[root / name] = any("MLflow before" in note for note in account.notes)
    return found


def test_mlflow_predicts_on_the_example_with_the_signature_in_place(
    python: str, saved: dict[Path, bool]
) -> None:
    """What a release before 2.19 cannot read is noted in the account: it is left out there."""
    new = release(python) >= (2, 19)
    kept = [folder.name for folder, noted in saved.items() if new or not noted]
    assert len(kept) > 10
    told = f"{{name: value for name, value in ({TABLES.strip()}).items() if name in {kept!r}}}"
    run(python, PREDICT, told, next(iter(saved)).parent)


def test_a_typed_frame_is_checked_by_mlflow(python: str, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(MODEL)
    frame = pd.DataFrame({"a": [1.5, 2.5], "n": np.array([1, 2], "i4")})
    modelenv.save_model(script, tmp_path / "model", input_example=frame, prove=False)
    assert ModelFolder.open(tmp_path / "model").document["signature"]["inputs"]
    refused = """
import sys, mlflow
model = mlflow.pyfunc.load_model(sys.argv[1])
try:
    model.predict(pd.DataFrame({"a": [1.5]}))
except mlflow.MlflowException as error:
    assert "missing inputs ['n']" in str(error), error
else:
    raise AssertionError
"""
    run(python, refused, "", tmp_path / "model")
