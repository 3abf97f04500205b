"""The search for changes of the requirements that mend a model; only needed ones are kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ...base.siblings import envfiles, resolver
from ...base.text import counted
from ...environments.managers import builder
from ...environments.spec import Manager, Report
from ...folder.model_folder import ModelFolder
from ...pins.change.repin import Repinned, by_name, changes_of, repin
from ...pins.package_sources import PackageSources
from ...pins.pin_set import PinSet
from ...pins.reasons import Reasons
from ...run.isolated import RunOptions
from ...worker.verdict import Verdict
from ..context import Knowledge, versions_of
from ..diagnose import diagnose_verdict, try_to_verify
from ..diagnosis import Diagnosis
from ..evidence.import_graph import ImportGraph
from ..reading.failure import Failure
from .steps import Step
from .trials import Trial, last_resorts

_MOST_RUNS = 12
"""The most runs to find out which of several changes are needed."""


@dataclass(frozen=True, slots=True)
class Amendment:
    """A change of the requirements, with the reason."""

    line: str
    because: str
    firm: bool = False
    """Whether no later change may undo it: it was certainly needed."""


Amendments = tuple[Amendment, ...]


@dataclass(slots=True, kw_only=True)
class Repair:
    """The repair of one model: the changes that were found to help so far, and all runs."""

    folder: ModelFolder
    how: RunOptions
    knowledge: Knowledge
    installed: resolver.Installed
    sources: PackageSources
    graph: ImportGraph
    report: Report
    edits: Amendments = ()
    done: list[Step] = field(default_factory=list)
    changed: dict[Amendments, Repinned] = field(default_factory=dict)
    verdicts: dict[tuple[Manager, tuple[str, ...]], Verdict] = field(default_factory=dict)
    useless: tuple[str, ...] = ()
    """Changes of the last run that are taken back, in words."""
    taken_back: set[tuple[str, ...]] = field(default_factory=set)
    """All pins that were taken back."""

    @property
    def pins(self) -> tuple[str, ...]:
        """The requirements with the changes, and all that they require."""
        return self._pins(self.edits)

    @property
    def stated(self) -> tuple[str, ...]:
        """The folder's list with the changes: of an open one its lines alone."""
        return self._repinned(self.edits).stated

    @property
    def verdict(self) -> Verdict:
        """The verdict of a run with the changes."""
        return self._verdict(self.edits)

    @property
    def reasons(self) -> dict[str, str]:
        """The reason for each line that was added or moved, by its name."""
        if not self.folder.pins.closed:  # an indirect dependency has no line
            return {_asked(edit): edit.because for edit in self.edits}
        found: dict[str, str] = {}
        for end, edit in enumerate(self.edits, 1):
            found |= _reasons(edit, self._repinned(self.edits[:end]))
        return found

    def run(self, steps: int) -> None:
        """Try the changes that diagnoses suggest, then other likely ones, at most so many."""
        first = last = self.verdict
        while not self.verdict.good and len(self.done) < steps:
            step, proposed = self._next(last, diagnose_verdict(self.verdict, self._known))
            self.done.append(step)
            self.report(str(step))
            if not proposed:
                return
            last = self._verdict(proposed)
            self._keep(proposed, last, trial=bool(step.trial))
            if self.verdict.good:
                self._keep_needed(first)
                last = self.verdict
        self.done.append(Step(verdict=last, taken_back=self.useless))

    def _next(self, last: Verdict, diagnosis: Diagnosis) -> tuple[Step, Amendments]:
        """Return the next step and the changes that it tries; no changes: none is left."""
        refused: list[str] = []
        proposed: Amendments = ()
        trial = Trial((), "")
        for edit in _edits_of(diagnosis, self._known):
            proposed = self._with([edit], refused)
            if proposed:
                break
        else:
            for trial in last_resorts(self.graph, self.verdict, diagnosis, self.pins):
                because = "mended: needed by the prediction"
                proposed = self._with([Amendment(line, because) for line in trial.lines], refused)
                if proposed:
                    break
        new = proposed[len(self.edits) :]
        step = Step(
            verdict=last,
            diagnosis=diagnosis,
            line=", ".join(edit.line for edit in new),
            changes=differences(self.pins, self._pins(proposed)) if new else (),
            refused=tuple(refused),
            trial=trial.what if new else "",
            taken_back=self.useless,
        )
        self.useless = ()
        return step, proposed

    def _with(self, further: Iterable[Amendment], refused: list[str]) -> Amendments:
        """Return the changes with the possible ones among `further`; empty: that is nothing new."""
        edits = self.edits
        for edit in further:
            try:
                _ = self._repinned((*edits, edit))
            except resolver.ResolverError as error:
                refused.append(f"{edit.line}: {' '.join(str(error).split())[:300]}")
                continue
            edits = (*edits, edit)
        if edits == self.edits:
            return ()
        pins = self._pins(edits)
        if pins in self.taken_back:
            return ()
        if any(pins == tried for _, tried in self.verdicts):
            said = ", ".join(edit.line for edit in edits[len(self.edits) :])
            refused.append(f"{said}: that was tried already")
            return ()
        return edits

    def _keep(self, proposed: Amendments, verdict: Verdict, *, trial: bool) -> None:
        """Keep the proposed changes if they made a difference; trials may have to go together."""
        unbuilt = verdict.stage == "build" and self.verdict.stage != "build"
        same = _signature(verdict) == _signature(self.verdict)
        if unbuilt or (same and not trial):
            said = "cannot be installed" if unbuilt else "made no difference"
            self._take_back(proposed[len(self.edits) :], said)
            self.taken_back.add(self._pins(proposed))
        else:
            self.edits = proposed

    def _take_back(self, edits: Iterable[Amendment], said: str) -> None:
        self.useless = tuple(f"{edit.line} {said}" for edit in edits)

    def _keep_needed(self, first: Verdict) -> None:
        """Keep the changes without which it does not run in the same kind of environment.

        A distribution that is not installed here is tested in a built environment, in which the
        model may run without the change, too.
        """
        good = self.verdict
        kind = self.how.manager
        if good.where != first.where and kind == "auto" and first.stage != "build":
            kind = builder(self.how.settings)
            self.verdicts[kind, self.pins] = good
        elif len(self.edits) < 2:
            return
        runs = len(self.verdicts) + _MOST_RUNS

        def enough(some: Sequence[Amendment]) -> bool:
            self.how.report(f"predicting with {len(some)} of {counted(len(self.edits), 'change')}")
            try:
                return len(self.verdicts) < runs and self._verdict(tuple(some), kind).good
            except resolver.ResolverError:  # some need the others
                return False

        needed = tuple(resolver.smallest_part(list(self.edits), enough))
        if needed != self.edits and (not needed or self._verdict(needed).good):
            self._take_back(
                (edit for edit in self.edits if edit not in needed),
                f"made no difference in {good.where}",
            )
            self.taken_back.add(self.pins)
            self.edits = needed

    @property
    def _known(self) -> Knowledge:
        """The knowledge, with the present pins."""
        return replace(self.knowledge, pins=versions_of((*self.stated, *self.pins)))

    def _pins(self, edits: Amendments) -> tuple[str, ...]:
        return self._repinned(edits).lines

    def _repinned(self, edits: Amendments) -> Repinned:
        """Return the pins with some changes. Raises the resolver's errors."""
        if edits not in self.changed:
            change = self._of_closed if self.folder.pins.closed else self._of_open
            self.changed[edits] = change(edits)
        return self.changed[edits]

    def _of_closed(self, edits: Amendments) -> Repinned:
        """Return the pins of a closed list with some changes, one after the other."""
        if not edits:
            return Repinned(_lines(self.folder), _lines(self.folder), {})
        *before, last = edits
        entries = tuple(map(envfiles.Entry, self._pins(tuple(before))))
        spec = replace(self._with_firm(before), requirements=entries)
        return repin(PinSet(spec), [last.line], self.installed, self.sources)

    def _of_open(self, edits: Amendments) -> Repinned:
        """Return the closure of an open list with some changes; of a name the last one counts."""
        self.how.report("resolving what the folder's list leads to")
        pins = replace(self.folder.pins, spec=self._with_firm(edits[:-1]))
        lines = {_asked(edit): edit.line for edit in edits}
        try:
            return repin(pins, lines.values(), self.installed, self.sources, agreeing=True)
        except resolver.ResolverError:
            if edits:
                raise
            return Repinned((), _lines(self.folder), {})  # its build will report the fault

    def _with_firm(self, before: Iterable[Amendment]) -> envfiles.EnvSpec:
        """Return the folder's environment, limited by the firm changes."""
        spec = self.folder.environment
        firm = (edit.line for edit in before if edit.firm)
        return replace(spec, constraints=(*spec.constraints, *firm))

    def _verdict(self, edits: Amendments, manager: Manager | None = None) -> Verdict:
        """Run with some changes, once in each kind of environment."""
        how = self.how if manager is None else replace(self.how, manager=manager)
        pins = self._pins(edits)
        if (how.manager, pins) not in self.verdicts:
            self.verdicts[how.manager, pins] = try_to_verify(self.folder, how, pins or None)
        return self.verdicts[how.manager, pins]


