"""Real libraries in a pack: batches of a node that has no index, and what is in it."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import modelenv
from modelenv.environments.given.unpack import unpack

ASK = """
import numpy, pickle, sys
model = pickle.load(sys.stdin.buffer)
print(model(numpy.array([[3.0], [-2.0]])), "modelenv" in sys.modules)
"""


@pytest.fixture(scope="module")
def sign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a real model, which is pinned to what is installed here."""
    import numpy
    from sklearn.linear_model import LogisticRegression

    folder = tmp_path_factory.mktemp("models") / "sign"
    rows = [[-2.0], [-1.0], [1.0], [2.0]]
    fitted = LogisticRegression().fit(rows, [0, 0, 1, 1])
    modelenv.save_model(fitted, folder, input_example=numpy.array(rows))
    return folder


@pytest.fixture(scope="module")
def file(sign: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its pack, of wheels that an index has."""
    file = tmp_path_factory.mktemp("packs") / "sign.pack.tar.gz"
    found = modelenv.Indexes(strategy="unsafe-best-match")
    return modelenv.pack_environment(sign, file, indexes=found).file


@pytest.mark.slow
def test_a_pack_is_one_environment_that_lacks_nothing(file, tmp_path):
    unpack(file, tmp_path / "first")
    root = (tmp_path / "first").rename(tmp_path / "second")
    python = f"{root}/bin/python"
    subprocess.run([python, "-I", "-c", "import sklearn.linear_model"], check=True, cwd="/")
    said = subprocess.check_output([f"{root}/bin/numpy-config", "--version"], text=True)
    assert said.strip()
    check = [sys.executable, "-m", "pip", "--python", python, "check"]
    assert "No broken requirements" in subprocess.check_output(check, text=True)
    assert not list(root.rglob("*modelenv*"))


@pytest.mark.slow
def test_a_node_without_an_index_predicts_batches(sign, file, tmp_path):
    model = modelenv.BatchModel.of(sign, environment=file)
    node = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PIP_NO_INDEX": "1"}
    node["MODELENV_CACHE_DIR"] = str(tmp_path / "node")
    said = subprocess.run(
        [sys.executable, "-I", "-c", ASK],
        input=pickle.dumps(model),
        capture_output=True,
        env=node,
        cwd=tmp_path,
        check=False,
    )
    assert said.stdout.decode() == "[1 0] False\n", said.stderr.decode()
