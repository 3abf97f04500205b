"""The folders that are mutated: one of each kind, made anew, small and whole."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import sys
import zipfile
from collections import Counter, OrderedDict
from importlib import import_module
from pathlib import Path

import modelenv

from ..small_worlds import PYTHON, write_wheel

_LINEAR = """
import colorsys

class Linear:
    def predict(self, data):
        return [2 * each for each in data]
"""


def make_grounds(place: Path) -> dict[str, Path]:
    """Make a folder of each kind below `place`; return them by the names of their kinds."""
    made = {"own": place / "own"}
    project = place / "project"
    _write(project, {"linear.py": _LINEAR, "random.py": "x = 1"})
    sys.path.append(str(project))
    modelenv.save_model(
        import_module("linear").Linear(),
        made["own"],
        input_example=[1, 2],
        code_paths=[str(project / "linear.py"), str(project / "random.py")],
        metadata={"made": "2026-01-02", "of": [1, 2.5, None, True]},
        prove=False,
    )
    made["pinned"] = write_pinned(place / "pinned")
    made["mlflow"] = write_mlflow(place / "mlflow")
    made["uv"] = write_uv(place / "uv")
    made["pickles"] = write_pickles(place / "pickles")
    return made


_LOCK = """\
lock-version = "1.0"
requires-python = ">=3.10"
created-by = "hand"

[[packages]]
name = "alpha"
version = "1.0"

[[packages.wheels]]
name = "alpha-1.0-py3-none-any.whl"
path = "wheels/alpha-1.0-py3-none-any.whl"
size = {size}
hashes = {{ sha256 = "{sha256}" }}

[tool.modelenv]
python = "3.11.7"
"""
_OURS = """\
artifact_path: model
flavors:
  modelenv:
    allow_hosts: [example.invalid]
    allow_paths: [/data/words.txt]
    compared: [a]
    deterministic: false
    environment: {{OMP_NUM_THREADS: '1'}}
    format: 1
    input:
      dtypes: [int64, object]
      file: input_example.json
      pandas_orient: split
      type: dataframe
    left_out: {{gamma: lib.py:3}}
    lock: pylock.toml
    not_compared: [b]
    prediction: {{file: prediction.json, type: json_object}}
    proof: {{reason: equal, seal: namespaces, status: reproduces, where: a replica}}
    provided: [libgomp]
    sha256: {{}}
    trace: trace.json
    version: '0.1'
  python_function:
    code: code
    data: model.pkl
    env: {{conda: conda.yaml, virtualenv: python_env.yaml}}
    loader_module: modelenv_pyfunc_loader
    python_version: {python}
metadata: {{note: 1}}
mlflow_version: null
model_uuid: 0123456789abcdef0123456789abcdef
saved_input_example_info: {{artifact_path: input_example.json, type: dataframe}}
signature:
  inputs: '[{{"type": "long", "name": "a", "required": true}}]'
  outputs: '[{{"type": "tensor", "tensor-spec": {{"dtype": "float64", "shape": [-1]}}}}]'
  params: null
utc_time_created: '2026-01-02 03:04:05.678901'
"""


def write_pinned(folder: Path) -> Path:
    """Write one of ours with a table, a wheel, a lock, a trace and artifacts."""
    import hashlib

    wheel = write_wheel(folder / "wheels", "alpha", "1.0", ["beta>=1"])
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    touches = [
        {
            "kind": "file",
            "name": "/data/words.txt",
            "phase": "load",
            "importer": "own",
            "importer_file": "own.py",
            "line": 3,
        }
    ]
    imports = [
        {
            "order": 0,
            "name": "alpha",
            "file": "alpha/__init__.py",
            "importer": None,
            "importer_file": None,
            "line": None,
            "loaded": True,
            "phase": "load",
            "how": "imported",
            "seconds": 0.5,
        },
        {
            "order": 1,
            "name": "gamma",
            "file": None,
            "importer": "alpha",
            "importer_file": "alpha/__init__.py",
            "line": 7,
            "loaded": False,
            "phase": "predict",
            "how": "imported",
            "seconds": None,
        },
    ]
    trace = {"schema": 1, "python": PYTHON, "imports": imports, "touches": touches}
    files = {
        "MLmodel": _OURS.format(python=PYTHON),
        "requirements.txt": "--find-links wheels\nalpha==1.0  # via own.py:1\n    # via own\n"
        "beta==2.0  # requires; via alpha\n",
        "conda.yaml": f"name: env\nchannels:\n- conda-forge\ndependencies:\n- python={PYTHON}\n"
        "- pip\n- pip:\n  - --find-links wheels\n  - alpha==1.0\n  - beta==2.0\n",
        "python_env.yaml": f"python: {PYTHON}\nbuild_dependencies:\n- pip==23.2.1\n"
        "dependencies:\n- -r requirements.txt\n",
        "pylock.toml": _LOCK.format(size=wheel.stat().st_size, sha256=digest),
        "trace.json": json.dumps(trace, indent=1),
        "artifacts.json": '{"words": "artifacts/words/words.txt"}',
        "artifacts/words/words.txt": "a\nb\n",
        "input_example.json": '{"columns": ["a", "b"], "data": [[1, "x"], [2, null]]}',
        "prediction.json": "[1.5, 2]",
        "code/own.py": "import alpha\n",
        "code/modelenv_pyfunc_loader.py": "\n",
    }
    _write(folder, files)
    (folder / "model.pkl").write_bytes(pickle.dumps(Counter("aab")))
    return folder


_MLFLOW = """\
artifact_path: model
flavors:
  python_function:
    env: {{conda: conda.yaml, virtualenv: python_env.yaml}}
    loader_module: mlflow.sklearn
    model_path: model.pkl
    predict_fn: predict
    python_version: {python}
  sklearn: {{code: null, pickled_model: model.pkl, serialization_format: cloudpickle,
    sklearn_version: 1.5.2}}
