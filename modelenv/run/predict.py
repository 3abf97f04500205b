"""Predict with a saved model in an environment of its own, and verify that it still does."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, get_args

from ..base import arguments
from ..base.errors import BadFolderError, WrongUseError
from ..base.settings import Settings
from ..base.siblings import envfiles, resolver
from ..environments.interpreter import Python
from ..environments.managers import Manager, Wanted, opened, want
from ..environments.spec import Report, silent
from ..folder import mlflow
from ..folder.artifacts import check_seal
from ..folder.bundling import WHEELS
from ..folder.example import absolute
from ..folder.mlmodel import CODE, MLmodel
from ..pins.lines import Requirements
from ..pins.package_sources import Places, for_installers, of_one_run
from ..save.capture import check
from ..worker import process, values
from ..worker.job import Job
from ..worker.process import Ended
from ..worker.verdict import Verdict, judge

_READERS = {
    ".json": "payload",
    ".csv": "csv",
    ".npy": "npy",
    ".parquet": "parquet",
    ".pkl": "pickle",
    ".pickle": "pickle",
}


@dataclass(frozen=True, slots=True)
class Folder:
    """A model folder that is to be run."""

    path: Path
    mlmodel: MLmodel

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Folder:
        """Read the folder at `path`. Raises BadArgumentError, BadFolderError."""
        absolute_path = arguments.path("the model folder", path).absolute()
        envfiles.recover(absolute_path)
        if not absolute_path.is_dir():
            raise BadFolderError(absolute_path, "there is no such folder")
        return cls(absolute_path, MLmodel.read(absolute_path))

    def job(self, described: Mapping[str, Any], **further: Any) -> Job:
        """Return the job of predicting on the described input."""
        if self.mlmodel.written_by_mlflow:
            return Job(model=self.path, loader=mlflow.LOADER, input=described, **further)
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

    @property
    def environment(self) -> envfiles.EnvSpec:
        """What its environment files say."""
        return envfiles.read_folder(self.path, lock=False)

    def wanted(
        self,
        python: Python,
        installed: resolver.Installed,
        pins: Sequence[str] | None = None,
        options: Iterable[str] = (),
    ) -> Wanted:
        """Return what its environment must hold, with other `pins` where they are given.

        `options` have the last word over those of the folder.
        """
        spec = self.environment
        lines = [entry.requirement for entry in spec.requirements] if pins is None else pins
        closed = pins is not None or not self.mlmodel.written_by_mlflow
        if not closed:
            closed, lines = _closure([*lines, *mlflow.build_tools(spec)], installed)
        return want(
            python,
            installed,
            lines,
            version=spec.python,
            channels=spec.channels,
            conda_dependencies=spec.conda_dependencies,
            closed=closed,
            provided=self.mlmodel.provided,
            wheels=self.path / WHEELS,
            options=envfiles.join_options((*for_installers(spec.options, self.path), *options)),
        )


def _closure(lines: Sequence[str], installed: resolver.Installed) -> tuple[bool, Sequence[str]]:
    """Return the closure of requirements that do not name all they need, where it is installed."""
    try:
        wanted = resolver.merge((), pip_requirements=lines, target=installed.target)
        resolution = resolver.resolve(wanted, installed, index="never")
    except resolver.ResolverError:
        return False, lines
    return True, [str(pin.requirement) for pin in resolution.pins]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How a model is to be run."""

    manager: Manager = "auto"
    timeout: float = 600.0
    """Seconds that it may take."""
    memory: int | None = None
    """Bytes that each of its processes may take."""
    override: Requirements | None = None
    """Requirements that replace pins, or are added to them, for this run alone."""
    report: Report = silent
    allow_changed: bool = False
    """Run a model whose data or artifacts are not what was saved."""
    settings: Settings = field(default_factory=Settings.from_environment)

    def __post_init__(self) -> None:
        """Raise BadArgumentError for what is no limit and no manager."""
        arguments.word("env_manager", self.manager, get_args(Manager))
        arguments.seconds("timeout", self.timeout)
        if self.memory is not None:
            arguments.count("memory", self.memory, "a whole number of bytes above 0")


def predict(
    folder: str | os.PathLike[str],
    data: object = None,
    *,
    env_manager: Manager = "auto",
    pip_requirements_override: Requirements | None = None,
    timeout: float = 600.0,
    memory: int | None = None,
    allow_changed: bool = False,
) -> Any:
    """Predict with the model in `folder`, in an environment that holds only its pins.

    `data` is the model's input; None takes the recorded example. `pip_requirements_override` are
    requirements that replace pins, or are added to them, for this run alone. The run may take
    `timeout` seconds, and each of its processes `memory` bytes. Raises RunFailedError with the
    stage that failed, BadFolderError, WrongUseError, and ChangedContentError where the model's data
    or artifacts are not what was saved, unless `allow_changed`.
    """
    how = Run(
        manager=env_manager,
        timeout=timeout,
        memory=memory,
        override=arguments.lines("pip_requirements_override", pip_requirements_override),
        allow_changed=allow_changed,
    )
    opened_folder = Folder.open(folder)
    with process.scratch() as scratch:
        described = opened_folder.example
        if data is None and described["type"] == "none":
            raise WrongUseError(
                f"{opened_folder.path} has no input example: give data to predict on"
            )
        if data is not None:
            described = values.write(data, str(scratch / "input"))
        output, _ = predict_described(opened_folder, described, scratch, how)
        return values.read(output)


