"""A model folder, read once: what every command starts from."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ..base import arguments
from ..base.siblings import envfiles, resolver
from ..environments.interpreter import Python
from ..environments.spec import EnvironmentContents, EnvironmentRequest, request_environment
from ..pins.closed_lists import closing_roots
from ..pins.package_sources import WHEELS, PackageSources, for_installers
from ..pins.pin_set import PinSet
from ..worker.job import Job, Material
from . import mlflow
from .errors import BadFolderError
from .mlmodel import CODE, FILE, TRACE, MLmodel, absolute, written_by_mlflow


@dataclass(frozen=True, slots=True)
class TraceFile:
    """What a model folder's trace says; a folder without one says nothing."""

    python: str = ""
    """The Python that the model was traced with."""
    imports: tuple[Mapping[str, Any], ...] = ()
    """The records of the imports, in the order they were seen."""
    touches: tuple[Mapping[str, Any], ...] = ()
    """The files, libraries, hosts and programs that were touched."""

    @classmethod
    def read(cls, folder: Path) -> TraceFile:
        """Read the trace of a folder. Raises BadFolderError where it is no JSON."""
        file = folder / TRACE
        try:
            document = json.loads(file.read_text("utf-8"))
        except FileNotFoundError:
            return cls()
        except ValueError as error:
            raise BadFolderError(file, str(error)) from error
        if not isinstance(document, dict):
            return cls()
        return cls(
            python=str(document.get("python", "")),
            imports=tuple(each for each in document.get("imports", ()) if "name" in each),
            touches=tuple(document.get("touches", ())),
        )


