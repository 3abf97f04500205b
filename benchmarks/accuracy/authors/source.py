"""The source environment of a case: where its model was trained and recorded."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.version import Version

from ..running.closure import Installed, read_installed
from ..running.compare import difference, without_items
from ..running.environments import Builder, Environment, folder_digest
from ..running.predictions import PREDICT_IN, plain_environment, predict_in
from .pins import ALWAYS_INSTALLED, read_pins

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from packaging.utils import NormalizedName

    from .case import Case, LocalProject
    from .schema import How

RECORD = Path(__file__).resolve().parent / "record.py"


class SourceError(Exception):
    """A source environment that is not what its case says, or a model that does not run there."""

    def __init__(self, case: Case, fault: str) -> None:
        self.case = case
        self.fault = fault
        super().__init__(case.name, fault)

    def __str__(self) -> str:
        return f"{self.case.name}: {self.fault}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A case as its author had it: the folder, the environment, the pickles, the prediction."""

    case: Case
    folder: Path
    environment: Environment
    requirements: tuple[str, ...]
    options: tuple[str, ...]
    """What the environment was built from: a tool that runs in it is built with it, on a copy."""
    wheels: Mapping[tuple[NormalizedName, Version], Path]
    """A wheel of every local project, by name and version."""

    @property
    def development(self) -> Path:
        """The author's folder: train.py, first-party code and local projects stand here."""
        return self.folder / "development"

    @property
    def wheel_folder(self) -> Path:
        """The author's private index: what `index` and `offered` projects are installed from."""
        return self.folder / "wheels"

    @property
    def has_index(self) -> bool:
        return any(self.wheel_folder.iterdir())

    @property
    def model(self) -> Path:
        return self.folder / "model.pkl"

    @property
    def example(self) -> Path:
        return self.folder / "example.pkl"

    @property
    def recorded(self) -> Path:
        return self.folder / "prediction.json"

    @property
    def prediction(self) -> object:
        """The prediction in the source environment, in its comparable form."""
        return json.loads(self.recorded.read_text("utf-8"))

    def difference(self, found: object) -> str | None:
        """Return where a prediction differs from the recorded one, what is random left out."""
        names = self.case.random
        return difference(without_items(self.prediction, names), without_items(found, names))

    @property
    def import_path(self) -> tuple[Path, ...]:
        """The folders below `development` that hold the first-party modules."""
        places = [self.case.train, *self.case.first_party.values()]
        return tuple(dict.fromkeys((self.development / place).parent for place in places))

    def installed(self) -> Installed:
        return read_installed(self.environment.site_packages)

    def copy_code(self, folder: Path, *, leave_out: str | None = None) -> Path:
        """Copy the first-party modules into `folder`, each where it is imported from; return it."""
        folder.mkdir(parents=True)
        for module, place in self.case.first_party.items():
            origin = self.development / place
            if module == leave_out:
                continue
            if origin.is_dir():
                shutil.copytree(origin, folder / origin.name)
            else:
                shutil.copy(origin, folder)
        return folder

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """Hide the development folder for the block."""
        self.development.rename(_hidden(self.folder))
        try:
            yield
        finally:
            _hidden(self.folder).rename(self.development)


def prepare(case: Case, builder: Builder) -> Source:
    """Return the source of a case: built, trained and recorded, or as it was built before.

    Raises `SourceError` and `BuildError`.
    """
    if not builder.python_version().startswith(f"{case.python}."):
        raise SourceError(case, f"needs Python {case.python}: name one by --python")
    digest = folder_digest(case.folder, case.pins, RECORD, PREDICT_IN)
    folder = builder.cache / "cases" / f"{case.name}-{digest}"
    _lay_out(case, folder)
    options = ("--build-constraints", str(case.pins))
    wheels = {
        (project.name, project.version): builder.wheel(case.folder / project.folder, *options)
        for project in case.local
    }
    requirements, installer_options = _contents(case, folder, wheels)
    source = Source(
        case=case,
        folder=folder,
        environment=builder.environment(requirements, installer_options, after=case.after_install),
        requirements=requirements,
        options=installer_options,
        wheels=wheels,
    )
    _check_versions(source)
    if not source.recorded.exists():
        _train(source)
        _record(source)
    return source


def _lay_out(case: Case, folder: Path) -> None:
    if _hidden(folder).exists():  # an earlier run was killed while it hid the folder
        _hidden(folder).rename(folder / "development")
    if not (folder / "development").exists():
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(case.folder, folder / "laid-out", ignore=ignore, dirs_exist_ok=True)
        (folder / "laid-out").rename(folder / "development")


def _contents(
    case: Case, folder: Path, wheels: Mapping[tuple[NormalizedName, Version], Path]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the requirements of the source environment and the installer's options."""
    requirements = [str(line) for line in (*case.install, *case.clutter)] + [*ALWAYS_INSTALLED]
    options = ["--constraints", str(case.pins), "--build-constraints", str(case.pins)]
    indexed = [project for project in case.local if project.how in {"index", "offered"}]
    (folder / "wheels").mkdir(exist_ok=True)
    for project in indexed:
        shutil.copy(wheels[project.name, project.version], folder / "wheels")
    if indexed:
        options += ["--find-links", str(folder / "wheels")]
    for project in case.local:
        requirements += _installed_by(project, folder, wheels[project.name, project.version])
    return tuple(requirements), tuple(options)


def _installed_by(project: LocalProject, folder: Path, wheel: Path) -> list[str]:
    """Return the installer's arguments for a project."""
    place = str(folder / "development" / project.folder)
    arguments: Mapping[How, list[str]] = {
        "wheel": [str(wheel)],
        "path": [place],
        "editable": ["--editable", place],
        "index": [f"{project.name}==={project.version}"],
        "offered": [],
    }
    return arguments[project.how]


def _check_versions(source: Source) -> None:
    own = {project.name: project.version for project in source.case.local if project.installed}
    expected = {**read_pins(source.case.pins), **own}
    for name, distribution in source.installed().items():
        if expected.get(name) != Version(distribution.version):
            fault = f"{name} {distribution.version} is installed, expected {expected.get(name)}"
            raise SourceError(source.case, fault)


def _train(source: Source) -> None:
    train = source.development / source.case.train
    command = [str(source.environment.python), "-I", str(RECORD), "--train", str(train)]
    command += ["--model", str(source.model), "--example", str(source.example)]
    done = subprocess.run(
        [*command, *(["--main"] if source.case.main else [])],
        cwd=train.parent,
        env=plain_environment(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SourceError(source.case, f"train.py failed\n{done.stderr}")


def _record(source: Source) -> None:
    python = source.environment.python
    outcome = predict_in(python, source.model, source.example, source.import_path)
    if outcome.failed:
        raise SourceError(source.case, f"{outcome.stage}: {outcome.error}")
    if source.case.random:
        _check_random(source, outcome.prediction)
    source.recorded.write_text(json.dumps(outcome.prediction, indent=1), "utf-8")


def _check_random(source: Source, prediction: object) -> None:
    """Raise `SourceError` where a second prediction has what is called random the same."""
    again = predict_in(
        source.environment.python, source.model, source.example, source.import_path
    ).prediction
    for name in source.case.random:
        others = [key for key in _item_names(prediction) if key != name]
        if difference(without_items(prediction, others), without_items(again, others)) is None:
            raise SourceError(source.case, f"random: {name!r} is the same twice")


def _item_names(prediction: object) -> list[str]:
    items = prediction.get("items", ()) if isinstance(prediction, dict) else ()
    return [str(key) for key, _ in items]


def _hidden(folder: Path) -> Path:
    return folder / "hidden"