def run(
    folder: Folder,
    described: Mapping[str, Any],
    scratch: Path,
    manager: Manager,
    timeout: float,
) -> tuple[Mapping[str, Any], Ended]:
    """Predict on the described input; return the description of the prediction in `scratch`."""
    return predict_described(folder, described, scratch, Run(manager=manager, timeout=timeout))


def predict_described(
    folder: Folder, described: Mapping[str, Any], scratch: Path, how: Run
) -> tuple[Mapping[str, Any], Ended]:
    """Predict on the described input; return the description of the prediction in `scratch`.

    Raises WrongUseError where an input of the user's cannot be read, RunFailedError.
    """
    ended, where = _run(folder, folder.job(described, output=scratch / "prediction"), how)
    failure = ended.report.failure
    if failure is not None and failure.stage == "input" and described != folder.example:
        name = Path(described["file"]).name
        ways = (f"; --pip-requirements-override {each} adds it" for each in failure.missing[:1])
        raise WrongUseError(
            f"{name} cannot be read as the model's input in {where}: {failure}{''.join(ways)}"
        )
    check(ended, where)
    output = ended.report.last("output")
    assert output is not None
    return output, ended


def describe_file(file: Path, folder: Folder, content_type: str | None = None) -> Mapping[str, Any]:
    """Describe an input file by its suffix, or as ``json``, ``csv``, ... where that is told.

    Raises WrongUseError for one that nobody reads.
    """
    if not file.is_file():
        raise WrongUseError(f"the input {file}: there is no such file")
    suffix = file.suffix.lower() if content_type is None else f".{content_type}"
    kind = _READERS.get(suffix)
    if kind is None:
        known = ", ".join(_READERS)
        raise WrongUseError(f"{file}: cannot tell what it holds; its name may end in {known}")
    described = {"type": kind, "file": str(file.absolute())}
    like = {"like": folder.mlmodel.input} if kind in ("payload", "csv") else {}
    return {**described, **like}


def to_text(output: Mapping[str, Any]) -> str:
    """Return a prediction as the scoring protocol's JSON. Raises WrongUseError where none is."""
    if output["type"] == "pickle":
        raise WrongUseError(f"the prediction is a {output['class']}, which JSON cannot hold")
    data = json.loads(Path(output["file"]).read_text("utf-8"))
    if output["type"] == "dataframe":
        data = [dict(zip(data["columns"], row, strict=True)) for row in data["data"]]
    return json.dumps({"predictions": data})


def verify(
    folder: str | os.PathLike[str],
    *,
    env_manager: Manager = "auto",
    pip_requirements_override: Requirements | None = None,
    timeout: float = 600.0,
    memory: int | None = None,
    allow_changed: bool = False,
) -> Verdict:
    """Predict on the recorded example in an environment that holds only the pins, and compare.

    The options are those of :func:`predict`. Raises BadFolderError and WrongUseError; a prediction
    that fails or differs is a verdict.
    """
    how = Run(
        manager=env_manager,
        timeout=timeout,
        memory=memory,
        override=arguments.lines("pip_requirements_override", pip_requirements_override),
        allow_changed=allow_changed,
    )
    return verify_folder(Folder.open(folder), how)


def verify_folder(folder: Folder, how: Run, pins: Sequence[str] | None = None) -> Verdict:
    """Verify as `how` says, with other `pins` than the folder's where they are given."""
    job = folder.job(folder.example, expected=folder.prediction)
    ended, where = _run(folder, job, how, pins)
    return judge(ended, where, deterministic=folder.mlmodel.deterministic)


def _run(
    folder: Folder, job: Job, how: Run, pins: Sequence[str] | None = None
) -> tuple[Ended, str]:
    if not how.allow_changed:
        check_seal(folder.path, folder.mlmodel.data, folder.mlmodel.sealed)
    installed = Python.current().installed()
    wanted = wanted_of(folder, how, pins)
    with opened(wanted, installed, how.settings, how.manager, how.report) as place:
        limited = replace(job, memory=how.memory)
        return process.run(limited, place.interpreter, timeout=how.timeout), place.label


def wanted_of(folder: Folder, how: Run, pins: Sequence[str] | None = None) -> Wanted:
    """Return what the environment of a run must hold, with what is overridden for it alone."""
    python = Python.current()
    installed = python.installed()
    if how.override is None:
        return folder.wanted(python, installed, pins)
    from ..pins.repin import repin_folder

    spec = folder.environment
    places = Places.of(folder.path, spec, how.settings.environment)
    told = [how.override] if isinstance(how.override, str) else how.override
    said = places.read(told, layer="override")
    found = repin_folder(spec, said, python, installed, places)
    return folder.wanted(python, installed, found.lines, of_one_run(said))
