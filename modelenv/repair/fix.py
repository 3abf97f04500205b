"""Run, diagnose and change the requirements, until the model runs or no change is left."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..base import arguments
from ..base.siblings import envfiles, resolver
from ..environments.interpreter import Python
from ..environments.managers import Manager
from ..environments.spec import Report, silent
from ..folder.model_folder import ModelFolder
from ..folder.rewrite import update_pins
from ..pins.change import Repinned, changes_of, repin
from ..pins.package_sources import PackageSources
from ..pins.pin_set import PinSet
from ..pins.reasons import Reasons
from ..run.isolated import RunOptions
from ..seal.choose import Paths, SealRequest
from ..seal.seals import Wanted
from ..worker.verdict import Verdict
from .context import versions_of
from .diagnose import diagnose_verdict, gather_knowledge, try_to_verify
from .diagnosis import Diagnosis


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One run and what was made of it."""

    verdict: Verdict
    diagnosis: Diagnosis | None = None
    line: str = ""
    """The requirement that was tried next; empty: none was left."""
    changes: tuple[str, ...] = ()
    """What that changed in the pins."""
    refused: tuple[str, ...] = ()
    """Requirements that could not be met, with the reason."""

    def __str__(self) -> str:
        """Return it as a few lines of text."""
        lines = [str(self.verdict)]
        if self.diagnosis is not None:
            lines += [f"  {line}" for line in str(self.diagnosis).splitlines()]
        lines += [f"  cannot be: {line}" for line in self.refused]
        if self.line:
            lines.append(f"  try: {self.line} ({', '.join(self.changes)})")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """The result of `fix`."""

    steps: tuple[Step, ...]
    pins: tuple[str, ...]
    """The requirements of the last run."""
    changes: tuple[str, ...]
    """How they differ from the folder's, where that works."""
    written: bool = False

    @property
    def good(self) -> bool:
        """Whether it runs."""
        return self.steps[-1].verdict.good

    def __str__(self) -> str:
        """Return what works, or what was tried."""
        if not self.good:
            return "\n".join(["no way was found; what was tried:", *_short(self.steps)])
        if not self.changes:
            return f"nothing to mend: {self.steps[-1].verdict}"
        lines = [str(self.steps[-1].verdict), *(f"  {change}" for change in self.changes)]
        ending = "the folder is updated" if self.written else "--write puts them into the folder"
        return "\n".join([*lines, f"requirements that work: {', '.join(self.pins)}", ending])

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"schema": 1, "good": self.good, **asdict(self)}


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
    report: Report = silent,
    progress: Report = silent,
) -> Fixed:
    """Mend the requirements of the model in `folder`, in at most `steps` changes.

    Each change follows a diagnosis; the folder's other pins are kept where they can be. `write`
    updates the folder where it runs in the end. `index` asks the index about names that are
    guesses. `report` is told each step, `progress` what takes time. The runs are sealed as those of
    :func:`~modelenv.predict`. Raises BadFolderError.
    """
    arguments.count("steps", steps)
    how = RunOptions(
        manager=env_manager,
        timeout=timeout,
        report=progress,
        seal=SealRequest.read(seal, allow_hosts, allow_paths),
    )
    opened = ModelFolder.open(folder)
    spec, knowledge = opened.environment, gather_knowledge(folder, index=index)
    sources = opened.sources(how.settings.environment)
    pins = [entry.requirement for entry in spec.requirements]
    here = Python.current().installed()
    mender = _Mender(spec, here, sources, tried={tuple(pins)}, firm=spec.constraints)
    done: list[Step] = []
    while True:
        verdict = try_to_verify(opened, how, pins)
        if verdict.good or len(done) >= steps:
            done.append(Step(verdict=verdict))
            break
        diagnosis = diagnose_verdict(verdict, replace(knowledge, pins=versions_of(pins)))
        step, pins = mender.next(verdict, diagnosis, pins)
        done.append(step)
        report(str(step))
        if not step.line:
            break
    good = done[-1].verdict.good
    changes = _changes(spec, pins) if good else ()
    if write and good and changes:
        update_pins(opened, pins, done[-1].verdict, sources=sources, reasons=mender.reasons)
    return Fixed(
        steps=tuple(done),
        pins=tuple(pins),
        changes=changes,
        written=bool(write and good and changes),
    )


@dataclass(slots=True)
class _Mender:
    """Turn a diagnosis into other pins, never the same twice."""

    spec: envfiles.EnvSpec
    installed: resolver.Installed
    sources: PackageSources
    tried: set[tuple[str, ...]]
    firm: tuple[str, ...]
    """What a later change may not undo: it was needed, and surely so."""
    reasons: dict[str, str] = field(default_factory=dict)
    """Why each pin is there that came or moved, by its name."""

    def next(
        self, verdict: Verdict, diagnosis: Diagnosis, pins: list[str]
    ) -> tuple[Step, list[str]]:
        """Return the step, and the pins to run with next; the step has no line where none is."""
        refused: list[str] = []
        entries = tuple(map(envfiles.Entry, pins))
        spec = replace(self.spec, requirements=entries, constraints=self.firm)
        for line in _lines(diagnosis):
            try:
                changed = repin(PinSet(spec), [line], self.installed, self.sources)
            except resolver.ResolverError as error:
                refused.append(f"{line}: {' '.join(str(error).split())[:300]}")
                continue
            if changed.lines in self.tried:
                refused.append(f"{line}: that was tried already")
                continue
            self.tried.add(changed.lines)
            if diagnosis.certain and Requirement(line).specifier:
                self.firm = (*self.firm, line)
            self.reasons |= _reasons(line, changed, diagnosis)
            step = Step(
                verdict=verdict,
                diagnosis=diagnosis,
                line=line,
                changes=tuple(changed.changes.values()),
                refused=tuple(refused),
            )
            return step, list(changed.lines)
        step = Step(verdict=verdict, diagnosis=diagnosis, refused=tuple(refused))
        return step, pins


def _lines(diagnosis: Diagnosis) -> Iterator[str]:
    """Yield what may be tried; never a distribution merely because it bears a module's name."""
    guessed = diagnosis.rule == "missing-module" and not diagnosis.certain
    if diagnosis.edit is not None and not guessed:
        yield diagnosis.edit.requirement
        yield from diagnosis.alternatives


def _changes(spec: envfiles.EnvSpec, pins: Sequence[str]) -> tuple[str, ...]:
    before = {entry.name: entry.requirement for entry in spec.requirements}
    after: dict[str, str] = {canonicalize_name(Requirement(line).name): line for line in pins}
    return tuple(changes_of(before, after).values())


def _reasons(line: str, changed: Repinned, diagnosis: Diagnosis) -> dict[str, str]:
    """Return for each pin why it is there: what only came with another goes with it, too."""
    asked = canonicalize_name(Requirement(line).name)
    because = f"mended: {diagnosis.problem}"
    found = dict.fromkeys(changed.changes, because)
    came = {name: str(Reasons(parents=who)) for name, who in changed.parents.items() if who}
    return {**found, **came, asked: because}


def _short(steps: Sequence[Step]) -> Iterator[str]:
    for number, step in enumerate(steps, 1):
        problem = step.diagnosis.problem if step.diagnosis is not None else step.verdict.reason
        yield f"  {number}. {problem}" + (f"; tried {step.line}" if step.line else "")
        yield from (f"     cannot be: {line}" for line in step.refused)
    last = steps[-1].diagnosis
    if last is not None and last.remedy:
        yield f"by hand: {last.remedy}"
