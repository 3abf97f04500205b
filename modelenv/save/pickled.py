"""Write the environment files of a model that is already pickled."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from ..base.files.disk import placing
from ..base.settings import Settings
from ..base.siblings import envfiles, resolver
from ..environments.interpreter import Python
from ..environments.spec import Report, silent
from ..folder import example
from ..folder.code.code_plan import CodePlan
from ..folder.documents.names import LOADER_SOURCE
from ..pins.conda_env import Conda, CondaEnv
from ..worker.job import Material
from . import write_folder
from .account import Account
from .build_account import with_sizes
from .inputs import Policy, UserRequirements
from .observe.capture import capture_there
from .observe.target_python import other_version
from .pinning import attribute, pin
from .request.compiled import check_target, iter_bound
from .request.model_file import check_pickle, check_pickled_model
from .request.pinning import PinningRequest
from .request.prepared import Prepared
from .request.stopwatch import Stopwatch


def capture_pickle(
    model: Path,
    input: Path,  # noqa: A002  # the command's own word
    output: Path,
    *,
    python: Path,
    code_folders: tuple[Path, ...] = (),
    conda_env: Conda | None = None,
    overwrite: bool = False,
    report: Report = silent,
    **options: Any,
) -> Account:
    """Write the environment files of a model that is already pickled; return the account.

    `model` and `input` are pickles that the interpreter `python` can load; modelenv need not be
    installed there. `code_folders` hold first-party code and are put on its path. The environment
    files and the trace are written to the folder `output`. If `conda_env` names a Python, the pins
    are resolved for that one. `options` are those of :func:`save_model` that decide what is pinned
    and how. Raises as that does.
    """
    check_pickled_model(model)
    check_pickle(input)
    policy, lines = Policy.part(options)
    settings = Settings.from_environment()
    conda = None if conda_env is None else CondaEnv.of(conda_env)
    requirements = UserRequirements.read(conda=conda, environment=settings.environment, **lines)
    requirements.check(partial(_target, python, conda, settings))
    watch = Stopwatch()
    material = Material(
        model=model.absolute(),
        loader=LOADER_SOURCE,
        input={"type": "pickle", "file": str(input.absolute())},
        code=tuple(folder.absolute() for folder in code_folders),
    )
    with envfiles.stage(output, overwrite=overwrite) as staging, placing(output):
        report("predicting, and watching what that needs")
        with watch("trace"):
            recorded = staging.folder / example.PREDICTION
            captured = capture_there(material, recorded, python, settings, timeout=policy.timeout)
        installed = captured.python.installed()
        version = other_version(conda, captured.python, settings)
        written = captured.python.version  # the pickle does not state its Python: assume this one
        about_python = check_target((model, input), written, version, prove=policy.prove)
        report("finding out whose files these are")
        with watch("attribute"):
            attribution, packed = attribute(captured, requirements, installed, carries_code=False)
            nobodys = {item.name.partition(".")[0] for item in attribution.unlisted}
            modules = {item.module for item in attribution.first_party}
            names = sorted(each for each in modules if each.partition(".")[0] not in nobodys)
        request = PinningRequest(
            captured=captured,
            attribution=attribution,
            packed=packed,
            material=material,
            carried=CodePlan(names=tuple(names)),
            requirements=requirements,
            policy=policy,
            settings=settings,
            watch=watch,
            prepared=Prepared(installed=installed),
            path=staging.target,
            folder=staging.folder,
            report=report,
            version=version,
        )
        account = pin(request)
        report("writing the files")
        with watch("write"):
            Path(captured.prediction["file"]).unlink()
            write_folder.write_environment(request, account)
            account = with_sizes(account, staging.folder, material.model)
            staging.commit()
        bound = iter_bound(captured, written)
        notes = (*account.notes, *about_python, *bound, *staging.notes)
        return replace(account, notes=notes, seconds=watch.seconds)


def _target(python: Path, conda: CondaEnv | None, settings: Settings) -> resolver.Target:
    """Return the target of the resolution: conda's Python, else the one that loads the model."""
    there = Python.at(python)
    version = other_version(conda, there, settings)
    return resolver.Target.of(version) if version else there.installed().target
