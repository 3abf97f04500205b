"""The second half of a save: from the results of the model's run to a complete folder."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import yaml  # noqa: F401  # what writes the folder needs it

from ..base.files.hashing import Hashing
from ..base.settings import Settings
from ..base.siblings import envfiles, resolver
from ..environments.spec import Report
from ..folder import artifacts as artifact
from ..folder.code.code_plan import CodePlan
from ..folder.code.plan import carry_code
from ..folder.code.project_files import ProjectFiles, ProjectFolder
from ..folder.code.shadowing import shadowing
from ..folder.documents.names import CODE
from ..system.find_packages import paths_of_system
from ..system.used_file import UsedFile
from ..worker.comparing import outside  # noqa: F401  # what proves needs it
from ..worker.job import Material
from . import write_folder
from .build_account import with_sizes
from .captured import Capture
from .observe.capture import FILES, Captured
from .observe.here.compiled_code import without_compiled_here
from .observe.static_imports import Named, find_named
from .observe.used_files import find_used_files, paths_of
from .pinning import attribute, pin
from .proving.own_imports import Loaded
from .proving.speculation import Speculation
from .request.model import GivenModel
from .request.pinning import PinningRequest
from .request.plan import SavePlan
from .request.prepared import Prepared
from .request.stopwatch import Stopwatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The finished run of a model that is being saved, with its results."""

    plan: SavePlan
    model: GivenModel
    has_examples: bool
    material: Material
    hashing: Hashing
    """The digests of its files, as far as they are known."""
    captured: Captured
    prepared: Prepared
    """The distributions installed where it ran, and facts that were gathered meanwhile."""
    pickled_with: str
    """The Python that wrote the model's pickle; empty for a script."""
    notes: tuple[str, ...]
    """Remarks on the target Python, on the artifacts and on settings of this process."""


def prepare(plan: SavePlan, installed: resolver.Installed, is_over: Callable[[], bool]) -> Prepared:
    """Gather facts that do not depend on the run, while a model runs; `installed` is its place.

    A model that is loaded in this process too has probably imported the same files there: those are
    checked for edits until `is_over` says that the run has ended.
    """
    edits = resolver.Edits((), installed)
    with plan.policy.seal.looked_up() if plan.policy.prove else nullcontext():
        installed.preload()
        _ = resolver.resolve, resolver.attribute, resolver.merge, envfiles.write_files
    for file in _imported_here():
        if is_over():
            break
        if installed.whose(file).listed:
            edits.look(file)
    return Prepared(installed=installed, edits=edits)


def _imported_here() -> Iterator[str]:
    """Yield the files of this process's modules, without running code of theirs."""
    loaded = Loaded(dict(sys.modules), ())
    return filter(None, map(loaded.file_of, loaded.modules))


def complete(
    run: Run,
    staging: envfiles.Staging,
    settings: Settings,
    watch: Stopwatch,
    speculation: Speculation | None,
) -> Capture:
    """Pin the results of a run, prove the pins, write the folder in `staging`, and move it there.

    A proof begun by `speculation` is used if it proves these pins. Raises as :func:`save_model`
    does.
    """
    plan, captured, folder = run.plan, run.captured, staging.folder
    installed = run.prepared.installed
    touched = {each.name: each.kind for each in captured.trace.touches if each.kind in FILES}
    used = (UsedFile(kind, path) for path, kind in touched.items())
    run.prepared.system.foresee(paths_of_system(used))
    plan.report("finding out whose files these are")
    with watch("attribute"):
        attribution, packed = attribute(
            captured, plan.requirements, installed, carries_code=plan.code != ()
        )
        own = without_compiled_here(
            attribution.first_party, captured.trace.records, installed, settings.home
        )
        carried = _carry_code(captured, attribution, own, plan.code, folder / CODE)
        project = plan.project(settings)
        files_along = _carry_files(
            project, captured, attribution, installed, carried, folder, plan.report
        )
        named = Named() if run.has_examples else _named_only(run, attribution)
    request = PinningRequest(
        captured=captured,
        attribution=attribution,
        packed=packed,
        named_only=named.found,
        unread=named.notes,
        material=replace(run.material, code=(folder / CODE,)),
        carried=carried,
        project_files=files_along,
        requirements=plan.requirements,
        policy=plan.policy,
        settings=settings,
        watch=watch,
        prepared=run.prepared,
        path=staging.target,
        folder=folder,
        report=plan.report,
        version=plan.python.version,
        exact=plan.python.exact,
    )
    account = pin(request, speculation)
    plan.report("writing the folder")
    with watch("write"):
        sealed = artifact.seal(folder, run.material.model.name, run.hashing) if plan.hashes else {}
        account = write_folder.write(
            request,
            account,
            sealed=sealed,
            pickled_with=run.pickled_with,
            metadata=plan.metadata,
            signature=plan.signature,
        )
        account = with_sizes(account, folder, run.material.model)
        left_out = (secret for each in plan.artifacts.values() for secret in each.left_out)
        account = replace(account, not_carried=(*account.not_carried, *left_out))
        shadowed = tuple(_iter_shadowed(folder / CODE))
        staging.commit()
    notes = (*account.notes, *run.notes, *staging.notes, *shadowed)
    return Capture(
        trace=captured.trace,
        attribution=attribution,
        account=replace(account, notes=notes, seconds=watch.seconds),
    )


def _carry_code(
    captured: Captured,
    attribution: resolver.Attribution,
    own: Iterable[resolver.FirstParty],
    named: tuple[Path, ...] | None,
    folder: Path,
) -> CodePlan:
    """Copy the user's imported modules and those in `code_paths`; return the plan of the copies."""
    return carry_code(
        () if named == () else own,
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
    """Copy, and return, the files of the project's folder that the run used besides code."""
    if project is None:
        return ProjectFiles()
    used = find_used_files(captured, installed, attribution.first_party, carried)
    found = project.plan(paths_of(used), carried)
    report(str(found))
    found.copy(folder)
    return found


def _iter_shadowed(code: Path) -> Iterator[str]:
    """Yield a note on each part of the code that shadows a module of the standard library."""
    for name in shadowing(code):
        yield (
            f"{CODE}/{name} has the name of a module of the standard library, and every run imports"
            " it in place of that: rename it"
        )


def _named_only(run: Run, attribution: resolver.Attribution) -> Named:
    """Return the further imports in the code of a model without example, read from source."""
    model = run.model
    scripts = [model.script] if model.script else []
    files = [Path(item.file) for item in attribution.first_party] + scripts
    traced = {item.distribution.name for item in attribution.of_kind("direct", "input")}
    named = find_named(model.value(), files, run.prepared.installed, run.captured.python)
    return replace(
        named, found=tuple(each for each in named.found if each.distribution.name not in traced)
    )
