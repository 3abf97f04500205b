"""The whole story: from a model in this process to a folder that is proven to run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from .capture import Material, capture_here, capture_there
from .given import Given, Policy, Requirements
from .isolation.python import Python
from .local import WHEELS
from .model import artifacts as artifact
from .model import code, directory, example
from .model.mlmodel import CODE, LOADER, MODEL
from .saved import Account
from .settings import Settings
from .settle import measured, settle
from .siblings import envfiles, resolver
from .stopwatch import Stopwatch


def save_model(
    model: object,
    path: str | os.PathLike[str],
    *,
    input_example: object,
    extra_pip_requirements: Requirements | None = None,
    pip_requirements: Requirements | None = None,
    constraints: Requirements | None = None,
    overrides: Requirements | None = None,
    exclude: Requirements | None = None,
    code_paths: Iterable[str | os.PathLike[str]] | None = None,
    artifacts: Mapping[str, str | os.PathLike[str]] | None = None,
    metadata: Mapping[str, Any] | None = None,
    optional: Literal["prove", "keep"] = "prove",
    prove: bool = True,
    strict: bool = False,
    hashes: bool = True,
    timeout: float = 600.0,
    overwrite: bool = False,
) -> Account:
    """Save `model` as a folder that runs elsewhere, and prove that it does.

    `model` has a method ``predict`` or is callable; `input_example` is what it predicts on, both
    for finding out what it needs and for the proof. Requirements are lines as pip reads them, in a
    list, or the path of a requirements file: `extra_pip_requirements` are added to what was traced,
    `pip_requirements` replace it, `constraints` narrow either; `overrides` replace every
    requirement on their names, other distributions' too, and names in `exclude` are dropped.

    Modules of your own that the prediction imports travel in ``code/``; `code_paths` adds files and
    folders, and an empty one turns that off. `artifacts` are files by name that
    ``load_context(context)`` finds in ``context.artifacts``; `metadata` is kept in MLmodel.

    `optional="keep"` keeps what libraries merely probe for; `prove=False` writes without proof;
    `strict` refuses pins that differ from what was traced; `hashes=False` does not seal the model's
    data. `timeout` bounds each run of the model, in seconds.

    Raises ModelenvError, or an error of the resolver or of the files; whatever happens, the target
    is as it was before, or whole.
    """
    given = Given.of(pip_requirements, extra_pip_requirements, constraints, overrides, exclude)
    given.check()
    policy = Policy(optional=optional, prove=prove, strict=strict, timeout=timeout)
    named_code = None if code_paths is None else code.check(code_paths)
    files = artifact.check(artifacts or {})
    settings = Settings.from_environment()
    watch = Stopwatch()
    python = Python.current()
    installed = python.installed()
    with envfiles.stage(path, overwrite=overwrite) as staging:
        folder = staging.folder
        with watch("pickle"):
            material = _write_material(model, input_example, folder)
            artifact.copy(files, folder)
        with watch("trace"):
            captured = capture_here(
                material,
                folder / example.PREDICTION,
                python,
                settings,
                timeout=timeout,
                meanwhile=lambda: _warm_up(installed),
            )

        def gather(attribution: resolver.Attribution) -> tuple[Material, code.Plan]:
            imported = () if named_code == () else attribution.first_party
            projects = attribution.projects
            plan = code.plan(imported, named_code or (), python.path, projects)
            plan.carry(folder / CODE)
            return replace(material, code=(folder / CODE,)), plan

        account = settle(
            captured,
            given,
            policy,
            settings,
            watch,
            installed=installed,
            path=staging.target,
            wheels=folder / WHEELS,
            gather=gather,
            carries_code=named_code != (),
        )
        with watch("write"):
            sealed = artifact.seal(folder, MODEL) if hashes else {}
            notes = directory.Notes(sealed=sealed, metadata=metadata or {})
            directory.write(folder, material, captured, account, installed, notes)
            account = measured(account, folder, material.model)
            staging.commit()
        return replace(account, seconds=watch.seconds)


def capture_pickle(
    model: Path,
    input: Path,  # noqa: A002  # the command's own word
    output: Path,
    *,
    python: Path,
    code_folders: tuple[Path, ...] = (),
    given: Given,
    policy: Policy,
    overwrite: bool = False,
) -> Account:
    """Write the environment files for a model that is already pickled.

    `model` and `input` are pickles that the interpreter `python` can load, in which nothing of ours
    need be installed; `code_folders` hold first-party code and are put on its path. `output` gets
    the environment files and the trace. Raises as :func:`save_model` does.
    """
    given.check()
    settings = Settings.from_environment()
    watch = Stopwatch()
    material = Material(
        model=model.absolute(),
        loader=directory.LOADER_SOURCE,
        input={"type": "pickle", "file": str(input.absolute())},
        code=tuple(folder.absolute() for folder in code_folders),
    )
    with envfiles.stage(output, overwrite=overwrite) as staging:
        with watch("trace"):
            captured = capture_there(
                material,
                staging.folder / example.PREDICTION,
                python,
                settings,
                timeout=policy.timeout,
            )
        installed = captured.python.installed()

        def gather(attribution: resolver.Attribution) -> tuple[Material, code.Plan]:
            names = sorted({item.module for item in attribution.first_party})
            return material, code.Plan(names=tuple(names))

        account = settle(
            captured,
            given,
            policy,
            settings,
            watch,
            installed=installed,
            path=staging.target,
            wheels=staging.folder / WHEELS,
            gather=gather,
            carries_code=False,
        )
        with watch("write"):
            Path(captured.prediction["file"]).unlink()
            directory.write_environment(staging.folder, captured, account, installed)
            account = measured(account, staging.folder, material.model)
            staging.commit()
        return replace(account, seconds=watch.seconds)


def _write_material(model: object, input_example: object, folder: Path) -> Material:
    """Put the model, its loader and the example into `folder`."""
    example.write_model(model, folder / MODEL)
    loader = folder / CODE / f"{LOADER}.py"
    loader.parent.mkdir()
    shutil.copyfile(directory.LOADER_SOURCE, loader)
    described = example.write_example(input_example, folder)
    return Material(model=folder / MODEL, loader=loader, input=described)


def _warm_up(installed: resolver.Installed) -> None:
    """Load, while the model runs elsewhere, what is needed once it has run."""
    import yaml  # noqa: F401

    installed.preload()
    _ = resolver.resolve, resolver.attribute, resolver.merge, envfiles.write_files
