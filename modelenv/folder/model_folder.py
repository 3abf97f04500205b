"""A model folder, read once: the starting point of every command."""

from __future__ import annotations

import atexit
import os
import weakref
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from ..base.addresses import model_uri
from ..base.addresses.permit import NONE, Permit
from ..base.files.scratch import scratch_folder
from ..base.indexes import ModelDates
from ..base.siblings import envfiles, resolver
from ..environments.interpreter import Python
from ..environments.spec import EnvironmentContents, EnvironmentRequest, request_environment
from ..pins.change.closure import installed_closure
from ..pins.change.obtainable import obtainable
from ..pins.closed_lists import closing_roots
from ..pins.package_sources import WHEELS, PackageSources, for_installers
from ..pins.pin_set import PinSet
from ..worker.job import Job, Material
from .documents.code_by_value import check_beside, check_code
from .documents.dates import read_dates
from .documents.names import CODE
from .documents.trace_file import FILE as TRACE
from .documents.trace_file import TraceFile
from .errors import BadFolderError, no_mlmodel, no_model_folder
from .mlflow import document as mlflow
from .mlmodel import FILE, MLmodel, absolute, written_by_mlflow

_PICKLES = (".pickle", ".pkl")
_LISTS = ("requirements.txt", "conda.yaml", "python_env.yaml")
_OF_THE_LOCK = "its lines are of another Python or platform: what pylock.toml has for this counts"


