"""Bisection: the version of the distribution that changed a model's prediction."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ..base import arguments
from ..base.arguments import Requirements
from ..base.doors import door
from ..base.errors import WrongUseError
from ..base.files.scratch import scratch_folder
from ..base.indexes import AS_CONFIGURED, Indexes
from ..environments.spec import Manager, Report, silent
from ..folder.model_folder import ModelFolder
from ..pins.lines import selected
from ..run.incoming import describe_file, read_rows
from ..run.isolated import RunOptions
from ..seal.choose import Paths, SealRequest
from ..seal.seals import Wanted
from ..worker import values
from ..worker.comparing.compare import RELATIVE
from ..worker.values import UNPICKLED
from .breaks.written import WrittenPickles
from .culprits.facts import ReleaseFacts
from .culprits.moves import differing
from .culprits.outcome import Bisection, BisectionOutcome, Finding
from .culprits.search import CulpritSearch
from .culprits.sides import NamedPins, SideReader
from .trials.trials import Trials
from .trials.tried import Tried


@door
def bisect(
    folder: str | os.PathLike[str],
    *,
    bad: Requirements,
    good: Requirements | None = None,
    groups: str | Iterable[str] = (),
    extras: str | Iterable[str] = (),
    data: object = None,
    tolerance: float = RELATIVE,
    builds: int = 40,
    env_manager: Manager = "auto",
    timeout: float = 600.0,
    seal: Wanted = "auto",
    allow_hosts: str | Iterable[str] = (),
    allow_paths: Paths = (),
    indexes: Indexes = AS_CONFIGURED,
    report: Report = silent,
) -> Bisection:
    """Find which version of which distribution changed what a model predicts.

    `good` and `bad` are two environments: each a requirements file, a project or its lock (with
    these `groups` and `extras`), a conda.yaml, a model folder, or lines as ``pandas==2.2.3``, where
    the rest is as in the folder; without `good` it is the folder's own environment. Its prediction
    is the one to compare with. First it finds the differing distributions that change the
    prediction, with those that can only move together. Then it finds the first release between that
    changes it. If `bad` makes the model fail, the search is for the cause of the failure.

    The model predicts on its recorded example, or on `data`, a value or the path of a file. Floats
    are equal within `tolerance`, as a part of the larger one. At most `builds` environments are
    built. The folder is not touched; the runs are sealed as those of :func:`~modelenv.predict`.
    `report` receives messages about slow steps. Raises WrongUseError, BadFolderError, InvalidFile,
    and the resolver's errors.
    """
    arguments.count("builds", builds)
    arguments.tolerance("tolerance", tolerance)
    how = RunOptions(
        manager=env_manager,
        timeout=timeout,
        report=report,
        seal=SealRequest.read(seal, allow_hosts, allow_paths),
        indexes=indexes,
    )
    model = ModelFolder.open(folder)
    stated = model.sources(how.settings.environment)
    sources = stated.undated().with_indexes(indexes, report)
    reader = SideReader(model, sources, selected(groups, extras))
    own = reader.own(stated.with_indexes(indexes, report))
    one = own if good is None else reader.read("good", good, own.pins)
    other = reader.read("bad", bad, own.pins)
    with scratch_folder() as scratch:
        example = _described(model, data, scratch)
        with Trials.of(model, how, relative=tolerance, example=example) as trials:
            return _bisected(model, one, other, trials, ReleaseFacts(sources), builds)


def _described(model: ModelFolder, data: object, scratch: Path) -> dict[str, object] | None:
    """Describe the input of the user's; None: the recorded one is taken. Raises WrongUseError."""
    if data is None:
        if model.example["type"] == "none":
            raise WrongUseError(f"{model.path} has no input example: give data to predict on")
        return None
    if isinstance(data, os.PathLike) or (isinstance(data, str) and Path(data).is_file()):
        described = describe_file(Path(data), model)
    else:
        described = values.write(data, str(scratch / "input"), forms=UNPICKLED)
    return dict(read_rows(described, scratch).described)


def _bisected(
    model: ModelFolder,
    good: NamedPins,
    bad: NamedPins,
    trials: Trials,
    facts: ReleaseFacts,
    builds: int,
) -> Bisection:
    one, notes = _reference(trials, good)
    found = Bisection(
        folder=model.path,
        good=good.label,
        bad=bad.label,
        differing=len(differing(good.pins, bad.pins)),
        outcome="bad good side",
        reason=one.verdict.reason,
        tried=(one,),
        relative=trials.relative,
        notes=notes,
    )
    if not one.good:
        return found
    other = trials.run(bad.pins)
    found = replace(found, reason=other.verdict.reason, tried=tuple(trials.known.values()))
    finding = _FINDINGS.get(other.outcome)
    if finding is None:
        return replace(found, outcome=_OTHERWISE[other.outcome])
    written = WrittenPickles.of(model, good.pins.versions)
    search = CulpritSearch(one, other, finding, trials, facts, written, builds, trials.how.report)
    search.tried |= trials.known
    culprits = tuple(search.run())
    outcome: BisectionOutcome = "found" if culprits else "undecided"
    tried = tuple(search.tried.values())
    spent = len(tried) >= builds
    notes = (*notes, *((f"no more than {builds} environments were built",) if spent else ()))
    return replace(found, outcome=outcome, culprits=culprits, tried=tried, notes=notes)


_FINDINGS: dict[str, Finding] = {"differs": "differs", "fails": "fails"}
_OTHERWISE: dict[str, BisectionOutcome] = {
    "same": "same",
    "close": "same",
    "runs": "uncompared",
    "unbuilt": "unbuilt",
}


def _reference(trials: Trials, good: NamedPins) -> tuple[Tried, tuple[str, ...]]:
    """Return the result of the good side, with which all others are compared from now on."""
    recorded = trials.example is None and trials.folder.prediction["type"] != "none"
    if not recorded:
        return trials.reference(good.pins), ()
    first = trials.run(good.pins)
    if first.outcome != "differs":
        return first, ()
    return trials.reference(good.pins), (
        f"with {good.label} the prediction is not the recorded one either: {first.verdict.reason}",
    )
