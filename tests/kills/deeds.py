"""The commands that are killed: each that writes, its start state, and what it may leave."""

from __future__ import annotations

import os
import pickle
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

import modelenv
from envfiles import check_agreement
from modelenv.environments.builders.installing import run
from modelenv.environments.cache import EnvironmentCache
from modelenv.folder.model_folder import ModelFolder
from modelenv.repair.fix import fix

ENGINE = """
class Model:
    def __init__(self, factor):
        self.factor = factor
    def predict(self, data):
        return [self.factor * each for each in data]
"""
KEY = "key"
# An installer that has a backend build in a session of its own. Who is left of a killed one goes on
# for as long as a compiler may.
BACKEND = """
import pathlib, sys, time
for number in range(20):
    pathlib.Path(sys.argv[1], str(number)).touch()
    time.sleep(0.005)
"""
INSTALLER = """
import os, pathlib, subprocess, sys, time
parent = os.getppid()
pathlib.Path(sys.argv[1]).mkdir()
words = [sys.executable, "-S", "-c", sys.argv[2], sys.argv[1]]
backend = subprocess.Popen(words, start_new_session=True)
while backend.poll() is None or os.getppid() != parent:
    time.sleep(0.005)
"""


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that writes below a folder."""

    name: str
    prepare: Callable[[Path, Path], object]
    """Lay out what it begins with in a place, given a saved model."""
    work: Callable[[Path], object]
    state: Callable[[Path], str]
    """Say which of the states a place is in; raises where that is none."""


def _copy(place: Path, saved: Path) -> None:
    shutil.copytree(saved, place / "model")


def _state(place: Path) -> str:
    """Say what a model folder pins, and hold all its files against each other."""
    folder = ModelFolder.open(place / "model")
    check_agreement(folder.path)
    ours = folder.flavors["modelenv"]
    lines = [entry.requirement for entry in folder.environment.requirements]
    locks = sorted(path.name for path in folder.path.glob("pylock*"))
    assert bool(ours.get("lock")) == bool(locks)
    channels = yaml.safe_load((folder.path / "conda.yaml").read_text())["channels"]
    model = pickle.loads((folder.path / "model.pkl").read_bytes())
    assert folder.document["metadata"] == {"factor": model.factor}
    assert yaml.safe_load((folder.path / "prediction.json").read_text()) == [model.factor]
    assert modelenv.load_model(folder.path).predict([1]) == [model.factor]
    return f"{lines} {locks} {channels} x{model.factor}"


def _edit(place: Path) -> None:
    modelenv.update_requirements(place / "model", add=["added"], index="never")


def _lock(place: Path) -> None:
    assert modelenv.lock_model(place / "model").lock is not None


def _other_channel(place: Path, saved: Path) -> None:
    _copy(place, saved)
    file = place / "model" / "conda.yaml"
    file.write_text(file.read_text().replace("conda-forge", "defaults"))


def _migrate(place: Path) -> None:
    (migrated,) = modelenv.migrate_channels(place)
    assert migrated.status in ("changed", "unchanged")


def _without_engine(place: Path, saved: Path) -> None:
    _copy(place, saved)
    for name in ("requirements.txt", "conda.yaml"):
        file = place / "model" / name
        lines = file.read_text().splitlines(keepends=True)
        file.write_text("".join(line for line in lines if "engine==" not in line))


def _fix(place: Path) -> None:
    assert fix(place / "model", write=True).good


def _save(place: Path) -> None:
    import engine  # type: ignore[import-not-found]  # of the tests

    modelenv.save_model(
        engine.Model(3),
        place / "model",
        input_example=[1],
        metadata={"factor": 3},
        overwrite=True,
    )


def _nothing(place: Path, _: Path) -> None:
    place.mkdir(exist_ok=True)


def _cache(place: Path) -> None:
    def build(root: Path) -> None:
        words = [sys.executable, "-S", "-c", INSTALLER, str(root), BACKEND]
        run(words, os.environ, "an installer", str)

    with EnvironmentCache(place / "cache").opened(KEY, {}, build, lambda _: True) as root:
        assert len(list(root.iterdir())) == 20


def _cached(place: Path) -> str:
    cache = EnvironmentCache(place / "cache")
    about = cache.about(KEY)
    if not about:
        return "absent"
    assert len(list((cache.folder / KEY / about["root"]).iterdir())) == 20
    return "built"


def _saved(place: Path) -> str:
    return _state(place) if (place / "model").exists() else "absent"


DEEDS = {
    deed.name: deed
    for deed in (
        Deed("edit", _copy, _edit, _state),
        Deed("lock", _copy, _lock, _state),
        Deed("migrate", _other_channel, _migrate, _state),
        Deed("cache", _nothing, _cache, _cached),
        Deed("save", _nothing, _save, _saved),
        Deed("overwrite", _copy, _save, _state),
        Deed("fix", _without_engine, _fix, _state),
    )
}