mlflow_version: 2.22.0
model_size_bytes: 1234
model_uuid: 0123456789abcdef0123456789abcdef
run_id: 0123
saved_input_example_info: {{artifact_path: input_example.json, pandas_orient: split,
  serving_input_path: serving_input_example.json, type: dataframe}}
signature:
  inputs: '[{{"type": "tensor", "tensor-spec": {{"dtype": "float64", "shape": [-1, 3]}}}}]'
  outputs: '[{{"type": "array", "items": {{"type": "string"}}}}]'
  params: '[{{"name": "k", "type": "integer", "default": 1, "shape": null}}]'
utc_time_created: '2026-01-02 03:04:05.678901'
"""


def write_mlflow(folder: Path) -> Path:
    """Write one of MLflow's, with an open list."""
    files = {
        "MLmodel": _MLFLOW.format(python=PYTHON),
        "requirements.txt": "mlflow==2.22.0\nalpha>=1\n-c constraints.txt\n",
        "constraints.txt": "beta<3\n",
        "conda.yaml": f"channels:\n- conda-forge\ndependencies:\n- python={PYTHON}\n- pip<=24\n"
        "- pip:\n  - mlflow==2.22.0\n  - alpha>=1\nname: mlflow-env\n",
        "python_env.yaml": f"python: {PYTHON}\nbuild_dependencies:\n- pip==23\n- setuptools\n"
        "dependencies:\n- -r requirements.txt\n",
        "registered_model_meta": "model_name: a\nmodel_version: '1'\n",
        "input_example.json": '{"columns": ["a"], "data": [[1]]}',
        "serving_input_example.json": '{"inputs": [1]}',
    }
    _write(folder, files)
    (folder / "model.pkl").write_bytes(pickle.dumps(OrderedDict(a=1)))
    return folder


_UV_LOCK = """\
version = 1
requires-python = ">=3.10"

[[package]]
name = "own"
version = "0.1.0"
source = { virtual = "." }
dependencies = [{ name = "alpha" }]

[[package]]
name = "alpha"
version = "1.0"
source = { registry = "https://example.invalid/simple" }
dependencies = [{ name = "beta", marker = "python_full_version < '4'" }]

[[package]]
name = "beta"
version = "2.0"
"""


def write_uv(folder: Path) -> Path:
    """Write one of MLflow's that was made in a uv project."""
    write_mlflow(folder)
    files = {
        "uv.lock": _UV_LOCK,
        "pyproject.toml": '[project]\nname = "own"\nversion = "0.1.0"\n'
        'requires-python = ">=3.10"\ndependencies = ["alpha"]\n',
        "requirements.txt": "alpha==1.0\nbeta==2.1\n",
    }
    _write(folder, files)
    return folder


def write_pickles(folder: Path) -> Path:
    """Write one with pickles of several containers, in artifacts too."""
    write_mlflow(folder)
    several = pickle.dumps(Counter("a"), 0) + pickle.dumps(OrderedDict(), 4)
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({"a": Counter()}, 2))
        archive.writestr("archive/version", "3\n")
    (folder / "artifacts").mkdir()
    (folder / "artifacts" / "several").write_bytes(several)
    (folder / "artifacts" / "net.pt").write_bytes(inner.getvalue())
    (folder / "artifacts" / "packed.bin").write_bytes(gzip.compress(several, mtime=0))
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
    header += b" " * (64 - (10 + len(header) + 1) % 64) + b"\n"
    array = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
    (folder / "artifacts" / "words.npy").write_bytes(array + pickle.dumps([Counter()], 3))
    return folder


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
