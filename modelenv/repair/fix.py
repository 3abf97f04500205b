"""Run, diagnose and change the requirements, until the model runs or no change is left."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace

from ..base import arguments
from ..base.doors import door
from ..base.indexes import AS_CONFIGURED, Indexes
from ..environments.interpreter import Python
from ..environments.spec import Manager, Report, silent
from ..folder.model_folder import ModelFolder
from ..folder.rewrite import redone, update_pins
from ..run.isolated import RunOptions
from ..seal.choose import Paths, SealRequest
from ..seal.seals import Wanted
from .context import Knowledge
from .diagnose import gather_knowledge
from .evidence.import_graph import ImportGraph
from .mend.search import Repair, differences
from .mend.steps import Fixed


@door
def fix(
    folder: str | os.PathLike[str],
    *,
    env_manager: Manager = "auto",
    write: bool = False,
    index: bool = False,
    timeout: float = 600.0,
    steps: int = 10,
    seal: Wanted = "auto",
    allow_hosts: str | Iterable[str] = (),
    allow_paths: Paths = (),
    indexes: Indexes = AS_CONFIGURED,
    report: Report = silent,
    progress: Report = silent,
) -> Fixed:
    """Mend the requirements of the model in `folder`, in at most `steps` changes.

    Each change follows a diagnosis. If none leads on, what the model had to do with and no pin has
    is tried: what the failure points to, what an edit took out, what the trace saw or was left out.
    A change that makes no difference is taken back. The other pins are kept if they can be. `write`
    updates the folder where it runs in the end. `index` asks the index about names that are
    guesses. `indexes` say where to find what is not installed. `report` is told each step,
    `progress` what takes time. The runs are sealed as those of :func:`~modelenv.predict`. Raises
    BadFolderError, and TargetChanged if somebody else changed the folder meanwhile.
    """
    arguments.count("steps", steps)
    how = RunOptions(
        manager=env_manager,
        timeout=timeout,
        report=progress,
        seal=SealRequest.read(seal, allow_hosts, allow_paths),
        indexes=indexes,
    )

    def mend(opened: ModelFolder) -> Fixed:
        knowledge = gather_knowledge(opened.path, index=index, indexes=indexes)
        return _fixed(opened, knowledge, how, report, steps=steps, write=write)

    return redone(folder, mend, progress)


def _fixed(
    opened: ModelFolder,
    knowledge: Knowledge,
    how: RunOptions,
    report: Report,
    *,
    steps: int,
    write: bool,
) -> Fixed:
    """Mend a model after it was read. Raises TargetChanged if it was changed meanwhile."""
    _ = opened.mlmodel  # whether it can be run at all
    installed = Python.current().installed()
    sources = opened.sources(how.settings.environment).with_indexes(how.indexes, how.report)
    repair = Repair(
        folder=opened,
        how=how,
        knowledge=knowledge,
        installed=installed,
        graph=ImportGraph(opened, installed),
        sources=sources,
        report=report,
    )
    repair.run(steps)
    verdict, pins = repair.verdict, repair.stated
    before = [entry.requirement for entry in opened.environment.requirements]
    changes = differences(before, pins) if verdict.good else ()
    fixed = Fixed(steps=tuple(repair.done), pins=pins, changes=changes)
    if not (write and changes):
        return fixed
    notes = update_pins(opened, pins, verdict, sources=repair.sources, reasons=repair.reasons)
    return replace(fixed, written=True, notes=notes)
