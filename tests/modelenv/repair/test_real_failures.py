"""Failures of environments that were really broken: each is diagnosed, and most are mended."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import modelenv
from modelenv.repair.diagnose import diagnose, diagnose_folder, gather_knowledge
from modelenv.repair.fix import fix
from modelenv.run.isolated import RunOptions


def case(name: str, body: str, rule: str, subject: str, **further: Any) -> Any:
    values = {
        "roots": (),
        "drop": (),
        "pin": (),
        "needs": (),
        "mends": True,
        "index": False,
        **further,
    }
    made = SimpleNamespace(name=name, body=body, rule=rule, subject=subject, **values)
    made.is_offline = not made.pin and not made.index
    return made


def missing(subject: str, body: str, root: str = "", **further: Any) -> Any:
    """One distribution is taken out of what `root` and its dependencies are."""
    roots = (root or subject,)
    return case(subject, body, "missing-module", subject, roots=roots, drop=(subject,), **further)


QUICK = [
    missing("pyyaml", "import yaml", needs=("yaml",)),
    missing("packaging", "from packaging.version import Version", needs=("packaging",)),
    missing("sortedcontainers", "import sortedcontainers", needs=("sortedcontainers",)),
    missing("python-dateutil", "from dateutil import parser", needs=("dateutil",)),
    missing("pygments", "from pygments import lexers", needs=("pygments",)),
    missing("ruamel-yaml", "import ruamel.yaml", needs=("ruamel",)),
    missing("zope-interface", "from zope import interface", needs=("zope.interface",)),
    missing("idna", "import idna.core", needs=("idna",)),
    missing("typing-extensions", "import typing_extensions", needs=("typing_extensions",)),
    missing("pluggy", "__import__('importlib').import_module('pluggy._hooks')", needs=("pluggy",)),
    case(
        "metadata",
        "import importlib.metadata\nimportlib.metadata.version('click')",
        "missing-distribution",
        "click",
    ),
    case("distutils", "import distutils.util", "python-version", "python", mends=False)
    if sys.version_info >= (3, 12)
    else case("tomllib", "import itertools\nitertools.batched", "python-version", "python",
              mends=False),
    case("own code", "import features_of_mine", "missing-module", "features-of-mine", mends=False),
    case("file", "open('/nowhere/stopwords.txt')", "missing-file", "/nowhere/stopwords.txt",
         mends=False),
    case("library", "import ctypes\nctypes.CDLL('libzbar.so.0')", "missing-library",
         "libzbar.so.0", mends=False),
    case("program", "import subprocess\nsubprocess.run(['wkhtmltopdf'])", "missing-program",
         "wkhtmltopdf", mends=False),
    case("crash", "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", "crash", "SIGSEGV",
         mends=False),
    case("killed", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "out-of-memory",
         "memory", mends=False),
    case("memory", "bytearray(1 << 50)", "out-of-memory", "memory", mends=False),
    case("network", "import urllib.request\nurllib.request.urlopen('http://nowhere.invalid')",
         "network", "network", mends=False),
    case("model's own", "raise KeyError('petal')", "model-raised", "KeyError", mends=False),
]  # fmt: skip

SLOW = [
    missing("numpy", "ARRAY", needs=("numpy",)),
    missing("scikit-learn", "import sklearn.linear_model", needs=("sklearn",)),
    missing("scipy", "import sklearn.linear_model", "scikit-learn", needs=("sklearn",)),
    missing("joblib", "import sklearn.linear_model", "scikit-learn", needs=("sklearn",)),
    missing("threadpoolctl", "import sklearn.linear_model", "scikit-learn", needs=("sklearn",)),
    missing("pandas", "import pandas", needs=("pandas",)),
    case("dateutil of pandas", "import pandas", "missing-module", "python-dateutil",
         roots=("pandas",), drop=("python-dateutil",), needs=("pandas",)),
    case("tabulate of pandas", "import pandas\npandas.DataFrame({'a': [1]}).to_markdown()",
         "missing-module", "tabulate", roots=("pandas",), needs=("pandas", "tabulate")),
    case("engine of pandas",
         "import io, pandas\npandas.DataFrame({'a': [1]}).to_parquet(io.BytesIO())",
         "missing-module", "pyarrow", roots=("pandas",), needs=("pandas", "pyarrow")),
    missing("pillow", "from PIL import Image", needs=("PIL",)),
    missing("cycler", "import matplotlib.pyplot", "matplotlib", needs=("matplotlib",)),
    case("scikit-learn of lightgbm", "import lightgbm\nlightgbm.LGBMRegressor()",
         "missing-module", "scikit-learn", roots=("lightgbm",), needs=("lightgbm", "sklearn")),
    missing("xgboost-cpu", "import xgboost", needs=("xgboost",)),
    case("numpy._core", "ARRAY", "other-version", "numpy", pin=("numpy==1.25.2",),
         needs=("numpy",)),
    case("numpy 2", "import numpy\nnumpy.float_(1)", "other-version", "numpy",
         pin=("numpy==2.2.6",)),
    case("numpy 1.24", "import numpy\nnumpy.float(1)", "other-version", "numpy",
         pin=("numpy==1.26.4",), mends=sys.version_info < (3, 12)),
    case("numpy's interface", "import pandas", "numpy-abi", "numpy",
         pin=("pandas==2.0.3", "numpy==2.2.6", "python-dateutil==2.8.2", "pytz==2023.3",
              "tzdata==2023.3", "six==1.16.0")),
    case("too old", "from typing_extensions import TypeIs", "other-version", "typing-extensions",
         pin=("typing-extensions==4.5.0",)),
    case("too new", "from markupsafe import soft_unicode", "other-version", "markupsafe",
         pin=("markupsafe==2.1.5",), mends=sys.version_info < (3, 11)),
    case("jinja2", "from jinja2 import Markup", "other-version", "jinja2",
         pin=("jinja2==3.1.4", "markupsafe==2.1.5"), mends=sys.version_info < (3, 12)),
    case("pydantic", "from pydantic import BaseSettings\nBaseSettings", "missing-module",
         "pydantic-settings", mends=False,
         pin=("pydantic==2.10.6", "pydantic-core==2.27.2", "annotated-types==0.7.0",
              "typing-extensions==4.12.2")),
    case("no such version", "import packaging.version", "no-such-version", "packaging",
         roots=("packaging",), pin=("packaging==99.0",), needs=("packaging",)),
    case("no such build", "import packaging.version", "no-such-version", "packaging",
         roots=("packaging",), pin=("packaging==24.1+corp",), needs=("packaging",)),
    case("pkg_resources", "import pkg_resources", "missing-module", "setuptools", index=True),
    case("bs4", "import bs4", "missing-module", "beautifulsoup4", index=True),
    case("protobuf", "from google.protobuf import message", "missing-module", "protobuf",
         index=True),
    case("attrs", "import attr", "missing-module", "attrs", index=True),
    case("Crypto", "from Crypto.Cipher import AES", "missing-module", "pycryptodome", index=True),
]  # fmt: skip

ALL = [*QUICK, *(pytest.param(each, marks=pytest.mark.slow) for each in SLOW)]


def named(value: Any) -> str:
    return getattr(value, "name", "")


@pytest.mark.parametrize("broken", ALL, ids=named)
def test_a_broken_environment_is_diagnosed(broken: Any, breaking: Any) -> None:
    folder = breaking(broken)
    verdict, found = diagnose_folder(folder, RunOptions(timeout=120))
    assert found is not None, verdict
    assert (found.rule, found.subject) == (broken.rule, broken.subject), f"{found}\n{verdict}"
    assert found.remedy
    assert found.evidence


@pytest.mark.parametrize(
    "broken",
    [
        QUICK[0],
        *(pytest.param(each, marks=pytest.mark.slow) for each in [*QUICK[1:], *SLOW] if each.mends),
    ],
    ids=named,
)
def test_what_requirements_can_mend_is_mended(broken: Any, breaking: Any) -> None:
    folder = breaking(broken)
    mended = fix(folder, timeout=120)
    assert mended.good, str(mended)
    assert mended.changes


BARE = {
    "import cv2": ("missing-module", "opencv-python-headless"),
    "import bs4": ("missing-module", "beautifulsoup4"),
    "from PIL import Image": ("missing-module", "pillow"),
    "import sklearn.tree": ("missing-module", "scikit-learn"),
    "import Crypto.Cipher": ("missing-module", "pycryptodome"),
    "from google.protobuf import text_format": ("missing-module", "protobuf"),
    "from google.cloud import storage": ("missing-module", "google-cloud-storage"),
    "import skimage.filters": ("missing-module", "scikit-image"),
    "import serial": ("missing-module", "pyserial"),
    "import frobnicate": ("missing-module", "frobnicate"),
    "import google": ("shared-name", "google"),
    "import inspect; inspect.getargspec": ("python-version", "python"),
    "from collections import Mapping": ("python-version", "python"),
    "import pickle; pickle.loads(b'c__main__\\nModel\\n.')": ("missing-own-code", "__main__.Model"),
    "import pickle; pickle.loads(b'version https://git-lfs')": ("damaged-file", "model"),
    "import pickle; pickle.loads(pickle.dumps([1] * 99)[:9])": ("damaged-file", "model"),
    "import pickle; pickle.loads(b'\\x80\\x09.')": ("python-version", "python"),
    "import ctypes; ctypes.CDLL('libcudart.so.12')": ("missing-library", "libcudart.so.12"),
    "exec('def f(:')": ("python-version", "python"),
}


@pytest.mark.skipif(sys.version_info < (3, 11), reason="they are of Python 3.11 and later")
@pytest.mark.parametrize(("code", "expected"), BARE.items(), ids=list(BARE))
def test_a_bare_interpreter_s_traceback_is_diagnosed(
    code: str, expected: tuple[str, str], tmp_path: Path
) -> None:
    script = tmp_path / "script.py"
    script.write_text(code)
    found = diagnose(traceback_of([sys.executable, "-I", "-S", str(script)]))
    assert (found.rule, found.subject) == expected, str(found)


OLD = {
    "3.7": ("import pickle; pickle.loads(b'\\x80\\x05K\\x01.')", "python-version"),
    "3.9": ("def f(x: int | None): pass", "python-version"),
    "3.8": ("exec('match 1:\\n case 1: pass')", "python-version"),
    "3.12": ("import imp", "python-version"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("minor", "expected"), OLD.items(), ids=list(OLD))
def test_another_python_s_traceback_is_diagnosed(minor: str, expected: tuple[str, str]) -> None:
    python = _another_python(minor)
    found = diagnose(traceback_of([python, "-I", "-S", "-c", expected[0]]))
    assert (found.rule, found.subject) == (expected[1], "python"), str(found)


def test_a_model_whose_code_another_python_compiled_is_known(project: Any, tmp_path: Path) -> None:
    import cloudpickle

    other = "3.10.13" if sys.version_info[:2] != (3, 10) else "3.12.1"  # nothing starts it
    module = project.get("own_module", "def predict(data):\n    return [each for each in data]")
    cloudpickle.register_pickle_by_value(sys.modules["own_module"])
    folder = tmp_path / "model"
    try:
        modelenv.save_model(module, folder, input_example=[1])
    finally:
        cloudpickle.unregister_pickle_by_value(sys.modules["own_module"])
    for name in ("python_env.yaml", "conda.yaml"):
        text = (folder / name).read_text()
        (folder / name).write_text(text.replace(gather_knowledge(folder).traced, other))
    verdict, found = diagnose_folder(folder, RunOptions(timeout=120))
    assert verdict.where == f"Python {other}, which was not started"
    assert found is not None
    assert (found.rule, found.subject) == ("python-version", "python"), f"{found}\n{verdict}"
    assert "compiled" in found.problem
    assert any("model.pkl holds code by value" in each for each in found.evidence)


def traceback_of(command: list[str]) -> str:
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode != 0
    return ended.stderr


def _another_python(minor: str) -> str:
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = sorted(versions.glob(f"{minor}.*/bin/python"))
    there = str(found[-1]) if found else shutil.which(f"python{minor}")
    if there is None:
        pytest.skip(f"Python {minor} is not here")
    return there


@pytest.mark.slow
@pytest.mark.skipif(sys.version_info >= (3, 12), reason="the old releases are for Python 3.11")
def test_what_broke_in_several_places_is_mended_step_by_step(
    tmp_path: Path, write_pins: Any
) -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    ensemble = pytest.importorskip("sklearn.ensemble")
    features, target = datasets.load_wine(return_X_y=True)
    model = ensemble.RandomForestClassifier(n_estimators=3).fit(features, target)
    folder = tmp_path / "model"
    modelenv.save_model(model, folder, input_example=features[:5])
    old = ("scikit-learn==1.2.2", "numpy==1.26.4", "scipy==1.11.4")
    write_pins(folder, old)

    mended = fix(folder, write=True, timeout=120)
    assert mended.good, str(mended)
    assert [step.line.partition("=")[0].strip(">") for step in mended.steps[:-1]] == [
        "numpy",
        "scipy",
        "scikit-learn",
    ]
    assert modelenv.verify(folder).good


@pytest.mark.slow
def test_a_pickle_of_another_release_is_known_by_what_it_says(
    tmp_path: Path, write_pins: Any
) -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    tree = pytest.importorskip("sklearn.tree")
    features, target = datasets.load_wine(return_X_y=True)
    folder = tmp_path / "model"
    model = tree.DecisionTreeClassifier().fit(features, target)
    modelenv.save_model(model, folder, input_example=features[:5], prove=False)
    made = gather_knowledge(folder).pickled["scikit-learn"]
    text = (
        "InconsistentVersionWarning: Trying to unpickle estimator DecisionTreeClassifier from"
        f" version {made} when using version 1.2.2. This might lead to breaking code.\n"
        "Traceback (most recent call last):\n"
        '  File "/env/lib/python3.11/site-packages/sklearn/tree/_tree.pyx", line 728, in check\n'
        "ValueError: node array from the pickle has an incompatible dtype\n"
    )
    found = diagnose(text, folder)
    assert (found.rule, found.subject) == ("other-environment", "scikit-learn")
    assert found.edit is None  # the pin is what it was pickled with
    assert f"pip install -r {folder / 'requirements.txt'}" in str(found)
