"""Move a living model to the newest libraries with which it predicts what it did."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from ..base import arguments
from ..base.addresses import model_uri
from ..base.doors import door
from ..base.files.new_folder import new_place
from ..base.indexes import AS_CONFIGURED, Indexes
from ..base.siblings import resolver
from ..environments.interpreter import Python
from ..environments.spec import Manager, Report, minor, silent
from ..folder.model_folder import ModelFolder
from ..run.isolated import RunOptions
from ..seal.choose import Paths, SealRequest
from ..seal.seals import Wanted
from ..worker.comparing.compare import RELATIVE
from ..worker.errors import NotProvenError
from .advised.ways import MendingWay, NewestWay, Way, WayTaken, told_of
from .breaks.written import WrittenPickles
from .errors import NothingAdvisedError
from .newest.aim import set_before
from .newest.outcome import Upgrade
from .newest.pythons import asked_python, iter_pythons
from .newest.writing import UpgradedFolder
from .trials.pins import TrialPins
from .trials.trials import Trials


@door
def upgrade(
    folder: str | os.PathLike[str],
    destination: str | os.PathLike[str] | None = None,
    *,
    requirements: Iterable[str] = (),
    python: str | None = None,
    advisories: str | Path | Iterable[str | Path] = (),
    security: bool = False,
    tolerance: float = RELATIVE,
    builds: int = 12,
    env_manager: Manager = "auto",
    timeout: float = 600.0,
    seal: Wanted = "auto",
    allow_hosts: str | Iterable[str] = (),
    allow_paths: Paths = (),
    indexes: Indexes = AS_CONFIGURED,
    report: Report = silent,
    progress: Report = silent,
) -> Upgrade:
    """Find the newest libraries and Python with which a model predicts what it did.

    First all is tried at its newest, on the newest Python that is here. If the model then fails,
    or predicts otherwise, the library that the failure names goes back by its minor versions, with
    what has to go back with it, and the Python to one that there are wheels for. `requirements` are
    names, as ``numpy`` or ``numpy<3``: only these are to become newer, and the others move if
    they must. `python` is a version, as "3.13", the only one that may be taken. Floats may be apart
    by `tolerance`, as a part of the larger one. It is tried on all recorded examples, in at most
    `builds` environments.

    `advisories` are files in the format of OSV, folders or zips of them, or reports of pip-audit,
    ``uv audit`` or ``modelenv audit``: what they say of the pins, before and after, is told. With
    `security` only what they name moves, to the nearest minor version against which nothing is
    known, or to the newest if that does otherwise.

    The new folder stands at `destination`, else beside the old one with ``-upgraded`` at the end of
    its name, and is written only if a newer set is found; the old one is never touched. The runs
    are sealed as those of :func:`~modelenv.predict`. `report` is told what is tried, `progress`
    what takes time. Raises NotMadeError if something stands at the destination, WrongUseError,
    BadFolderError, NotProvenError if the model, of which no prediction is recorded, does not run
    as it is, and the resolver's errors.
    """
    path = model_uri.local(folder).absolute()
    arguments.count("builds", builds)
    arguments.tolerance("tolerance", tolerance)
    asked = arguments.texts("requirements", requirements)
    places = arguments.paths("advisories", advisories)
    if security and (asked or not places):
        raise NothingAdvisedError(asked)
    place = new_place(path, destination, "upgraded")
    how = RunOptions(
        manager=env_manager,
        timeout=timeout,
        report=progress,
        seal=SealRequest.read(seal, allow_hosts, allow_paths),
        indexes=indexes,
    )
    model = ModelFolder.open(path)
    stated = model.sources(how.settings.environment)
    before = set_before(model, stated.with_indexes(indexes, progress))
    sources = stated.undated().with_indexes(indexes, progress)
    here = Python.current()
    pythons = (
        _pythons(before.python, here, how, chosen=security or bool(asked))
        if python is None
        else (asked_python(python, here, how.settings),)
    )
    if security:
        way: Way = MendingWay(model, before, sources, pythons, places, builds, report)
    else:
        way = NewestWay(model, before, sources, pythons, asked, builds, report)
    if not way.is_open:
        found = WayTaken(None, notes=way.notes)
        return told_of(path, place, before, found, (), tolerance, places)
    with Trials.of(model, how, relative=tolerance) as trials:
        if model.prediction["type"] == "none":
            _record(trials, before)
        found = way.taken(trials)
        tried = tuple(trials.known.values())
    found = replace(found, notes=(*found.notes, *_notes(model, indexes)))
    outcome = told_of(path, place, before, found, tried, tolerance, places)
    if found.best is None or found.resolution is None or not outcome.changes:
        return replace(outcome, best=None)
    written = WrittenPickles.of(model, before.versions)
    foreseen = written.silent_changes(before.versions, outcome.after.versions)
    return UpgradedFolder(model, found.resolution, sources).write(
        replace(outcome, foreseen=foreseen)
    )


def _pythons(own: str, here: Python, how: RunOptions, *, chosen: bool) -> tuple[str, ...]:
    """Return the Pythons to try, the best first: if only some names move, the model's own."""
    found = tuple(iter_pythons(own, here, how.settings))
    if not chosen:
        return found
    return tuple(sorted(found, key=lambda each: minor(each) != minor(own)))


def _notes(model: ModelFolder, indexes: Indexes) -> Iterator[str]:
    if model.dates.chosen is not None and indexes.as_of is None:
        dated = resolver.told_moment(model.dates.chosen)
        yield f"the folder records that its packages were chosen as of {dated}: that was left aside"
    if model.example["type"] == "none":
        yield "there is no input example: that it loads is all that was seen of it"


def _record(trials: Trials, before: TrialPins) -> None:
    """Take what the model predicts as it is for what it is to predict. Raises NotProvenError."""
    tried = trials.reference(before)
    if not tried.good:
        way_out = "modelenv revive brings back what does not run as it is."
        raise NotProvenError(tried.verdict, len(before.lines), way_out=way_out)
