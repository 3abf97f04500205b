"""An old model of any kind: its requirements, its Python, its date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ....base import arguments
from ....base.arguments import Requirements
from ....base.siblings import envfiles
from ....folder.documents.names import CODE
from ....folder.mlflow.permission import unpickled_files
from ....folder.mlmodel import MLmodel
from ....folder.model_folder import ModelFolder
from ....pins.conda_provided import Provided
from ....pins.lines import read_lines
from ....pins.package_sources import travelling
from ...errors import NoModelError
from ..values import AppliedRule
from .hints import Hint, hints_in, hints_of
from .loading import MLFLOW, OldLoading, code_of, loading_of, loading_of_file

_PICKLES = (".pkl", ".pickle", ".joblib")


@dataclass(frozen=True, slots=True, kw_only=True)
class OldModel:
    """A model as it was left, read once and never changed."""

    path: Path
    kind: Literal["mlflow", "modelenv", "pickle"]
    folder: ModelFolder | None
    """Its folder; None: it is a pickle alone."""
    spec: envfiles.EnvSpec
    """The content of its environment files; for a pickle its requirements."""
    lines: tuple[str, ...]
    """Its requirement lines, without MLflow's if MLflow is not needed."""
    python: str
    """The Python that it states; empty: none."""
    loading: OldLoading
    rules: tuple[AppliedRule, ...] = ()

    @property
    def unpickled(self) -> tuple[Path, ...]:
        """The files that are loaded as a pickle, or by the types that they name."""
        return (self.path,) if self.folder is None else (*unpickled_files(self.folder),)

    @classmethod
    def read(
        cls,
        path: Path,
        requirements: Requirements | None,
        environment: Mapping[str, str],
        selection: envfiles.Selection | None = None,
    ) -> OldModel:
        """Read a folder, or a pickle with `requirements`.

        Those replace what a folder lists; `environment` holds the variables that they may name, and
        `selection` says which extras and groups of a project are meant.
        Raises NoModelError, BadFolderError, InvalidFile.
        """
        if path.is_file():
            return cls._of_pickle(path, requirements, environment, selection)
        folder = ModelFolder.open(path)
        kind: Literal["mlflow", "modelenv"] = "modelenv" if folder.ours else "mlflow"
        spec = (
            folder.environment
            if requirements is None
            else _listed(requirements, folder, environment, selection)
        )
        stated = folder.environment.python or folder.mlmodel.python
        if kind == "modelenv":
            return cls(
                path=folder.path,
                kind=kind,
                folder=folder,
                spec=spec,
                lines=_lines(spec),
                python=stated,
                loading=OldLoading(data=folder.mlmodel.data),
            )
        loading = loading_of(folder)
        gone = () if loading.needs_mlflow else tuple(filter(_is_mlflow, _lines(spec)))
        return cls(
            path=folder.path,
            kind=kind,
            folder=folder,
            spec=spec,
            lines=tuple(line for line in _lines(spec) if line not in gone),
            python=folder.mlmodel.python or stated,
            loading=loading,
            rules=(loading.rule(gone),),
        )

    @classmethod
    def _of_pickle(
        cls,
        path: Path,
        requirements: Requirements | None,
        environment: Mapping[str, str],
        selection: envfiles.Selection | None,
    ) -> OldModel:
        if path.suffix not in _PICKLES:
            wanted = f"a model folder, or a pickle ({', '.join(_PICKLES)})"
            raise NoModelError(path, f"it is no model: give {wanted}")
        if requirements is None:
            raise NoModelError(
                path, "it is a pickle, which says nothing of what it needs: give its requirements"
            )
        spec = _listed(requirements, None, environment, selection)
        loading = loading_of_file(path)
        return cls(
            path=path.absolute(),
            kind="pickle",
            folder=None,
            spec=spec,
            lines=_lines(spec),
            python="",
            loading=loading,
            rules=(loading.rule(()),),
        )

    def with_lines(self, given: Sequence[str], environment: Mapping[str, str]) -> OldModel:
        """Return it with further lines of the user's, each in the place of those on its name.

        Raises BadArgumentError for a line that asks for no distribution, InvalidFile.
        """
        read = read_lines(given, layer="extra_requirements", environment=environment)
        lines = tuple(str(each.requirement) for each in read.requirements)
        if len(lines) != len(given):
            raise arguments.BadArgumentError("extra_requirements", list(given), "lines with a name")
        asked = set(map(_name, lines))
        kept = (each for each in self.lines if _name(each) not in asked)
        rules = tuple(AppliedRule("list", "you ask for it", f"added {line}") for line in lines)
        return replace(self, lines=(*kept, *lines), rules=(*self.rules, *rules))

    @property
    def bytecode(self) -> Path | None:
        """The file of it that brings code by value, which one Python runs; None: none does."""
        if not self.loading.holds_code:
            return None
        return self.path / self.loading.pickle if self.folder is not None else self.path

    @property
    def conda(self) -> tuple[Requirement, ...]:
        """Conda dependencies as pip requirements, as far as no line has them."""
        named = set(map(_name, self.lines))
        brought = Provided.by(self.spec.conda_dependencies).requirements
        return tuple(each for each in brought if each.name not in {*named, "pip"})

    @property
    def hints(self) -> Mapping[str, Hint]:
        """The versions that made it, if MLflow or the pickle says so; ours are all pinned."""
        if self.folder is None:
            return hints_in(self.path, self.path.name)
        return hints_of(self.folder) if self.kind == "mlflow" else {}

    @property
    def mlmodel(self) -> MLmodel | None:
        """The content of its MLmodel; None if it has none."""
        return None if self.folder is None else self.folder.mlmodel

    @property
    def document(self) -> dict[str, Any]:
        """The entries of its MLmodel."""
        return {} if self.folder is None else dict(self.folder.document)

    @property
    def code(self) -> Path | None:
        """The folder of its own code."""
        if self.folder is None or self.kind == "modelenv":
            own = self.path / CODE
            return own if self.folder is not None and own.is_dir() else None
        return code_of(self.folder)


def _lines(spec: envfiles.EnvSpec) -> tuple[str, ...]:
    return tuple(entry.requirement for entry in spec.requirements)


def _name(line: str) -> str:
    return canonicalize_name(Requirement(line).name)


def _is_mlflow(line: str) -> bool:
    return _name(line) in MLFLOW


def _listed(
    requirements: Requirements,
    folder: ModelFolder | None,
    environment: Mapping[str, str],
    selection: envfiles.Selection | None,
) -> envfiles.EnvSpec:
    """Return a user's list as an environment, with the other facts of a folder."""
    read = read_lines(
        requirements, layer="requirements", environment=environment, selection=selection
    )
    entries = tuple(
        envfiles.Entry(each.written or str(each.requirement)) for each in read.requirements
    )
    options = tuple(travelling(read))
    constraints: Sequence[str] = [str(each.requirement) for each in read.constraints]
    if folder is not None:
        return replace(
            folder.environment,
            requirements=entries,
            constraints=tuple(constraints),
            options=options,
            unnamed=(),
        )
    return envfiles.EnvSpec(
        python="3.0", requirements=entries, constraints=tuple(constraints), options=options
    )