def _edits_of(diagnosis: Diagnosis, knowledge: Knowledge) -> Iterator[Amendment]:
    """Yield the changes to try: guesses only among distributions that the model had to do with.

    A distribution is never tried merely because it has the name of something else.
    """
    if diagnosis.edit is None:
        return
    for line in (diagnosis.edit.requirement, *diagnosis.alternatives):
        requirement = Requirement(line)
        if diagnosis.certain or knowledge.is_familiar(canonicalize_name(requirement.name)):
            firm = diagnosis.certain and bool(requirement.specifier)
            yield Amendment(line, f"mended: {diagnosis.problem}", firm)


def _signature(verdict: Verdict) -> tuple[object, ...]:
    """Return the key of equal failures, wherever they ran and whatever the line numbers."""
    last = Failure.of_verdict(verdict).last
    said = verdict.reason if last is None else f"{last.type}: {last.message}"
    frame = last.frames[-1] if last is not None and last.frames else None
    place = (frame.module, frame.function) if frame is not None else ()
    used = tuple((leak.kind, leak.name) for leak in verdict.leaks)
    return verdict.status, verdict.stage, re.sub(r"\S*[/\\]", "", said), place, used


def differences(before: Iterable[str], after: Iterable[str]) -> tuple[str, ...]:
    """Return in words how some pins differ from others."""
    return tuple(changes_of(by_name(before), by_name(after)).values())


def _asked(edit: Amendment) -> str:
    """Return the name that a change concerns."""
    return canonicalize_name(Requirement(edit.line).name)


def _lines(folder: ModelFolder) -> tuple[str, ...]:
    return tuple(entry.requirement for entry in folder.environment.requirements)


def _reasons(edit: Amendment, changed: Repinned) -> dict[str, str]:
    """Return the reason for each pin: a dependency goes with the pin that brought it."""
    found = dict.fromkeys(changed.changes, edit.because)
    came = {name: str(Reasons(parents=who)) for name, who in changed.parents.items() if who}
    return {**found, **came, _asked(edit): edit.because}
