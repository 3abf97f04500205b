"""What `upgrade` finds is what trying every minor version by hand, with uv alone, finds.

Real releases, real wheels; it needs Python 3.9, uv and an index.
"""

from __future__ import annotations

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
LINES = ("1.9", "1.8", "1.7", "1.6", "1.5", "1.4", "1.3", "1.2", "1.1", "1.0")
MADE = """
import pickle, sys
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


def uv(*words: str | Path) -> bool:
    command = [str(SETTINGS.uv), *map(str, words), "--quiet"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def environment(place: Path, python: str, lines: Sequence[str]) -> Path | None:
    """Return the interpreter of an environment of wheels alone; None where there is none."""
    base = find(python, Python.current(), SETTINGS).executable
    assert uv("venv", "--python", base, place)
    there = place / "bin" / "python"
    install = ("pip", "install", "--python", there, "--only-binary", ":all:")
    return there if uv(*install, *lines) else None


def runs(python: Path, code: str, folder: Path) -> bool:
    ended = subprocess.run([python, "-c", code], cwd=folder, check=False, capture_output=True)
    return ended.returncode == 0


def sets_by_hand(line: str, pythons: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield all sets of a line of scikit-learn, with each numpy that may matter."""
    for numpy in ("numpy", "numpy<2"):
        for python in pythons:
            yield python, [f"scikit-learn=={line}.*", numpy]


def newest_by_hand(folder: Path, root: Path) -> str:
    pythons = [*iter_pythons("3.9", Python.current(), SETTINGS)]
    for line in LINES:
        for number, (python, lines) in enumerate(sets_by_hand(line, pythons)):
            there = environment(root / f"{line}-{number}", python, lines)
            if there is not None and runs(there, CHECK, folder):
                return line
    raise AssertionError("not even the oldest")


@pytest.mark.parametrize(
    "made",
    [
        "RandomForestRegressor(5, random_state=0)",
        "GradientBoostingRegressor(n_estimators=5, random_state=0)",
        "KNeighborsRegressor()",
    ],
)
def test_the_newest_line_is_found_in_few_builds(made: str, tmp_path: Path) -> None:
    try:
        lines = ("scikit-learn==1.0.2", "numpy==1.21.6", "cloudpickle")
        old = environment(tmp_path / "old", "3.9", lines)
    except PythonMissingError as error:
        pytest.skip(str(error))
    assert old is not None
    folder = tmp_path / "made"
    folder.mkdir()
    assert runs(old, MADE.format(made=made), folder)
    saved: list[str | Path] = [
        "--model",
        folder / "model.pkl",
        "--input",
        folder / "input.pkl",
        "--python",
        old,
    ]
    command: list[str | Path] = ["-m", "modelenv", "save", *saved, "-o", tmp_path / "saved"]
    subprocess.run([Python.current().executable, *command], check=True, capture_output=True)

    upgrade = modelenv.upgrade(tmp_path / "saved")

    found = ReleaseLine.of(upgrade.after.versions["scikit-learn"])
    assert str(found) == newest_by_hand(folder, tmp_path)
    assert upgrade.builds <= 8
    assert modelenv.verify(tmp_path / "saved-upgraded").status == "reproduces"
    assert Version(upgrade.after.python) >= Version("3.9")
