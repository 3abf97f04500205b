"""Predict with a saved model in an environment of its own, and verify that it still does."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .capture import check
from .errors import BadFolderError, WrongUseError
from .isolation import process, values
from .isolation.environments import Manager, Wanted, opened, want
from .isolation.job import Job
from .isolation.process import Ended
from .isolation.python import Python
from .local import WHEELS
from .model.example import absolute
from .model.mlmodel import CODE, MLmodel
from .settings import Settings
from .siblings import envfiles, resolver
from .verdict import Verdict, judge

_READERS = {".json": "payload", ".csv": "csv", ".npy": "npy", ".pkl": "pickle"}


@dataclass(frozen=True, slots=True)
class Folder:
    """A model folder that is to be run."""

    path: Path
    mlmodel: MLmodel

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Folder:
        """Read the folder at `path`. Raises BadFolderError."""
        absolute_path = Path(path).absolute()
        if not absolute_path.is_dir():
            raise BadFolderError(absolute_path, "there is no such folder")
        return cls(absolute_path, MLmodel.read(absolute_path))

    def job(self, described: Mapping[str, Any], **further: Any) -> Job:
        """Return the job of predicting on the described input."""
        return Job(
            model=self.path / self.mlmodel.data,
            loader=self.path / CODE / f"{self.mlmodel.loader}.py",
            input=described,
            code=(self.path / CODE,),
            **further,
        )

    @property
    def example(self) -> Mapping[str, Any]:
        """The description of the recorded input example."""
        return absolute(self.mlmodel.input, self.path)

    @property
    def prediction(self) -> Mapping[str, Any]:
        """The description of the recorded prediction."""
        return absolute(self.mlmodel.prediction, self.path)

    def wanted(self, python: Python, installed: resolver.Installed) -> Wanted:
        """Return what its environment must hold. Raises WrongUseError for another Python."""
        spec = envfiles.read_folder(self.path)
        minor = spec.python.split(".")[:2]
        if minor != python.version.split(".")[:2]:
            raise WrongUseError(
                f"{self.path} needs Python {spec.python}, and this is {python.version}: run"
                f" modelenv with a Python {'.'.join(minor)}"
            )
        lines = (entry.requirement for entry in spec.requirements)
        return want(python, installed, lines, self.path / WHEELS)


def predict(
    folder: str | os.PathLike[str],
    data: object = None,
    *,
    env_manager: Manager = "auto",
    timeout: float = 600.0,
) -> Any:
    """Predict with the model in `folder`, in an environment that holds only its pins.

    `data` is the model's input; None takes the recorded example. Raises RunFailedError with the
    stage that failed, BadFolderError, WrongUseError.
    """
    opened_folder = Folder.open(folder)
    with process.scratch() as scratch:
        described = opened_folder.example
        if data is not None:
            described = values.write(data, str(scratch / "input"))
        output, _ = run(opened_folder, described, scratch, env_manager, timeout)
        return values.read(output)


def run(
    folder: Folder,
    described: Mapping[str, Any],
    scratch: Path,
    manager: Manager,
    timeout: float,
) -> tuple[Mapping[str, Any], Ended]:
    """Predict on the described input; return the description of the prediction in `scratch`."""
    job = folder.job(described, output=scratch / "prediction")
    ended, where = _run(folder, job, manager, timeout)
    check(ended, where)
    output = ended.report.last("output")
    assert output is not None
    return output, ended


def describe_file(file: Path, folder: Folder) -> Mapping[str, Any]:
    """Describe an input file by its suffix. Raises WrongUseError for one that nobody reads."""
    kind = _READERS.get(file.suffix.lower())
    if kind is None:
        known = ", ".join(_READERS)
        raise WrongUseError(f"{file}: cannot tell what it holds; its name may end in {known}")
    if not file.is_file():
        raise WrongUseError(f"{file}: there is no such file")
    described = {"type": kind, "file": str(file.absolute())}
    return {**described, "like": folder.mlmodel.input} if kind == "payload" else described


def to_text(output: Mapping[str, Any]) -> str:
    """Return a prediction as the scoring protocol's JSON. Raises WrongUseError where none is."""
    if output["type"] == "pickle":
        raise WrongUseError(f"the prediction is a {output['class']}, which JSON cannot hold")
    data = json.loads(Path(output["file"]).read_text("utf-8"))
    if output["type"] == "dataframe":
        data = [dict(zip(data["columns"], row, strict=True)) for row in data["data"]]
    return json.dumps({"predictions": data})


def verify(
    folder: str | os.PathLike[str], *, env_manager: Manager = "auto", timeout: float = 600.0
) -> Verdict:
    """Predict on the recorded example in an environment that holds only the pins, and compare.

    Raises BadFolderError and WrongUseError; a prediction that fails or differs is a verdict.
    """
    opened_folder = Folder.open(folder)
    job = opened_folder.job(opened_folder.example, expected=opened_folder.prediction)
    ended, where = _run(opened_folder, job, env_manager, timeout)
    return judge(ended, where, deterministic=opened_folder.mlmodel.deterministic)


def _run(folder: Folder, job: Job, manager: Manager, timeout: float) -> tuple[Ended, str]:
    settings = Settings.from_environment()
    python = Python.current()
    installed = python.installed()
    with opened(folder.wanted(python, installed), installed, settings, manager) as place:
        return process.run(job, place.interpreter, timeout=timeout), place.label