@dataclass(frozen=True)
class ModelFolder:
    """A folder that holds a model; its files are read when they are asked for, and once."""

    path: Path

    @classmethod
    def at(cls, path: str | os.PathLike[str]) -> ModelFolder:
        """Return the folder at `path`, whatever its MLmodel says: an edit asks for no more.

        What a killed process began there is ended. Raises BadArgumentError, and BadFolderError
        where there is no folder.
        """
        place = arguments.path("the model folder", path).absolute()
        envfiles.recover(place)
        if not place.is_dir():
            raise BadFolderError(place, "there is no such folder")
        return cls(place)

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> ModelFolder:
        """Return the folder at `path` as a model that can be run.

        Raises BadFolderError where its MLmodel does not say how.
        """
        folder = cls.at(path)
        _ = folder.mlmodel
        return folder

    @cached_property
    def document(self) -> Mapping[str, Any]:
        """What stands in MLmodel; nothing where there is none. Raises InvalidFile."""
        text = envfiles.read_text(self.path / FILE)
        document = envfiles.load_yaml(text, file=str(self.path / FILE)) if text else None
        return document if isinstance(document, dict) else {}

    @property
    def flavors(self) -> Mapping[str, Any]:
        """The flavors that MLmodel names, whatever they hold."""
        found = self.document.get("flavors")
        return found if isinstance(found, dict) else {}

    @cached_property
    def mlmodel(self) -> MLmodel:
        """What MLmodel says, checked. Raises BadFolderError."""
        file = self.path / FILE
        if not file.exists():
            raise BadFolderError(self.path, f"there is no {FILE} file")
        try:
            document = self.document
        except (envfiles.InvalidFile, OSError) as error:
            raise BadFolderError(file, str(error)) from error
        if written_by_mlflow(self.flavors):
            return mlflow.read(document, self.path)
        return MLmodel.of(document, file)

    @cached_property
    def environment(self) -> envfiles.EnvSpec:
        """What the environment files say, without the lock. Raises InvalidFile."""
        return envfiles.read_folder(self.path, lock=False)

    @cached_property
    def trace(self) -> TraceFile:
        """What the prediction touched when the model was saved. Raises BadFolderError."""
        return TraceFile.read(self.path)

    @property
    def ours(self) -> bool:
        """Whether modelenv wrote the folder."""
        return "modelenv" in self.flavors

    @cached_property
    def pins(self) -> PinSet:
        """The pins, for whoever resolves them again. Raises InvalidFile."""
        spec = self.environment
        if self.ours:
            return PinSet(spec)
        roots = closing_roots(self.path, spec)
        return PinSet(spec, roots is not None, roots, mlflow.build_tools(spec))

    @property
    def proof(self) -> Mapping[str, str]:
        """What MLmodel says of the proof of the pins; nothing where another tool wrote it."""
        ours = self.flavors.get("modelenv")
        found = ours.get("proof") if isinstance(ours, dict) else None
        return found if isinstance(found, dict) else {}

    @property
    def wheels(self) -> Path:
        """The folder of the wheels that travel; it need not exist."""
        return self.path / WHEELS

    @property
    def data(self) -> Path:
        """The model's data, as its loader takes it."""
        return self.path if self.mlmodel.written_by_mlflow else self.path / self.mlmodel.data

    @property
    def pickles(self) -> list[Path]:
        """The pickles that loading the model reads: a script is none.

        MLflow names its own in several ways.
        """
        if self.mlmodel.written_by_mlflow:
            return sorted(self.path.glob("*.pkl"))
        return [self.data] if self.data.suffix == ".pkl" else []

    @property
    def example(self) -> Mapping[str, Any]:
        """The description of the recorded input example."""
        return absolute(self.mlmodel.input, self.path)

    @property
    def prediction(self) -> Mapping[str, Any]:
        """The description of the recorded prediction."""
        return absolute(self.mlmodel.prediction, self.path)

    def job(self, described: Mapping[str, Any], **how: Any) -> Job:
        """Return the job of predicting on the described input; `how` are further fields of it."""
        ours = not self.mlmodel.written_by_mlflow
        code = self.path / CODE
        material = Material(
            model=self.data,
            loader=code / f"{self.mlmodel.loader}.py" if ours else mlflow.LOADER,
            input=described,
            code=(code,) if ours else (),
            variables=self.mlmodel.variables,
        )
        return material.job(**how)

    def comparing_job(self, skipped: tuple[str, ...]) -> Job:
        """Return the job of predicting on the example and comparing, but for what is `skipped`."""
        return self.job(self.example, expected=self.prediction, skipped=skipped)

    def sources(self, environment: Mapping[str, str]) -> PackageSources:
        """Return where the pins are found; `environment` holds the variables that lines name."""
        return PackageSources.of(self.path, self.environment, environment)

    def wanted(
        self,
        python: Python,
        installed: resolver.Installed,
        pins: Sequence[str] | None = None,
        options: Iterable[str] = (),
        behind: Mapping[str, envfiles.Entry] | None = None,
    ) -> EnvironmentRequest:
        """Return what the model's environment must hold, with other `pins` where they are given.

        `options` have the last word over those of the folder, and so has what stands `behind` some
        of the pins.
        """
        spec = self.environment
        lines = [entry.requirement for entry in spec.requirements] if pins is None else pins
        closed = pins is not None or not self.mlmodel.written_by_mlflow or self.pins.closed
        if not closed:
            lines = [*lines, *self.pins.tools]
            closed, lines = _closure(lines, spec.constraints, installed)
        known = {entry.requirement: entry for entry in spec.requirements if entry.options}
        contents = EnvironmentContents(
            requirements=tuple(lines),
            behind={**{line: known[line] for line in lines if line in known}, **(behind or {})},
            python=spec.python,
            channels=spec.channels,
            conda_dependencies=spec.conda_dependencies,
            closed=closed,
            constraints=() if closed else spec.constraints,
            provided=self.mlmodel.provided,
            wheels=self.wheels,
            options=envfiles.join_options((*for_installers(spec.options, self.path), *options)),
        )
        return request_environment(contents, python, installed)


def _closure(
    lines: Sequence[str], constraints: Sequence[str], installed: resolver.Installed
) -> tuple[bool, Sequence[str]]:
    """Return the closure of requirements that do not name all they need, where it is installed."""
    try:
        merged = resolver.merge(
            (), pip_requirements=lines, constraints=constraints, target=installed.target
        )
        resolution = resolver.resolve(merged, installed, index="never")
    except resolver.ResolverError:
        return False, lines
    return True, [str(pin.requirement) for pin in resolution.pins]
