"""Documents of ours: several models, each with its files, its locks and its exports."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import envfiles
import modelenv
from modelenv.export.exporting import EnvironmentFormat

_INSIDE = Path(__file__).parent / "inside"

EXPORTS: Mapping[EnvironmentFormat, str] = {
    "cyclonedx": "model.cdx.json",
    "pep723": "run.py",
    "uv": "project",
    "requirements": "requirements.txt",
    "ray-runtime-env": "runtime_env.yaml",
    "devcontainer": "",
    "bentofile": "",
    "model-settings": "",
}
"""The file or the folder of each export, seen from the folder that has the model's."""
HOLDS_MODEL = ("bentofile", "model-settings")
"""What is made of a folder that has the model's in it."""
TARGETED: tuple[EnvironmentFormat, ...] = ("cyclonedx", "requirements")
TARGET = "3.12-win_amd64"
"""Another Python and platform, that locks and exports are for as well."""


@dataclass(frozen=True, slots=True)
class Document:
    """One that we wrote: of which model and kind, where it is, and what has to be had of it."""

    model: str
    kind: str
    place: Path
    pins: Mapping[str, str]
    target: str = ""

    @property
    def name(self) -> str:
        """Return what it is called in the table."""
        return f"{self.model}/{self.kind}"


def numbers(folder: Path) -> None:
    """A classifier of scikit-learn on an array."""
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression

    samples, labels = load_iris(return_X_y=True)
    model = LogisticRegression(max_iter=500).fit(samples, labels)
    modelenv.save_model(model, folder, input_example=samples[:3])


def frames(folder: Path) -> None:
    """A pipeline of scikit-learn on a table, with a requirement that only Windows has."""
    import pandas as pd
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import LinearRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    table = pd.DataFrame({"grape": ["a", "b", "a", "c"], "age": [1.0, 2.0, 3.0, 4.0]})
    columns = make_column_transformer((OneHotEncoder(), ["grape"]), remainder="passthrough")
    model = make_pipeline(columns, LinearRegression()).fit(table, [1.0, 2.0, 3.0, 4.0])
    only_there = ["colorama==0.4.6; sys_platform == 'win32'"]
    modelenv.save_model(
        model, folder, input_example=table, extra_pip_requirements=only_there, hashes=False
    )


def words(folder: Path) -> None:
    """A script of the user's own, whose one library travels as a wheel."""
    modelenv.save_model(
        _INSIDE / "words.py", folder, input_example=["b\u00fccher.example"], bundle="idna"
    )


def plain(folder: Path) -> None:
    """A script that needs nothing but Python."""
    modelenv.save_model(_INSIDE / "plain.py", folder, input_example=[1, 2])


MODELS: tuple[Callable[[Path], None], ...] = (numbers, frames, words, plain)


def iter_ours(folder: Path, names: Sequence[str] = ()) -> Iterator[Document]:
    """Write every document of every model, or of those of these names, into `folder`."""
    for model in MODELS:
        name = model.__name__
        if names and name not in names:
            continue
        shutil.rmtree(folder / name, ignore_errors=True)
        place = folder / name / "model"
        place.parent.mkdir(parents=True)
        model(place)
        yield from _documents(name, place)


def _documents(name: str, model: Path) -> Iterator[Document]:
    """Yield the files of a model's folder, its locks, and its exports."""
    modelenv.lock_model(model, hashes=name != "frames")
    pins = _pins(each.requirement for each in envfiles.read_folder(model).requirements)
    for file in ("requirements.txt", "conda.yaml", "python_env.yaml", "MLmodel", "pylock.toml"):
        yield Document(name, file, model / file, pins)
    modelenv.lock_model(model, target=TARGET)
    lock = next(model.glob("pylock.*.toml"))
    there = {
        each.name: each.version for each in envfiles.read_pylock(lock.read_text("utf-8")).packages
    }
    yield Document(name, "pylock of a target", lock, there, TARGET)
    for to, file in EXPORTS.items():
        beside = model
        if to in HOLDS_MODEL:
            beside = model.parent / to / "model"
            shutil.copytree(model, beside)
        done = modelenv.export_environment(beside, beside.parent / file, to=to)
        yield Document(name, to, done.place, _pins(done.pins))
    for to in TARGETED:
        output = model.parent / f"there-{EXPORTS[to]}"
        done = modelenv.export_environment(model, output, to=to, target=TARGET)
        yield Document(name, f"{to} of a target", done.place, _pins(done.pins), TARGET)


def _pins(lines: Iterable[str]) -> dict[str, str]:
    pinned = map(Requirement, lines)
    return {canonicalize_name(each.name): next(iter(each.specifier)).version for each in pinned}
