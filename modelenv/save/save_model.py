"""The whole story: from a model in this process to a folder that is proven to run."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from ..base import arguments
from ..base.arguments import Requirements
from ..base.doors import door
from ..base.files.disk import placing
from ..base.files.hashing import Hashing
from ..base.files.scratch import scratch_folder
from ..base.indexes import AS_CONFIGURED, Indexes
from ..base.settings import Settings
from ..base.siblings import envfiles, resolver
from ..environments.spec import Report, silent
from ..folder import artifacts as artifact
from ..folder import example
from ..folder.code.code_plan import CodePlan
from ..folder.code.named import CodePaths
from ..folder.code.plan import carry_code
from ..folder.code.project_files import ProjectFiles, ProjectFolder
from ..folder.mlmodel import CODE
from ..pins.conda_env import Conda
from ..seal.choose import Paths, this_machine
from ..seal.seals import Wanted
from ..worker.job import Material
from . import write_folder
from .account import Account
from .build_account import with_sizes
from .observe.capture import FILES, Captured, capture_here, capture_there
from .observe.in_process import capture_in_process
from .observe.static_imports import Named, find_named
from .observe.target_python import own_folders
from .observe.used_files import find_used_files, paths_of
from .pinning import attribute, pin
from .request.compiled import check_pickled, check_saved, written_with
from .request.model import NO_EXAMPLE, GivenModel, examples_of, write_material
from .request.pinning import PinningRequest
from .request.plan import SavePlan, interpreter_for
from .request.stopwatch import Stopwatch


@door
def save_model(
    model: object,
    path: str | os.PathLike[str],
    *,
    input_example: object = NO_EXAMPLE,
    further_examples: Sequence[object] = (),
    extra_pip_requirements: Requirements | None = None,
    pip_requirements: Requirements | None = None,
    conda_env: Conda | None = None,
    constraints: Requirements | None = None,
    overrides: Requirements | None = None,
    exclude: Requirements | None = None,
    code_paths: CodePaths | None = None,
    artifacts: Mapping[str, str | os.PathLike[str]] | None = None,
    link_artifacts: bool = False,
    carry: Literal["imported", "touched"] = "imported",
    metadata: Mapping[str, Any] | None = None,
    signature: object = True,
    optional: Literal["prove", "keep"] = "prove",
    prove: bool = True,
    strict: bool = False,
    hashes: bool = True,
    trace_in_process: bool = False,
    python: str | os.PathLike[str] | None = None,
    timeout: float = 600.0,
    seal: Wanted = "auto",
    allow_hosts: str | Iterable[str] = (),
    allow_paths: Paths = (),
    bundle: str | Iterable[str] = (),
    ask_index: bool = False,
    indexes: Indexes = AS_CONFIGURED,
    overwrite: bool = False,
    report: Report = silent,
) -> Account:
    """Save `model` as a folder that runs elsewhere, and prove that it does.

    `model` has a method ``predict`` or is callable, or is the path of a script that defines one as
    ``model``, or of a pickle of one (.pkl); `input_example` is what it predicts on, both for
    finding out what it needs and for the proof, which holds for `further_examples` too. Without an
    example only loading is traced, with a warning. Requirements are lines as pip reads them, in a
    list, or the path of a requirements file: `extra_pip_requirements` are added to what was traced,
    `pip_requirements` replace it, `constraints` narrow either; `overrides` replace every
    requirement on their names, other distributions' too, and names in `exclude` are dropped.
    `conda_env` is a conda file, or the mapping that one would hold: it is kept as it is, its pip
    section acts as `pip_requirements` and its Python as `python`.

    Modules of your own that the prediction imports travel in ``code/``; `code_paths` adds files and
    folders, and an empty one turns that off. `artifacts` are files by name that
    ``load_context(context)`` finds in ``context.artifacts``; with `link_artifacts` they are not
    copied where they can be hard links: whoever writes to one of these files afterwards changes
    the model too, which its hash then tells. `carry="touched"` takes along what the
    run used and lies in the project's folder, which is that of a model's script, else the working
    folder (the account lists it); `metadata` is kept in MLmodel. The `signature` of the
    model, which MLflow checks requests by, is inferred of the example and its prediction; False
    writes none; else it is MLflow's, or a mapping with `inputs`, `outputs` and `params`.

    `optional="keep"` keeps what libraries merely probe for; `prove=False` writes without proof;
    `strict` refuses pins that differ from what was traced, and files edited since they were
    installed; `bundle` makes wheels travel: of what was edited ("edited"), of distributions by
    name; `ask_index` asks whether the configured index has each pin, which a plain save does not,
    as names may be private; `indexes` say where to find what is not installed; `hashes=False` does
    not seal the model's data. `trace_in_process`
    predicts with `model` itself, not a copy in a fresh interpreter: for one too large to be loaded
    twice; what that cannot see is a note in the account. `python` is the Python that the model is
    for: the path of an interpreter, or of its environment, in which it is then traced and proven;
    or a version, as "3.12", for which it is resolved and in which it is proven, in an environment
    that is built.
    `timeout` bounds each run of the model, in seconds.

    The proof is kept from this machine by a `seal`: "namespaces", "landlock", "watch" (which only
    looks), "off", or "auto", the strongest that can be had. What the model silently uses of this
    machine fails the proof, with the option that makes it travel. `allow_paths` and `allow_hosts`
    are files, folders and hosts that it may use: they are kept in MLmodel, as what whoever receives
    it has to provide. `report` is called with a few words at the beginning of each stage.

    All arguments are looked at before the model is.

    Raises ModelenvError, or an error of the resolver or of the files; whatever happens, the target
    is as it was before, or whole.
    """
    given = GivenModel.of(model)
    further = arguments.items("further_examples", further_examples, "a list of input examples")
    plan = SavePlan.checked(
        path,
        script=given.script,
        extra_pip_requirements=extra_pip_requirements,
        pip_requirements=pip_requirements,
        conda_env=conda_env,
        constraints=constraints,
        overrides=overrides,
        exclude=exclude,
        code_paths=code_paths,
        artifacts=artifacts,
        link_artifacts=link_artifacts,
        carry=carry,
        metadata=metadata,
        signature=signature,
        optional=optional,
        prove=prove,
        strict=strict,
        hashes=hashes,
        trace_in_process=trace_in_process,
        python=python,
        timeout=timeout,
        seal=seal,
        allow_hosts=allow_hosts,
        allow_paths=allow_paths,
        bundle=bundle,
        ask_index=ask_index,
        indexes=indexes,
        overwrite=overwrite,
        report=report,
    )
    return save_as_planned(plan, given, examples_of(input_example, further))


def save_as_planned(plan: SavePlan, model: GivenModel, examples: Sequence[object]) -> Account:
    """Save a model as :func:`save_model` does, by a plan that is checked. Raises as that does."""
    settings, watch = Settings.from_environment(), Stopwatch()
    with (
        envfiles.stage(plan.target, overwrite=plan.overwrite) as staging,
        placing(plan.target),
        Hashing() as hashing,
    ):
        folder = staging.folder
        plan.report("writing the model")
        with watch("pickle"):
            material = write_material(model, examples, folder)
            torn = _copy_artifacts(plan, material, folder, hashing)
            check_pickled(plan, model, folder)
        plan.report("predicting, and watching what that needs")
        with watch("trace"):
            captured, installed = _capture(plan, model, examples, material, settings)
            written = written_with(model, captured)
            about_python = check_saved(plan, written, captured, folder)
        plan.report("finding out whose files these are")
        with watch("attribute"):
            attribution, packed = attribute(
                captured, plan.requirements, installed, carries_code=plan.code != ()
            )
            carried = _carry_code(captured, attribution, plan.code, folder / CODE)
            project = plan.project(settings)
            files_along = _carry_files(
                project, captured, attribution, installed, carried, folder, plan.report
            )
            named = Named() if examples else _named_only(model, attribution, installed, captured)
        request = PinningRequest(
            captured=captured,
            attribution=attribution,
            packed=packed,
            named_only=named.found,
            unread=named.notes,
            material=replace(material, code=(folder / CODE,)),
            carried=carried,
            project_files=files_along,
            requirements=plan.requirements,
            policy=plan.policy,
            settings=settings,
            watch=watch,
            installed=installed,
            path=staging.target,
            folder=folder,
            report=plan.report,
            version=plan.python.version,
            exact=plan.python.exact,
        )
        account = pin(request)
        plan.report("writing the folder")
        with watch("write"):
            sealed = artifact.seal(folder, material.model.name, hashing) if plan.hashes else {}
            account = write_folder.write(
                request,
                account,
                sealed=sealed,
                pickled_with=written,
                metadata=plan.metadata,
                signature=plan.signature,
            )
            account = with_sizes(account, folder, material.model)
            left_out = (secret for each in plan.artifacts.values() for secret in each.left_out)
            account = replace(account, not_carried=(*account.not_carried, *left_out))
            staging.commit()
        notes = (*account.notes, *torn, *about_python, *staging.notes)
        return replace(account, notes=notes, seconds=watch.seconds)


@door
def infer_pip_requirements(model: object, input_example: object, **options: Any) -> list[str]:
    """Return the pins that `model` needs to predict, proven, as lines of a requirements file.

    They are what ``mlflow.*.log_model(pip_requirements=...)`` takes; MLflow adds itself. `options`
    are those of :func:`save_model`. Raises as that does.
    """
    with scratch_folder() as folder:
        account = save_model(model, folder / "model", input_example=input_example, **options)
        return list(account.pins)


def _copy_artifacts(
    plan: SavePlan, material: Material, folder: Path, hashing: Hashing
) -> tuple[str, ...]:
    """Copy the artifacts, and have large files hashed from now on; return notes on them."""
    if plan.hashes:
        hashing.begin(material.model)
    wanted = hashing if plan.hashes else None
    notes = artifact.copy(plan.artifacts, folder, wanted, link=plan.link_artifacts)
    if plan.in_process:  # a model may fork there, and no thread goes along
        hashing.settle()
    return notes


def _capture(
    plan: SavePlan,
    model: GivenModel,
    examples: Sequence[object],
    material: Material,
    settings: Settings,
) -> tuple[Captured, resolver.Installed]:
    """Return what the model's run shows, and what is installed where it ran.

    That is in this process, in another Python, or in a fresh one.
    """
    here = interpreter_for(plan.script)
    output, timeout = material.model.parent / example.PREDICTION, plan.policy.timeout
    if plan.python.executable is not None:
        there = replace(material, code=own_folders(here))
        captured = capture_there(there, output, plan.python.executable, settings, timeout=timeout)
        return captured, captured.python.installed()
    installed = here.installed()
    if plan.in_process and examples:
        live = model.value()
        return capture_in_process(live, examples, material, output, here, settings), installed
    warm_up = partial(_warm_up, installed)
    captured = capture_here(material, output, here, settings, timeout=timeout, meanwhile=warm_up)
    return captured, installed


def _carry_code(
    captured: Captured,
    attribution: resolver.Attribution,
    named: tuple[Path, ...] | None,
    folder: Path,
) -> CodePlan:
    """Copy what the run imported of the user's own, and what the user names; return the plan."""
    return carry_code(
        () if named == () else attribution.first_party,
        named or (),
        captured.python.path,
        folder,
        projects=attribution.projects,
        used=[Path(touch.name) for touch in captured.trace.touches if touch.kind in FILES],
    )


