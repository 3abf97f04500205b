"""Bring an old model back: from a folder that runs nowhere to one that is locked and runs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from ..base import arguments
from ..base.addresses import model_uri
from ..base.arguments import Requirements
from ..base.doors import door
from ..base.files.new_folder import new_folder, new_place
from ..base.indexes import AS_CONFIGURED, OF_THE_MODEL, Indexes
from ..base.settings import Settings
from ..base.siblings import resolver
from ..environments.interpreter import Python
from ..environments.pythons.named_python import NamedPython, is_version
from ..environments.spec import Manager, Report, silent
from ..folder.documents.dates import MADE
from ..folder.mlflow.permission import check_loading
from ..pins.lines import selected
from ..run.isolated import RunOptions
from ..seal.choose import Paths, SealRequest
from ..seal.seals import Wanted
from .errors import NoDateError
from .revival.choosing.interpreter import PythonChoice
from .revival.draft import Draft
from .revival.living import Living
from .revival.reading.old_model import OldModel
from .revival.values import AppliedRule, Revival

_OPEN = "what is open is resolved as of"


@door
def revive(
    folder: str | os.PathLike[str],
    destination: str | os.PathLike[str] | None = None,
    *,
    requirements: Requirements | None = None,
    extra_requirements: Sequence[str] = (),
    groups: str | Iterable[str] = (),
    extras: str | Iterable[str] = (),
    input_example: object = None,
    as_of: str | date | datetime | None = None,
    python: str | os.PathLike[str] | None = None,
    build: bool = False,
    env_manager: Manager = "auto",
    timeout: float = 600.0,
    steps: int = 10,
    seal: Wanted = "auto",
    allow_hosts: str | Iterable[str] = (),
    allow_paths: Paths = (),
    indexes: Indexes = AS_CONFIGURED,
    report: Report = silent,
    progress: Report = silent,
) -> Revival:
    """Turn an old model into one that runs: locked, with our loader, in a new folder.

    `folder` is one that MLflow wrote, or modelenv, or a pickle with its `requirements`, which may
    replace what a folder lists, too (of a project or its lock, with these `groups` and `extras`);
    `extra_requirements` are lines that the list forgot.
    Everything that is left open is resolved as of the day on which the model was made, or `as_of`.
    It gets the Python that it states, in any patch, else the nearest newer one that there are files
    for; `python` is another. A pin without a wheel becomes the nearest newer version with one,
    unless it may be `build`. What is missing when it loads or predicts is added, in at most `steps`
    changes. It predicts on the `input_example` (a value, or the path of a file), else on its own;
    if it has none rows are made, which only show that it runs. Each rule that was applied is in
    the result and in the new folder, with its reason.

    The new folder stands at `destination`, else beside the old one with ``-revived`` at the end of
    its name; it is written only if the model runs, and the old one is never touched. The runs are
    sealed as those of :func:`~modelenv.predict`. `report` is told each step, `progress` what takes
    time. Raises NoDateError, NoModelError, NoPythonError, NotMadeError if something stands at
    the destination, BadFolderError, LoadForbiddenError if a variable of MLflow's forbids loading
    it, and the resolver's errors if the pins cannot be had.
    """
    path = model_uri.local(folder).absolute()
    arguments.count("steps", steps)
    place = new_place(path, destination, "revived")
    settings = Settings.from_environment()
    listed = arguments.lines("requirements", requirements)
    further = arguments.texts("extra_requirements", extra_requirements)
    selection = selected(groups, extras)
    old = OldModel.read(path, listed, settings.environment, selection)
    old = old.with_lines(further, settings.environment)
    check_loading(path, old.unpickled, settings)
    located, rule = _dated(old, as_of, replace(indexes, build=build or indexes.build))
    how = RunOptions(
        manager=env_manager,
        timeout=timeout,
        report=progress,
        seal=SealRequest.read(seal, allow_hosts, allow_paths),
        indexes=located,
        settings=settings,
    )
    here = Python.current()
    asked = None if python is None else _asked(python, here, how)
    choice = PythonChoice(
        stated=old.python,
        here=here,
        settings=settings,
        report=progress,
        any_can_be_had=env_manager == "conda",
        bytecode=old.bytecode,
    )
    with new_folder(place) as staging:
        living = Living(
            old=old,
            draft=Draft(old, staging.folder),
            destination=place,
            how=how,
            report=report,
            given=_given(input_example),
            steps=steps,
            rules=[rule],
        )
        revival = living.run(choice, asked)
        if revival.good:
            staging.commit()
    return revival


def _asked(python: str | os.PathLike[str], here: Python, how: RunOptions) -> NamedPython:
    """Return the Python that is asked for: a version that conda brings need not be here."""
    if how.manager == "conda" and is_version(python):
        return NamedPython.stated(os.fspath(python))
    return NamedPython.of(python, here, how.settings)


def _given(said: object) -> object:
    """Return the user's example: the path of a file as such, any other value as it is."""
    is_path = isinstance(said, os.PathLike) or (isinstance(said, str) and Path(said).is_file())
    return Path(os.fspath(said)) if is_path else said  # type: ignore[call-overload]


def _dated(
    old: OldModel, as_of: str | date | datetime | None, indexes: Indexes
) -> tuple[Indexes, AppliedRule]:
    """Return the indexes as of the day of the model, and the rule. Raises NoDateError."""
    said = indexes if as_of is None else replace(indexes, as_of=as_of)
    if said.as_of is not None and said.as_of != OF_THE_MODEL:
        return said, AppliedRule(
            "date", f"{_OPEN} {resolver.told_moment(said.dated)}, as asked for"
        )
    made = None if old.folder is None else old.folder.dates.made
    if made is None:
        raise NoDateError(old.path)
    found = replace(said, as_of=made)
    dated = resolver.told_moment(found.dated)
    return found, AppliedRule("date", f"{_OPEN} {dated}, when the model was made ({MADE})")
