"""The whole story of a save: from a model in this process to a folder proven to run."""

from __future__ import annotations

import inspect
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from ..base import arguments
from ..base.doors import door
from ..base.files.disk import placing
from ..base.files.hashing import Hashing
from ..base.files.scratch import scratch_folder
from ..base.indexes import AS_CONFIGURED, Indexes
from ..base.settings import Settings
from ..base.siblings import envfiles
from ..environments.spec import Report, silent
from ..folder import example
from ..seal.choose import Paths
from ..seal.seals import Wanted
from ..worker.errors import RunFailedError
from ..worker.job import Material
from .observe.capture import Captured, capture_here, capture_there
from .request.model import NO_EXAMPLE, GivenModel, examples_of, write_material
from .request.plan import SavePlan, interpreter_for
from .request.stopwatch import Stopwatch

if TYPE_CHECKING:  # modules for after the model's run are imported while it runs
    from pathlib import Path

    from ..base.arguments import Requirements
    from ..environments.interpreter import Python
    from ..folder.code.named import CodePaths
    from ..folder.documents.code_by_value import PickledNames
    from ..pins.conda_env import Conda
    from .account import Account
    from .captured import Capture
    from .proving.speculation import Speculation
    from .request.prepared import Prepared


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
    groups: str | Iterable[str] = (),
    extras: str | Iterable[str] = (),
    code_paths: CodePaths | None = None,
    artifacts: Mapping[str, str | os.PathLike[str]] | None = None,
    link_artifacts: bool = False,
    carry: Literal["imported", "touched"] = "imported",
    metadata: Mapping[str, Any] | None = None,
    signature: object = True,
    mlflow: bool = False,
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
    """Save `model` as a folder that runs elsewhere, and prove that it does; return the account.

    `model` has a method ``predict`` or is callable, or it is the path of a script that defines one
    as ``model``, or of a pickle (.pkl). `input_example` is its input, both for tracing and for the
    proof, which also covers `further_examples`. Without an example only loading is traced, with a
    warning.

    Requirements are lines in pip's format, in a list, or the path of a file: requirements.txt,
    pyproject.toml, uv.lock, pylock.toml or a script with inline requirements (PEP 723); `groups`
    and `extras` select further ones from such a file. `extra_pip_requirements` are added to what
    was traced, `pip_requirements` replace it, and `constraints` narrow either. `overrides` replace
    every requirement on the same names, including those of other distributions; names in `exclude`
    are dropped. `conda_env` is a conda file, or a mapping with its content: it is kept unchanged,
    its pip section acts as `pip_requirements`, and its Python as `python`.

    Your own modules that the prediction imports travel in ``code/``; `code_paths` adds files and
    folders, and an empty list turns that off. `artifacts` maps names to files, which
    ``load_context(context)`` finds in ``context.artifacts``. With `link_artifacts` they are hard
    links rather than copies where possible: writing to the original then changes the model too,
    which its hash reveals. `carry="touched"` also takes along files that the run used and that are
    in the project's folder, which is the folder of a model's script, else the working folder; the
    account lists them. `metadata` is kept in MLmodel.

    The `signature`, by which MLflow checks requests, is inferred from the example and its
    prediction; False writes none; otherwise it is one of MLflow's, or a mapping with `inputs`,
    `outputs` and `params`. With `mlflow` the pins include what MLflow's own environment managers
    need in an environment that they restore: ``mlflow-skinny`` and pandas, with their requirements.

    `optional="keep"` keeps distributions that libraries merely try to import; `prove=False` writes
    the folder without a proof; `strict` refuses pins that differ from what was traced, and files
    edited after they were installed. `bundle` makes wheels travel: of edited distributions
    ("edited"), or of named ones. `ask_index` asks whether the configured index has each pin; a
    plain save does not ask, since names may be private. `indexes` are where distributions that are
    not installed are looked for. `hashes=False` records no hashes of the model's data.

    `trace_in_process` predicts with `model` itself rather than with a copy in a fresh interpreter,
    for a model too large to be loaded twice; the account notes what that cannot see. `python` is
    the Python that the model is for: the path of an interpreter or of its environment, in which it
    is then traced and proven; or a version, as "3.12", for which it is resolved, and in which it is
    proven in an environment built for that. `timeout` limits each run of the model, in seconds.

    A `seal` keeps the proof from using this machine: "namespaces", "landlock", "watch" (which only
    reports), "off", or "auto", the strongest available one. If the model silently uses something of
    this machine, the proof fails, and the error names the option that makes it travel.
    `allow_paths` and `allow_hosts` are files, folders and hosts that the model may use; MLmodel
    records them, since they have to be provided wherever it runs. `report` is called with a few
    words at the start of each stage.

    All arguments are checked before the model is used.

    Raises ModelenvError, or an error of the resolver or of the environment files. Whatever happens,
    the target is either as it was before or complete.
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
        groups=groups,
        extras=extras,
        code_paths=code_paths,
        artifacts=artifacts,
        link_artifacts=link_artifacts,
        carry=carry,
        metadata=metadata,
        signature=signature,
        mlflow=mlflow,
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
    return save_as_planned(plan, given, examples_of(input_example, further)).account


def save_as_planned(plan: SavePlan, model: GivenModel, examples: Sequence[object]) -> Capture:
    """Save a model as :func:`save_model` does, by a checked plan. Raises as that does."""
    settings, watch = Settings.from_environment(), Stopwatch()
    if model.pickled_here:
        settings = settings.for_own_model()
    with (
        envfiles.stage(plan.target, overwrite=plan.overwrite) as staging,
        placing(plan.target),
        Hashing() as hashing,
        ExitStack() as beside,
    ):
        folder = staging.folder
        plan.report("writing the model")
        with watch("pickle"):
            material = write_material(model, examples, folder)
            torn = _copy_artifacts(plan, material, folder, hashing)
            if plan.is_for_another:
                from .request.compiled import check_pickled

                check_pickled(plan, model, folder)
        plan.report("predicting, and watching what that needs")
        with watch("trace"):
            captured, prepared, speculation = _capture(
                plan, model, examples, material, settings, beside
            )
            from .complete import Run, complete  # it was imported while the model ran
            from .request.compiled import check_saved, written_with

            written = written_with(model, captured)
            notes = check_saved(plan, written, captured, folder)
            from .observe.here.settings import settings_notes

            notes = (*notes, *settings_notes(captured.settings, captured.prediction))
        return complete(
            Run(
                plan=plan,
                model=model,
                has_examples=bool(examples),
                material=material,
                hashing=hashing,
                captured=captured,
                prepared=prepared,
                pickled_with=written,
                notes=(*torn, *notes),
            ),
            staging,
            settings,
            watch,
            speculation,
        )


@door
def infer_pip_requirements(model: object, input_example: object, **options: Any) -> list[str]:
    """Return the proven pins that `model` needs to predict, as requirement lines.

    ``mlflow.*.log_model(pip_requirements=...)`` takes them; MLflow adds itself. `options` are those
    of :func:`save_model`. Raises as that does.
    """
    with scratch_folder() as folder:
        account = save_model(model, folder / "model", input_example=input_example, **options)
        return list(account.pins)


@door
def capture(
    model: object,
    input_example: object = NO_EXAMPLE,
    *,
    further_examples: Sequence[object] = (),
    **options: Any,
) -> Capture:
    """Return all evidence of what `model` needs to predict, as values; no folder is written.

    The evidence is the trace, the distributions of all that was used, the pinned set with the
    reason for each pin, and the proof. `options` are those of :func:`save_model`, except the path
    and `overwrite`. Raises as that does.
    """
    for name in options.keys() - inspect.signature(save_model).parameters.keys():
        raise TypeError(f"capture() got an unexpected keyword argument {name!r}")
    given = GivenModel.of(model)
    further = arguments.items("further_examples", further_examples, "a list of input examples")
    with scratch_folder() as folder:
        plan = SavePlan.checked(folder / "model", script=given.script, **options)
        return save_as_planned(plan, given, examples_of(input_example, further))


def _copy_artifacts(
    plan: SavePlan, material: Material, folder: Path, hashing: Hashing
) -> tuple[str, ...]:
    """Copy the artifacts, and start hashing large files; return notes on them."""
    if plan.hashes:
        hashing.begin(material.model)
    wanted = hashing if plan.hashes else None
    notes: tuple[str, ...] = ()
    if plan.artifacts:
        from ..folder import artifacts as artifact

        notes = artifact.copy(plan.artifacts, folder, wanted, link=plan.link_artifacts)
    if plan.in_process:  # the model may fork this process, and forks lose threads
        hashing.settle()
    return notes


def _capture(
    plan: SavePlan,
    model: GivenModel,
    examples: Sequence[object],
    material: Material,
    settings: Settings,
    beside: ExitStack,
) -> tuple[Captured, Prepared, Speculation | None]:
    """Run the model and return what it shows, what was prepared meanwhile, and the begun proof.

    It runs in this process, in another Python, or in a fresh interpreter of this one. In the last
    case a proof may begin beside it, which ends with `beside`.
    """
    here = interpreter_for(plan.script)
    output, timeout = material.model.parent / example.PREDICTION, plan.policy.timeout
    if plan.python.executable is not None:
        from .observe.target_python import own_folders

        there = replace(material, code=own_folders(here))
        captured = capture_there(there, output, plan.python.executable, settings, timeout=timeout)
        return captured, _unprepared(captured.python), None
    if plan.in_process and examples:
        from .observe.in_process import capture_in_process

        live = model.value()
        captured = capture_in_process(live, examples, material, output, here, settings)
        return captured, _unprepared(here), None
    prepared: list[Prepared] = []
    begun: list[Speculation] = []

    def capture(meanwhile: Callable[[PickledNames, Callable[[], bool]], None]) -> Captured:
        return capture_here(material, output, here, settings, timeout=timeout, meanwhile=meanwhile)

    def meanwhile(named: PickledNames, is_over: Callable[[], bool]) -> None:
        from .complete import prepare  # it imports the modules needed after the model's run
        from .proving.speculation import Beginning, Speculation

        installed = here.installed()
        if examples:
            begun.append(beside.enter_context(Speculation(plan, settings)))
            known = Beginning(
                model=model, material=material, named=named, python=here, installed=installed
            )
            begun[0].begin(known)
        prepared.append(prepare(plan, installed, is_over))

    began = time.monotonic()
    try:
        return capture(meanwhile), prepared[0], begun[0] if begun else None
    except RunFailedError as error:
        from .observe.here.loaded_by_path import loaded_by_path
        from .observe.here.settings import settings_hints

        hints = settings_hints(error.detail) if error.is_of_code else ()
        error.hints = (*error.hints, *loaded_by_path(error.missing), *hints)
        is_late = time.monotonic() - began >= timeout
        if error.is_of_code or is_late or not (begun and begun[0].end()):
            raise
    # It may have failed because the begun proof took memory or other resources.
    for left in output.parent.glob(f"{output.name}.*"):
        left.unlink()
    return capture(lambda *_: None), prepared[0], begun[0]


def _unprepared(python: Python) -> Prepared:
    """Return the facts for a run during which nothing was prepared."""
    from .request.prepared import Prepared

    return Prepared(installed=python.installed())