def _carry_files(
    project: ProjectFolder | None,
    captured: Captured,
    attribution: resolver.Attribution,
    installed: resolver.Installed,
    carried: CodePlan,
    folder: Path,
    report: Report,
) -> ProjectFiles:
    """Copy what the run used of the project's folder besides its code, and return it."""
    if project is None:
        return ProjectFiles()
    used = find_used_files(captured, installed, attribution.first_party, carried)
    found = project.plan(paths_of(used), carried)
    report(str(found))
    found.copy(folder)
    return found


def _named_only(
    model: GivenModel,
    attribution: resolver.Attribution,
    installed: resolver.Installed,
    captured: Captured,
) -> Named:
    """Return what a model that nobody saw predict would import besides, as its code says."""
    scripts = [model.script] if model.script else []
    files = [Path(item.file) for item in attribution.first_party] + scripts
    traced = {item.distribution.name for item in attribution.of_kind("direct", "input")}
    named = find_named(model.value(), files, installed, captured.python)
    return replace(
        named, found=tuple(each for each in named.found if each.distribution.name not in traced)
    )


def _warm_up(installed: resolver.Installed) -> None:
    """Import, while the model runs elsewhere, what is needed once it has run."""
    import yaml  # noqa: F401

    installed.preload()
    this_machine()
    _ = resolver.resolve, resolver.attribute, resolver.merge, envfiles.write_files
