"""Exporting the environment of a saved model to the format of another tool."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..base import arguments
from ..base.doors import door
from ..base.indexes import AS_CONFIGURED, Indexes
from ..base.settings import Settings
from ..environments.interpreter import Python
from ..environments.spec import Report, silent
from ..folder.model_folder import ModelFolder
from ..pins.change.closure import iter_later
from .bill.bill import bill
from .errors import NotExportedError
from .exported import Exported, FormDraft
from .lists.explicit import explicit
from .lists.requirements import requirements
from .pinning.pinned import pinned
from .platforms.bentofile import bentofile
from .platforms.devcontainer import devcontainer
from .platforms.model_settings import model_settings
from .platforms.ray import runtime_env
from .projects.script import script
from .projects.uv_project import uv_project
from .subject import Subject
from .writing import check_target, write_all

EnvironmentFormat = Literal[
    "cyclonedx",
    "pep723",
    "uv",
    "requirements",
    "explicit",
    "ray-runtime-env",
    "devcontainer",
    "bentofile",
    "model-settings",
]


@dataclass(frozen=True, slots=True)
class Form:
    """An export format and its properties."""

    draft: Callable[[Subject], FormDraft]
    command: str = ""
    """The command that uses it: ``{place}`` is the file, ``{folder}`` its folder, ``{name}`` the
    model.
    """
    is_folder: bool = False
    """Whether it is a folder of several files."""
    holds_model: bool = False
    """Whether the model's folder has to be inside that folder, as its tool reads nothing else."""
    has_targets: bool = False
    """Whether it may be for another interpreter or platform."""


FORMS: Mapping[str, Form] = {
    "cyclonedx": Form(bill, has_targets=True),
    "pep723": Form(script, "uv run --script {place}"),
    "uv": Form(uv_project, "uv run --project {folder} python", is_folder=True),
    "requirements": Form(requirements, "pip install --no-deps -r {place}", has_targets=True),
    "explicit": Form(explicit, "conda create --name {name} --file {place}"),
    "ray-runtime-env": Form(
        runtime_env, "ray job submit --runtime-env {place} --working-dir . -- python job.py"
    ),
    "devcontainer": Form(
        devcontainer, "devcontainer up --workspace-folder {folder}", is_folder=True
    ),
    "bentofile": Form(bentofile, "cd {folder} && bentoml build", is_folder=True, holds_model=True),
    "model-settings": Form(
        model_settings, "mlserver start {folder}", is_folder=True, holds_model=True
    ),
}
"""The formats by name."""


@door
def export_environment(
    folder: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    to: EnvironmentFormat,
    target: str | None = None,
    python: str | os.PathLike[str] | None = None,
    indexes: Indexes = AS_CONFIGURED,
    report: Report = silent,
) -> Exported:
    """Write the environment of a saved model in the format `to` of another tool.

    `output` is the file to write, or the folder of several: `uv`, `devcontainer`, `bentofile` and
    `model-settings`. Nothing is overwritten. The files refer to the model's folder by relative
    paths, so move them together; a bento and a model of MLServer's are built in a folder that
    contains the model. With `target`, as ``3.12-win_amd64``, requirements and a bill are those of
    another platform. Licences, the contents of wheels and conda's packages are looked up in the
    environment of the interpreter `python`, by default this one. The result lists what the format
    cannot represent. Raises NotExportedError, the resolver's errors, InvalidFile, and
    ManagerMissingError if uv is needed to lock and missing.
    """
    arguments.choice("to", to, FORMS)
    form = FORMS[to]
    place = arguments.path("output", output).absolute()
    _check_asked(to, form, target)
    interpreter = (
        Python.current() if python is None else Python.at(arguments.path("python", python))
    )
    model = ModelFolder.open(folder)
    sources = model.sources(Settings.from_environment().environment).with_indexes(indexes, report)
    subject = Subject(
        folder=model,
        pinned=pinned(model, target, sources),
        sources=sources,
        output=place,
        base=place if form.is_folder else place.parent,
        interpreter=interpreter,
        installed=interpreter.installed(),
        report=report,
    )
    if form.holds_model and not subject.is_below:
        reason = f"its tool reads only files below that folder, and the model is in {model.path}"
        way = f"choose a folder above the model (-o {model.path.parent}), or copy the model there"
        raise NotExportedError(str(place), reason, way)
    check_target(place, is_folder=form.is_folder)
    draft = form.draft(subject)
    later = iter_later(model.pins, sources) if _is_asked_later(model, target, indexes) else ()
    files = write_all(draft.files, subject.base)
    named = {"place": _seen(files[0]), "folder": _seen(subject.base), "name": subject.name}
    return Exported(
        format=to,
        place=files[0],
        files=files,
        python=subject.python,
        pins=subject.pinned.lines,
        unexpressed=draft.unexpressed,
        notes=(*subject.pinned.notes, *later, *draft.notes),
        command=form.command.format(**named),
    )


def _is_asked_later(model: ModelFolder, target: str | None, indexes: Indexes) -> bool:
    """Return whether existing pins are exported although a date for resolution was given."""
    return indexes.as_of is not None and target is None and model.pins.whole


def _check_asked(to: str, form: Form, target: str | None) -> None:
    """Raise NotExportedError for a target if the format is for the model's own."""
    if target is not None and not form.has_targets:
        able = " and ".join(name for name, each in FORMS.items() if each.has_targets)
        reason = f"a {to} export is always for the platform that the model was saved on"
        raise NotExportedError(f"--target {target}", reason, f"{able} can be for another one")


def _seen(path: Path) -> str:
    """Return a path as the user would type it here."""
    import shlex

    here = Path.cwd()
    return shlex.quote(os.fspath(path.relative_to(here) if path.is_relative_to(here) else path))
