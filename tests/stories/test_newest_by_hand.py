"""What `upgrade` finds is what trying every minor version by hand, with uv alone, finds.

Real releases, real wheels; it needs Python 3.9, uv and an index. Of each minor version of
scikit-learn the newest NumPy and the newest before 2 are tried, with the newest Python that has
wheels of both; an environment is built once for all models.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from packaging.version import Version

import modelenv
from modelenv.base.settings import Settings
from modelenv.environments.errors import PythonMissingError
from modelenv.environments.interpreter import Python
from modelenv.environments.pythons.discovery import find
from modelenv.time.newest.limits import ReleaseLine
from modelenv.time.newest.pythons import iter_pythons

SETTINGS = Settings.from_environment()
LINES = [f"1.{number}" for number in range(9, -1, -1)]
MODELS = {
    "forest": "RandomForestRegressor(5, random_state=0)",
    "boosting": "GradientBoostingRegressor(n_estimators=5, random_state=0)",
    "neighbours": "KNeighborsRegressor()",
}
MADE = """
import pickle
import numpy
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
from sklearn.neighbors import KNeighborsRegressor
rows = numpy.random.RandomState(0).rand(60, 3)
model = {made}.fit(rows, rows[:, 0] * 3 + rows[:, 1])
pickle.dump(model, open("model.pkl", "wb"))
pickle.dump(rows[:4], open("input.pkl", "wb"))
numpy.save("rows.npy", rows[:4])
numpy.save("expected.npy", model.predict(rows[:4]))
"""
CHECK = """
import pickle
import numpy
predicted = pickle.load(open("model.pkl", "rb")).predict(numpy.load("rows.npy"))
assert numpy.allclose(predicted, numpy.load("expected.npy"), rtol=1e-6, atol=1e-12)
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(SETTINGS.uv is None, reason="uv is not here"),
]


@pytest.fixture
def one_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have modelenv ask the index that uv asks, and no other that pip is configured with."""
    for name in [each for each in os.environ if each.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)


def uv(*words: str | Path) -> bool:
    command = [str(SETTINGS.uv), *map(str, words), "--quiet"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def environment(place: Path, python: str, lines: Sequence[str]) -> Path | None:
    """Return the interpreter of an environment of wheels alone; None where there is none."""
    base = find(python, Python.current(), SETTINGS).executable
    assert uv("venv", "--clear", "--python", base, place)
    there = place / "bin" / "python"
    install = ("pip", "install", "--python", there, "--only-binary", ":all:")
    return there if uv(*install, *lines) else None


def runs(python: Path, code: str, folder: Path) -> bool:
    ended = subprocess.run([python, "-c", code], cwd=folder, check=False, capture_output=True)
    return ended.returncode == 0


def environments_of(line: str, pythons: Sequence[str], place: Path) -> Iterator[Path]:
    """Yield the interpreters of a line of scikit-learn, with each NumPy that may matter."""
    for numpy in ("numpy", "numpy<2"):
        lines = (f"scikit-learn=={line}.*", numpy)
        found = (environment(place, python, lines) for python in pythons)
        there = next((each for each in found if each is not None), None)
        if there is not None:
            yield there


def newest_by_hand(folders: dict[str, Path], root: Path) -> dict[str, str]:
    """Return by name the newest line with which each model predicts what it did."""
    pythons = [*iter_pythons("3.9", Python.current(), SETTINGS)]
    found: dict[str, str] = {}
    for line in LINES:
        for there in environments_of(line, pythons, root / "by-hand"):
            for name, folder in folders.items():
                if name not in found and runs(there, CHECK, folder):
                    found[name] = line
        if found.keys() == folders.keys():
            break
    shutil.rmtree(root / "by-hand")
    return found


def made(name: str, old: Path, root: Path) -> Path:
    """Make a model with an old environment, and save it as modelenv does."""
    folder = root / name
    folder.mkdir()
    assert runs(old, MADE.format(made=MODELS[name]), folder)
    model, rows = folder / "model.pkl", folder / "input.pkl"
    words = ["save", "--model", model, "--input", rows, "--python", old, "-o", folder / "saved"]
    command = [str(Python.current().executable), "-m", "modelenv", *map(str, words)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.mark.usefixtures("one_index")
def test_the_newest_lines_are_found_in_few_builds(tmp_path: Path) -> None:
    try:
        lines = ("scikit-learn==1.0.2", "numpy==1.21.6", "cloudpickle")
        old = environment(tmp_path / "old", "3.9", lines)
    except PythonMissingError as error:
        pytest.skip(str(error))
    assert old is not None
    folders = {name: made(name, old, tmp_path) for name in MODELS}

    upgrades = {name: modelenv.upgrade(folder / "saved") for name, folder in folders.items()}

    versions = {name: each.after.versions["scikit-learn"] for name, each in upgrades.items()}
    newest = {name: str(ReleaseLine.of(version)) for name, version in versions.items()}
    assert newest == newest_by_hand(folders, tmp_path)
    for upgrade in upgrades.values():
        assert upgrade.builds <= 8
        assert modelenv.verify(upgrade.path).status == "reproduces"
        assert Version(upgrade.after.python) >= Version("3.9")
