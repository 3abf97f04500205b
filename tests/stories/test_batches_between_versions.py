"""Batches are exact between releases of numpy and pandas, both ways. Slow: it installs them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import uv

import modelenv

pytestmark = pytest.mark.slow

ROOT = Path(modelenv.__file__).parent.parent
RELEASES = {
    "old": ("3.11", "pandas==2.2.3", "numpy==1.26.4", "pyarrow==17.0.0"),
    "new": ("3.12", "pandas>=3", "numpy>=2", "pyarrow>=20"),
}
# What both sides make of a frame: each cell as text that tells all of it.
SHOWN = """
import math

def cell(value):
    if value is None or value is NA or value is NaT:
        return "missing"
    if isinstance(value, float):
        return "missing" if math.isnan(value) else value.hex()
    if isinstance(value, Timestamp):
        return "%s %d" % (value.tz, value.as_unit("ns").value)
    if isinstance(value, Timedelta):
        return "lasts %d" % value.as_unit("ns").value
    return repr(value.item() if hasattr(value, "item") else value)

def shown(frame):
    return [[name, *map(cell, frame[name].astype(object).tolist())] for name in frame.columns]

def categories(frame):
    return [[name, list(frame[name].cat.categories), bool(frame[name].cat.ordered)]
            for name in frame.columns if str(frame[name].dtype) == "category"]
"""
MODEL = (
    "from pandas import NA, NaT, Timedelta, Timestamp\n"
    + SHOWN
    + """
class Model:
    def predict(self, data):
        return [{"seen": shown(data), "categories": categories(data)}, data]

model = Model()
"""
)
DRIVER = (
    "import json, sys\n"
    + SHOWN
    + """
sys.path.insert(0, sys.argv[1])
from functools import partial
from pathlib import Path
import numpy as np
import pandas as pd
import pyarrow as pa
from pandas import NA, NaT, Timedelta, Timestamp
from modelenv.batch.node.predictor import BatchPredictor
from modelenv.batch.node.worker import BatchJob, BatchWorker
from modelenv.table import values
from modelenv.worker.process import Interpreter

frame = pd.DataFrame({
    "f8": [np.inf, np.nan, -0.0, 5e-324],
    "f4": np.array([-np.inf, np.nan, 0.1, 1], "f4"),
    "i8": [2**63 - 1, -(2**63), 0, 1],
    "u1": np.array([0, 255, 1, 2], "u1"),
    "b": [True, False, True, True],
    "texts": ["a", None, "\\u00e9\\U0001f600", ""],
    "objects": pd.Series(["a", None, 1.5, b"x"], dtype=object),
    "Int64": pd.array([2**53 + 1, None, 1, 2], dtype="Int64"),
    "boolean": pd.array([True, None, False, True], dtype="boolean"),
    "kinds": pd.Categorical(["x", None, "y", "x"], categories=["z", "y", "x"], ordered=True),
    "numbers": pd.Categorical([1, 2, None, 1]),
    "naive": pd.to_datetime(["2026-01-01T00:00:00.123456789", None, "1969-12-31", "2026"],
                            format="ISO8601"),
    "zone": pd.to_datetime(["2026-03-29 01:30", None, "2026-10-25 02:30", "2026-01-01"])
              .tz_localize("UTC").tz_convert("Europe/Amsterdam"),
    "lasts": pd.to_timedelta(["-1 days +02:00:00", None, "1us", "1ns"]),
})
root = Path(sys.argv[3])
mlmodel = root / "data" / "model.pkl"
job = BatchJob(model=root / sys.argv[4], loader=root / sys.argv[5], input={"type": "none"},
               code=(root / "code",))
start = partial(BatchWorker, job, Interpreter(executable=Path(sys.argv[2])))
told = values.take(frame)[0]
told.pop("index", None)
out = {}
for name, like, batch in [
    ("as it is", {"type": "none"}, frame),
    ("like the example", told, frame),
    ("of arrow", told, pa.Table.from_pandas(frame.drop(columns="objects")).append_column(
        "objects", pa.array(["a", None, "c", "d"]))),
    ("without rows", told, frame[:0]),
]:
    model = BatchPredictor(start, like)
    seen, back = model.predict(batch)
    model.end()
    own = frame if name in ("as it is", "like the example") else back
    out[name] = {"seen": seen, "own": {"seen": shown(own), "categories": categories(own)},
                 "back": shown(back), "given": shown(frame)}
print(json.dumps(out))
"""
)


@pytest.fixture(scope="module")
def pythons(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """An interpreter with each of the releases."""
    found = {}
    program = uv.find_uv_bin()
    for name, (version, *lines) in RELEASES.items():
        folder = tmp_path_factory.mktemp(name) / "env"
        making = [program, "venv", "--quiet", "--python", version, "--no-python-downloads"]
        making.append(str(folder))
        if subprocess.run(making, capture_output=True, check=False).returncode:
            pytest.skip(f"there is no Python {version} here")
        found[name] = folder / "bin" / "python"
        install = [program, "pip", "install", "--quiet", "--python", str(found[name]), *lines]
        subprocess.run(install, check=True)
    return found


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that tells what it was given, and gives it back."""
    place = tmp_path_factory.mktemp("echo")
    (place / "echo.py").write_text(MODEL)
    modelenv.save_model(place / "echo.py", place / "model", prove=False)
    return place / "model"


@pytest.mark.parametrize(("here", "there"), [("old", "new"), ("new", "old"), ("old", "old")])
def test_all_kinds_of_columns_are_exact(
    here: str, there: str, pythons: dict[str, Path], model: Path
) -> None:
    data = next(model.glob("model*.pkl"), model / "data")
    loader = next((model / "code").glob("*loader*.py"))
    words = [str(pythons[here]), "-c", DRIVER, str(ROOT), str(pythons[there]), str(model)]
    words += [str(data.relative_to(model)), str(loader.relative_to(model))]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    for name in ("as it is", "like the example"):
        assert told[name]["seen"]["seen"] == told[name]["given"]
        assert told[name]["back"] == told[name]["given"]
        assert told[name]["seen"]["categories"] == told[name]["own"]["categories"]
    given = {column[0]: column[1:] for column in told["of arrow"]["given"]}
    seen = {column[0]: column[1:] for column in told["of arrow"]["seen"]["seen"]}
    assert seen.pop("objects") == ["'a'", "missing", "'c'", "'d'"]
    del given["objects"]
    assert seen == given
    assert all(len(column) == 1 for column in told["without rows"]["seen"]["seen"])
