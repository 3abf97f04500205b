"""The search for the newest set with the same prediction.

First all names at their newest. If that fails, the library that the failure names goes back, by
its lines, with the names that have to go back with it: between the model's line, which is known to
work, and the failing one, by bisection. Known breaks shorten that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from textwrap import shorten

from ...environments.spec import Report, silent
from ...folder.documents.code_by_value import CompiledCodeError
from ..trials.pins import TrialPins
from ..trials.trials import Trials
from ..trials.tried import Tried
from .between import Between
from .blame import Blame, Blaming, moved_lines
from .limits import PYTHON, ReleaseLine, SetLimits, python_line
from .outcome import Stop
from .sets import NewestSets

_PLACE = re.compile(r"(?:[A-Za-z]:)?[/\\][^\s'\"]*[/\\](?:site|dist)-packages[/\\]")
_MOST_FOLLOWED = 4
"""The number of explained failures that are followed one after the other."""


@dataclass(frozen=True, slots=True)
class Probe:
    """The newest set within some limits, tried; perhaps with further limits that it led to."""

    limits: SetLimits
    tried: Tried | None
    """None: there is no such set."""
    blames: tuple[Blame, ...] = ()

    @property
    def good(self) -> bool:
        """Whether the prediction is the same with it."""
        return self.tried is not None and self.tried.good


@dataclass(frozen=True, slots=True)
class Learned:
    """A lesson: releases of a name, up to a line, need an older version of another one."""

    about: str
    line: ReleaseLine | None
    """The line; None: `about` is not limited to one."""
    blame: Blame
    failed: Tried


@dataclass(slots=True)
class NewestSearch:
    """One search; `found` is the newest good set, as soon as there is one."""

    before: TrialPins
    sets: NewestSets
    trials: Trials
    blaming: Blaming
    most: int
    """The most sets that are tried."""
    report: Report = silent
    stops: list[Stop] = field(default_factory=list)
    _learned: list[Learned] = field(default_factory=list)

    def run(self) -> Probe:
        """Return the newest good set; the last one that was tried if none is good."""
        limits, met = SetLimits(), set[str]()
        while True:
            probe = self._probe(limits)
            if probe.good or probe.tried is None or self._spent:
                return probe
            blame = next((each for each in probe.blames if each.name not in met), None)
            if blame is None:
                return self._together(limits, probe)
            met.add(blame.name)
            settled = self._settled(limits, blame, probe.tried)
            if settled is not None and settled.good:
                return settled
            if settled is not None and blame.certain:
                limits = settled.limits

    def _together(self, limits: SetLimits, failed: Probe) -> Probe:
        """Try all newer names at their old lines at once: no single one was to blame."""
        assert failed.tried is not None
        names = sorted(moved_lines(self.before, failed.tried.pins) - {PYTHON})
        held = limits
        for name in names:
            held = held.at(name, self._line(name, self.before))
        self.report(f"trying {', '.join(names)} at the old minor versions together")
        probe = self._probe(held)
        if probe.good and probe.tried is not None:
            for name in names:
                self._stop(name, probe.tried, failed.tried)
        return probe if probe.good else failed

    @property
    def _spent(self) -> bool:
        return self.trials.builds >= self.most

    def _probe(self, limits: SetLimits, about: str = "") -> Probe:
        """Try the newest set within limits, and follow failures that name what else has to move.

        Lessons `about` a name are for the caller.
        """
        probe = self._once(limits)
        for _ in range(_MOST_FOLLOWED):
            further = self._followed(probe, about)
            if further is None:
                break
            probe = self._once(further)
        return probe

    def _once(self, limits: SetLimits) -> Probe:
        """Try the newest set within limits; for a pickle that holds bytecode, on its Python."""
        pins = self.sets.within(limits)
        if pins is None:
            return Probe(limits, None)
        try:
            tried = self.trials.run(pins)
        except CompiledCodeError as error:
            own = python_line(self.before.python)
            if limits.python == str(own):
                raise
            self.stops.append(Stop(PYTHON, self.before.python, pins.python, str(error)))
            return self._once(limits.at(PYTHON, own))
        return Probe(limits, tried, () if tried.good else self.blaming.of_trial(tried))

    def _followed(self, probe: Probe, about: str) -> SetLimits | None:
        """Return the limits that a failure suggests, if it is understood; None: it is not."""
        first = next(iter(probe.blames), None)
        if probe.tried is None or first is None or not first.specifier or first.name == about:
            return None
        narrowed = probe.limits.narrowed(first.name, first.specifier)
        if narrowed == probe.limits or self._spent:
            return None
        self.report(f"trying {first.name}{first.specifier}: {_short(probe.tried)}")
        self._learn(about, first, probe.tried)
        return narrowed

    def _learn(self, about: str, blame: Blame, failed: Tried) -> None:
        """Record that a line, and so those below it, needs another version of some name."""
        version = failed.pins.versions.get(about)
        line = None if version is None else ReleaseLine.of(version)
        self._learned.append(Learned(about, line, blame, failed))

    def _with_learned(self, limits: SetLimits, name: str, line: ReleaseLine) -> SetLimits:
        for each in self._learned:
            if each.about == name and each.line is not None and line <= each.line:
                limits = limits.narrowed(each.blame.name, each.blame.specifier)
        return limits

    def _settled(self, limits: SetLimits, blame: Blame, failed: Tried) -> Probe | None:
        """Return the newest good set with an older line of a name; None if none is good.

        If it is uncertain that the name is to blame, its old line is tried first.
        """
        low, high = self._line(blame.name, self.before), self._line(blame.name, failed.pins)
        lines = self.sets.lines_of(blame.name, low, high)
        best: Probe | None = None
        if not blame.certain or len(lines) == 2:
            best = self._at(limits, blame.name, low)
            if not best.good:
                return best
        broken = [bool(self.blaming.breaks(blame.name, line)) for line in lines]
        between, nearest = Between.of(lines, broken), failed
        while not (between.is_closed or self._is_known(blame.name, between, nearest)):
            probe = self._at(limits, blame.name, between.middle)
            if probe.tried is None:
                between.drop()
                continue
            between.note(good=probe.good)
            best, nearest = (probe, nearest) if probe.good else (best, probe.tried)
        if best is None:
            best = self._at(limits, blame.name, between.last_good)
        if best.good and best.tried is not None:
            self._stop(blame.name, best.tried, nearest)
        return best

    def _is_known(self, name: str, between: Between, failed: Tried) -> bool:
        """Return whether a trial's failure is the break that is known behind the last good line.

        Then it need not be tried. It is not tried either once the trials are spent.
        """
        line, verdict = between.next_line, failed.verdict
        said = f"{verdict.detail}\n{verdict.reason}"
        known = () if line is None else self.blaming.breaks(name, line)
        return self._spent or any(each.says and each.says in said for each in known)

    def _at(self, limits: SetLimits, name: str, line: ReleaseLine) -> Probe:
        """Try a line of a name; other names that then fail go back to their old lines with it."""
        self.report(f"trying {name} {line}")
        start = self._with_learned(limits.at(name, line), name, line)
        probe = self._probe(start, name)
        if probe.good or probe.tried is None or self._spent:
            return probe
        other = next(iter(probe.blames), None)
        if other is None or other.name == name or not other.certain:
            return probe
        old = self._line(other.name, self.before)
        return self._probe(probe.limits.at(other.name, old), name)

    def _line(self, name: str, pins: TrialPins) -> ReleaseLine:
        if name == PYTHON:
            return python_line(pins.python)
        return ReleaseLine.of(pins.versions[name])

    def _stop(self, name: str, best: Tried, failed: Tried) -> None:
        kept, there = (self._version(name, each.pins) for each in (best, failed))
        line = None if name == PYTHON else self._line(name, failed.pins)
        known = () if line is None else self.blaming.breaks(name, line)
        first = min(known, key=lambda each: str(each.read), default=None)
        because = first.because if first is not None else ""
        reason = _plain(failed)
        self.stops.append(Stop(name, kept, there, reason, because, retrain=name != PYTHON))

    def _version(self, name: str, pins: TrialPins) -> str:
        return pins.python if name == PYTHON else str(pins.versions.get(name, ""))

    def stopped(self, found: Probe) -> tuple[Stop, ...]:
        """Return the reasons why the set that was found is not newer, one for each name."""
        best = found.tried
        if best is None or not best.good:
            return tuple(self.stops)
        stops = {each.name: each for each in self.stops}
        for each in self._learned:
            name = each.blame.name
            if name in found.limits.specifiers:
                kept, there = (self._version(name, tried.pins) for tried in (best, each.failed))
                reason, because = _plain(each.failed), each.blame.because
                stops.setdefault(name, Stop(name, kept, there, reason, because))
        newest = max(self.sets.pythons, key=python_line)
        if python_line(best.pins.python) < python_line(newest):
            reason = self.sets.lacking(found.limits, newest)
            stops.setdefault(PYTHON, Stop(PYTHON, best.pins.python, newest, reason))
        return tuple(stops.values())


def _plain(tried: Tried) -> str:
    """Return the result of a trial in one line, without paths of this machine."""
    lines = tried.verdict.reason.splitlines()
    return _PLACE.sub("", lines[0]) if lines else ""


def _short(tried: Tried) -> str:
    return shorten(_plain(tried), 200, placeholder=" …")
