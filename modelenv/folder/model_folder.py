"""A model folder, read once: what every command starts from."""

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
from .errors import BadFolderError
from .mlflow import document as mlflow
from .mlmodel import FILE, MLmodel, absolute, written_by_mlflow

_PICKLES = (".pickle", ".pkl")
_OF_THE_LOCK = "its lines are of another Python or platform: what pylock.toml has for this counts"


@dataclass(frozen=True)
class ModelFolder:
    """A folder that holds a model; its files are read when they are asked for, and once."""

    path: Path
    as_read: envfiles.Fingerprint | None = field(default=None, compare=False)
    """What stood there before anything of it was read, for who is to change or run it."""
    stood: tuple[int, ...] = field(default=(), compare=False)
    """Which folder it was then: another of the same content may have taken its place."""

    @classmethod
    def at(cls, path: str | os.PathLike[str], *, to_change: bool = False) -> ModelFolder:
        """Return the folder at `path`, whatever its MLmodel says: an edit asks for no more.

        A ``file:`` URI is a path too. What a killed process began there is ended. Where it is
        `to_change`, what it was is kept in mind. Raises BadArgumentError, NotLocalError for the URI
        of a store, and BadFolderError where there is no folder.
        """
        place = model_uri.local(path).absolute()
        envfiles.recover(place)
        if not place.is_dir():
            raise BadFolderError(place, "there is no such folder")
        if not to_change:
            return cls(place)
        stood = _standing(place)
        return cls(place, envfiles.Fingerprint.of(place), stood)

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> ModelFolder:
        """Return the folder at a path or a URI, as `to_run` does, as a model that can be run.

        Raises BadFolderError where its MLmodel does not say how, and what `to_run` raises.
        """
        folder = cls.to_run(path)
        _ = folder.mlmodel
        return folder

    @classmethod
    def to_run(cls, path: str | os.PathLike[str]) -> ModelFolder:
        """Return the folder at a path or a URI of MLflow's; what it was is kept in mind.

        Raises what `at` and `fetched` raise.
        """
        return cls.fetched(path) if model_uri.is_remote(path) else cls.at(path, to_change=True)

    @classmethod
    def fetched(cls, place: str | os.PathLike[str], *, keep: bool = False) -> ModelFolder:
        """Return the folder at a path or a URI, to be read: what is in a store is downloaded.

        The download goes with the value that is returned, or with the process where it is to `keep`
        for what is loaded from it. Raises NotLocalError where MLflow cannot
        be imported, DownloadFailedError, and what `at` raises.
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
        """What stands in MLmodel; nothing where there is none. Raises InvalidFile."""
        text = envfiles.read_text(self.path / FILE, within=self.path)
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
        if self.flavors and not self.is_loadable:
            named = ", ".join(map(str, self.flavors))
            reason = "none of its flavors is one that Python can load (python_function)"
            raise BadFolderError(file, f"{reason}: {named}")
        return MLmodel.of(document, file)

    @property
    def is_loadable(self) -> bool:
        """Whether some flavor is one that Python can load."""
        return self.ours or "python_function" in self.flavors

    @cached_property
    def environment(self) -> envfiles.EnvSpec:
        """What the environment files say, without the lock. Raises InvalidFile."""
        return self._located[0]

    @property
    def places(self) -> Mapping[tuple[str, str], envfiles.Location]:
        """Where each requirement of the environment stands, by its key. Raises InvalidFile."""
        return self._located[1]

    @cached_property
    def _located(self) -> tuple[envfiles.EnvSpec, Mapping[tuple[str, str], envfiles.Location]]:
        return envfiles.read_located(self.path, lock=False)

    @cached_property
    def trace(self) -> TraceFile:
        """What the prediction touched when the model was saved. Raises BadFolderError."""
        return TraceFile.read(self.path)

    @property
    def is_traced(self) -> bool:
        """Whether a trace is there."""
        return (self.path / TRACE).is_file()

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

    @cached_property
    def dates(self) -> ModelDates:
        """What its files say of time. Raises BadFolderError, InvalidFile."""
        return read_dates(self.path, self.document)

    @property
    def is_changed(self) -> bool:
        """Whether it is another by now than the one that was read."""
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
        """The model's data, as its loader takes it."""
        return self.path if self.mlmodel.written_by_mlflow else self.path / self.mlmodel.data

    @property
    def pickles(self) -> list[Path]:
        """The pickles that loading the model reads, where they are there: a script is none.

        MLflow names its own in several ways, and knows them by what is in them.
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
        """The version of Python that wrote its pickles, or logged it; empty: it is not known."""
        if self.mlmodel.written_by_mlflow:
            return self.mlmodel.python
        return self.mlmodel.pickled_with or TraceFile.python_of(self.path)

    def check_code(self, python: str, *, whole: bool = False) -> None:
        """Raise CompiledCodeError where a Python cannot run the code that its pickles hold.

        With the `whole` folder its recorded example and prediction are to be read, too.
        """
        pickles = sorted(self.path.glob("*.pkl")) if whole and self.ours else self.pickles
        check_code(pickles, self.pickled_with, python)
        with suppress(BadFolderError):  # then nothing is known of what recorded it
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
        """Return what the model's environment must hold, with other `pins` where they are given.

        `options` have the last word over those of the folder, and so has what stands `behind` some
        of the pins. `permit` says where variables may go. `as_stated`: nobody looks for what an
        open list leads to. `version`: of which Python a lock of several counts, None: the folder's.
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
    """Return what tells a folder from another that took its place; nothing where there is none.

    An inode alone is used again as soon as it is free.
    """
    with suppress(OSError):
        found = folder.stat()
        return found.st_dev, found.st_ino, found.st_ctime_ns
    return ()


def _is_pickle(file: Path) -> bool:
    """Tell a pickle by its name or by the opcode with which it says its protocol (2 and newer)."""
    if file.suffix in _PICKLES:
        return True
    with file.open("rb") as stream:
        start = stream.read(2)
    return start[:1] == b"\x80" and b"\x02" <= start[1:] <= b"\x05"