@dataclass(frozen=True)
class ModelFolder:
    """A folder with a model; its files are read once, on first access."""

    path: Path
    as_read: envfiles.Fingerprint | None = field(default=None, compare=False)
    """The folder's state before it was read, for those who will change or run it."""
    stood: tuple[int, ...] = field(default=(), compare=False)
    """The identity of the folder then: another folder with equal content may have replaced it."""

    @classmethod
    def at(cls, path: str | os.PathLike[str], *, to_change: bool = False) -> ModelFolder:
        """Return the folder at `path`, without reading its MLmodel, which edits do not need.

        A ``file:`` URI is accepted. An interrupted rewrite there is completed or undone. With
        `to_change`, its state is recorded. Raises BadArgumentError, NotLocalError for the URI of a
        store, and BadFolderError if there is no folder.
        """
        place = model_uri.local(path).absolute()
        envfiles.recover(place)
        if not place.is_dir():
            raise BadFolderError(place, no_model_folder(place))
        if not to_change:
            return cls(place)
        stood = _standing(place)
        return cls(place, envfiles.Fingerprint.of(place), stood)

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> ModelFolder:
        """Return the folder at a path or a URI, as `to_run` does, with a checked MLmodel.

        Raises BadFolderError if the model cannot be run, and what `to_run` raises.
        """
        folder = cls.to_run(path)
        _ = folder.mlmodel
        return folder

    @classmethod
    def to_run(cls, path: str | os.PathLike[str]) -> ModelFolder:
        """Return the folder at a path or a URI of MLflow's, with its state recorded.

        Raises what `at` and `fetched` raise.
        """
        return cls.fetched(path) if model_uri.is_remote(path) else cls.at(path, to_change=True)

    @classmethod
    def fetched(cls, place: str | os.PathLike[str], *, keep: bool = False) -> ModelFolder:
        """Return the folder at a path or a URI for reading; one in a store is downloaded.

        The download is removed with the returned value, or with `keep` at the end of the process,
        for what is loaded from it. Raises NotLocalError if MLflow cannot be imported,
        DownloadFailedError, and what `at` raises.
        """
        if not model_uri.is_remote(place):
            return cls.at(place)
        with ExitStack() as stack:
            scratch = stack.enter_context(scratch_folder())
            folder = cls.at(model_uri.download(os.fspath(place), scratch))
            end = stack.pop_all().close
            _ = atexit.register(end) if keep else weakref.finalize(folder, end)
            return folder

    @cached_property
    def document(self) -> Mapping[str, Any]:
        """The content of MLmodel; empty if there is none. Raises InvalidFile."""
        text = envfiles.read_text(self.path / FILE, within=self.path)
        document = envfiles.load_yaml(text, file=str(self.path / FILE)) if text else None
        return document if isinstance(document, dict) else {}

    @property
    def flavors(self) -> Mapping[str, Any]:
        """The flavors in MLmodel, unchecked."""
        found = self.document.get("flavors")
        return found if isinstance(found, dict) else {}

    @cached_property
    def mlmodel(self) -> MLmodel:
        """The checked content of MLmodel. Raises BadFolderError."""
        file = self.path / FILE
        if not file.exists():
            raise BadFolderError(self.path, no_mlmodel(self.path))
        try:
            document = self.document
        except (envfiles.InvalidFile, OSError) as error:
            raise BadFolderError(file, str(error)) from error
        if written_by_mlflow(self.flavors):
            return mlflow.read(document, self.path)
        if self.flavors and not self.is_loadable:
            named = ", ".join(map(str, self.flavors))
            reason = "none of its flavors is one that Python can load (python_function)"
            raise BadFolderError(file, f"{reason}: {named}")
        return MLmodel.of(document, file)

    @property
    def is_loadable(self) -> bool:
        """Whether it has a flavor that Python can load."""
        return self.ours or "python_function" in self.flavors

    @cached_property
    def environment(self) -> envfiles.EnvSpec:
        """The content of the environment files, without the lock. Raises InvalidFile."""
        return self._located[0]

    @property
    def places(self) -> Mapping[tuple[str, str], envfiles.Location]:
        """The file and line of each requirement, by its key. Raises InvalidFile."""
        return self._located[1]

    @cached_property
    def _located(self) -> tuple[envfiles.EnvSpec, Mapping[tuple[str, str], envfiles.Location]]:
        if not any((self.path / name).exists() for name in (FILE, *_LISTS)):
            raise BadFolderError(self.path, no_mlmodel(self.path))
        return envfiles.read_located(self.path, lock=False)

    @cached_property
    def trace(self) -> TraceFile:
        """What the prediction touched when the model was saved. Raises BadFolderError."""
        return TraceFile.read(self.path)

    @property
    def is_traced(self) -> bool:
        """Whether there is a trace."""
        return (self.path / TRACE).is_file()

    @property
    def ours(self) -> bool:
        """Whether modelenv wrote the folder."""
        return "modelenv" in self.flavors

    @cached_property
    def pins(self) -> PinSet:
        """The pins, as an input for resolving again. Raises InvalidFile."""
        spec = self.environment
        if self.ours:
            return PinSet(spec)
        roots = closing_roots(self.path, spec)
        return PinSet(spec, roots is not None, roots, mlflow.build_tools(spec))

    @property
    def proof(self) -> Mapping[str, str]:
        """The proof of the pins in MLmodel; empty if another tool wrote it."""
        ours = self.flavors.get("modelenv")
        found = ours.get("proof") if isinstance(ours, dict) else None
        return found if isinstance(found, dict) else {}

    @cached_property
    def dates(self) -> ModelDates:
        """The dates that its files record. Raises BadFolderError, InvalidFile."""
        return read_dates(self.path, self.document)

    @property
    def is_changed(self) -> bool:
        """Whether the folder has changed since it was read."""
        if self.as_read is None:
            return False
        moved = self.stood != _standing(self.path)
        return moved or self.as_read != envfiles.Fingerprint.of(self.path)

    @property
    def wheels(self) -> Path:
        """The folder of the wheels that travel; it need not exist."""
        return self.path / WHEELS

    @property
    def data(self) -> Path:
        """The path of the model's data, as its loader takes it."""
        return self.path if self.mlmodel.written_by_mlflow else self.path / self.mlmodel.data

    @property
    def pickles(self) -> list[Path]:
        """The existing pickles that loading the model reads, without scripts.

        MLflow has several names for its own, which are recognized by content.
        """
        if self.mlmodel.written_by_mlflow:
            files = (file for file in self.path.rglob("*") if file.is_file())
            root = self.path.resolve()
            return sorted(
                file for file in files if root in file.resolve().parents and _is_pickle(file)
            )
        return [self.data] if self.data.suffix == ".pkl" and self.data.is_file() else []

    @property
    def pickled_with(self) -> str:
        """The version of Python that wrote its pickles, or logged it; empty: unknown."""
        if self.mlmodel.written_by_mlflow:
            return self.mlmodel.python
        return self.mlmodel.pickled_with or TraceFile.python_of(self.path)

    def check_code(self, python: str, *, whole: bool = False) -> None:
        """Raise CompiledCodeError if a Python cannot run the code that its pickles hold.

        With `whole` the recorded example and prediction will be read too.
        """
        pickles = sorted(self.path.glob("*.pkl")) if whole and self.ours else self.pickles
        check_code(pickles, self.pickled_with, python)
        with suppress(BadFolderError):  # without it the Python that recorded it is unknown
            recorded = TraceFile.python_of(self.path) or self.pickled_with
            check_beside(self.path, recorded, python)

    @property
    def example(self) -> Mapping[str, Any]:
        """The description of the recorded input example."""
        return absolute(self.mlmodel.input, self.path)

    @property
    def prediction(self) -> Mapping[str, Any]:
        """The description of the recorded prediction."""
        return absolute(self.mlmodel.prediction, self.path)

    def job(self, described: Mapping[str, Any], **how: Any) -> Job:
        """Return the job of predicting on the described input; `how` are its other fields."""
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
        """Return the job of predicting on the example and comparing all parts but the `skipped`."""
        return self.job(self.example, expected=self.prediction, skipped=skipped)

    def sources(self, environment: Mapping[str, str]) -> PackageSources:
        """Return the sources of the pins; `environment` holds the variables that lines name."""
        sources = PackageSources.of(self.path, self.environment, environment)
        return replace(sources, dates=self.dates)

    def wanted(
        self,
        python: Python,
        installed: resolver.Installed,
        pins: Sequence[str] | None = None,
        options: Iterable[str] = (),
        behind: Mapping[str, envfiles.Entry] | None = None,
        permit: Permit = NONE,
        *,
        as_stated: bool = False,
        version: str | None = None,
    ) -> EnvironmentRequest:
        """Return the request for the model's environment, with other `pins` if given.

        `options` override those of the folder, and entries of `behind` those of its pins. `permit`
        allows variables to be sent to hosts. With `as_stated` the closure of an open list is not
        looked up. `version` is the Python whose part of a lock of several counts, if not the own.
        """
        spec = self.environment
        locked = self._locked_here(version) if pins is None else None
        entries = spec.requirements if locked is None else locked
        lines = [entry.requirement for entry in entries] if pins is None else pins
        closed = pins is not None or not self.mlmodel.written_by_mlflow or self.pins.closed
        closed = closed or locked is not None
        notes: tuple[str, ...] = () if locked is None else (_OF_THE_LOCK,)
        if not closed:
            lines = [*lines, *self.pins.tools]
        if not closed and not as_stated:
            closed, lines = installed_closure(lines, spec.constraints, installed)
        if not closed and not as_stated:
            lines, notes = obtainable(lines, self.pins.target(), self.sources({}).options)
        known = {entry.requirement: entry for entry in entries if entry.options}
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
            notes=notes,
            permit=permit,
        )
        return request_environment(contents, python, installed)

    def _locked_here(self, version: str | None) -> tuple[envfiles.Entry, ...] | None:
        """Return what a lock of several has for this platform, if the lines are not of it."""
        lines, target = self.environment.requirements, self.pins.on(version).target()
        return envfiles.locked_elsewhere(self.path, lines, target.markers)


def _standing(folder: Path) -> tuple[int, ...]:
    """Return what identifies a folder even if another replaces it; empty if there is none.

    An inode number alone is reused as soon as it is free.
    """
    with suppress(OSError):
        found = folder.stat()
        return found.st_dev, found.st_ino, found.st_ctime_ns
    return ()


def _is_pickle(file: Path) -> bool:
    """Return whether a file is a pickle: by its suffix or its protocol opcode (2 and newer)."""
    if file.suffix in _PICKLES:
        return True
    with file.open("rb") as stream:
        start = stream.read(2)
    return start[:1] == b"\x80" and b"\x02" <= start[1:] <= b"\x05"
