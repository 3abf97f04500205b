"""All that a save was asked for, checked before the model is made."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ...base import arguments
from ...base.errors import WrongUseError
from ...base.settings import Settings
from ...base.siblings import envfiles, resolver
from ...environments.interpreter import Python
from ...environments.spec import Report, silent
from ..inputs import Policy, UserRequirements
from ..observe.target_python import TargetPython, find_target

if TYPE_CHECKING:
    from ...folder.artifacts import ModelArtifact
    from ...folder.code.named import CodePaths
    from ...folder.code.project_files import ProjectFolder
    from ...pins.conda_env import Conda, CondaEnv


@dataclass(frozen=True, slots=True, kw_only=True)
class SavePlan:
    """The plan of a save: target, contents, Python, and proof."""

    target: Path
    overwrite: bool
    script: Path | None
    """The script that defines the model."""
    stated: Path | None
    """The script with inline requirements, unless a complete list replaces them."""
    requirements: UserRequirements
    policy: Policy
    python: TargetPython
    carry: str
    """The files that travel: "imported" modules, or everything that was "touched"."""
    code: tuple[Path, ...] | None
    """Further code of the user's; empty for no code at all, None for imported modules alone."""
    artifacts: Mapping[str, ModelArtifact]
    link_artifacts: bool
    """Whether artifacts may be hard links."""
    metadata: Mapping[str, Any]
    signature: object
    """The schema by which MLflow checks requests: inferred (True), none (False), or given."""
    hashes: bool
    in_process: bool
    report: Report

    @classmethod
    def checked(
        cls,
        path: object,
        *,
        script: Path | None = None,
        source: Path | None = None,
        python: str | os.PathLike[str] | None = None,
        conda_env: Conda | None = None,
        carry: Literal["imported", "touched"] = "imported",
        code_paths: CodePaths | None = None,
        artifacts: Mapping[str, str | os.PathLike[str]] | None = None,
        link_artifacts: bool = False,
        metadata: Mapping[str, Any] | None = None,
        signature: object = True,
        mlflow: bool = False,
        hashes: bool = True,
        trace_in_process: bool = False,
        overwrite: bool = False,
        report: Report = silent,
        **options: Any,
    ) -> SavePlan:
        """Return the plan of a save with these options, which are those of :func:`save_model`.

        `source` is the script that makes the model, if another one defines it. Raises WrongUseError
        for options with which no save is possible, the resolver's errors for lines that contradict
        each other, and SealUnavailableError.
        """
        target = arguments.path("path", path, "the path of the new folder")
        arguments.choice("carry", carry, ("imported", "touched"))
        policy, lines = Policy.part(options)
        _check_signature(signature)
        _check_metadata(metadata)
        if python is not None:
            arguments.path("python", python, "an interpreter, or a version, as '3.12'")
        here, settings = interpreter_for(script), Settings.from_environment()
        conda = None if conda_env is None else _read_conda(conda_env)
        stated = _stated(script or source)
        requirements = UserRequirements.read(
            conda=conda, environment=settings.environment, script=stated, **lines
        )
        wanted = find_target(python, conda, here, settings, prove=policy.prove)
        if mlflow:
            requirements = requirements.for_mlflow(_installed(wanted, here))
        requirements.check(partial(_target, wanted))
        if trace_in_process and wanted.executable is not None:
            raise WrongUseError("trace_in_process predicts in this process: name no other `python`")
        if policy.prove and policy.seal.seal != "auto":  # "auto" works on every machine
            policy.seal.chosen()
        return cls(
            # The code that makes the model may change the working folder.
            target=Path(os.path.abspath(target)),  # noqa: PTH100  # keep links
            overwrite=overwrite,
            script=script,
            stated=None if requirements.replaces_traced else stated,
            requirements=requirements,
            policy=policy,
            python=wanted,
            carry=carry,
            code=None if code_paths is None else _checked_code(code_paths),
            artifacts={} if artifacts is None else _checked_artifacts(artifacts),
            link_artifacts=link_artifacts,
            metadata=metadata or {},
            signature=signature,
            hashes=hashes,
            in_process=trace_in_process,
            report=report,
        )

    @property
    def is_for_another(self) -> bool:
        """Whether the model is for another Python than this one."""
        return self.python.executable is not None or bool(self.python.version)

    def check_target(self) -> None:
        """Raise the errors of `envfiles.stage` if the folder could not be written now."""
        with envfiles.stage(self.target, overwrite=self.overwrite):
            pass

    def project(self, settings: Settings) -> ProjectFolder | None:
        """Return the folder that the model is saved from: its script's, else the working folder.

        None if only modules travel.
        """
        if self.carry == "imported":
            return None
        from ...folder.code.project_files import ProjectFolder

        working = Path.cwd()
        path = self.script.absolute().parent if self.script else working
        return ProjectFolder(path=path, working=working, home=settings.home)


def _stated(script: Path | None) -> Path | None:
    """Return the script if it has inline requirements (PEP 723), else None."""
    text = None if script is None else envfiles.read_text(script, any_kind=True)
    return script if text is not None and envfiles.has_block(text) else None


def interpreter_for(script: Path | None) -> Python:
    """Return this interpreter, with a script's folder on its path, as when the script runs."""
    here = Python.current()
    return replace(here, path=(str(script.absolute().parent), *here.path)) if script else here


def _read_conda(given: Conda) -> CondaEnv:
    from ...pins.conda_env import CondaEnv

    return CondaEnv.of(given)


def _checked_artifacts(
    given: Mapping[str, str | os.PathLike[str]],
) -> Mapping[str, ModelArtifact]:
    from ...folder.artifacts import check

    return check(given)


def _checked_code(paths: CodePaths) -> tuple[Path, ...]:
    from ...folder.code.named import check_paths

    return check_paths(paths)


def _installed(wanted: TargetPython, here: Python) -> resolver.Installed:
    """Return the distributions installed in the target; none if it is only a version."""
    if wanted.version:
        return resolver.Installed((), resolver.Target.of(wanted.version))
    return (here if wanted.executable is None else Python.at(wanted.executable)).installed()


def _target(wanted: TargetPython) -> resolver.Target:
    """Return the target by which markers are evaluated."""
    if wanted.executable is None:
        return resolver.Target.of(wanted.version) if wanted.version else resolver.Target.current()
    return Python.at(wanted.executable).installed().target


def _check_metadata(metadata: object) -> None:
    """Raise WrongUseError for metadata that MLmodel cannot hold."""
    said = dict(arguments.mapping("metadata", metadata, "a mapping"))
    if not said:
        return
    import yaml

    try:
        yaml.safe_dump(said)
    except yaml.YAMLError as error:
        raise WrongUseError(
            f"metadata: {error}; MLmodel holds strings, numbers, dates, lists and mappings"
        ) from error


def _check_signature(wanted: object) -> None:
    """Raise BadArgumentError for a value that cannot be a signature."""
    if isinstance(wanted, bool):
        return
    from ...table.signature import check_signature

    check_signature(wanted)
