"""The search for the cause of a changed prediction: the distributions, then their releases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from packaging.version import Version

from ...base.siblings import resolver
from ...environments.spec import Report, silent
from ...folder.documents.code_by_value import CompiledCodeError
from ..breaks.breaks import PickleBreak
from ..breaks.written import WrittenPickles
from ..newest.limits import PYTHON
from ..trials.pins import TrialPins
from ..trials.trials import Trials
from ..trials.tried import Tried
from .between import SetsBetween
from .facts import ReleaseFacts
from .moves import Group, PinMoves, differing
from .outcome import Culprit, Finding

_MOST_CULPRITS = 4
_DEEPEST = 4
"""The depth to which companions of a release are searched."""


@dataclass(slots=True)
class CulpritSearch:
    """One search; trials beyond the limit decide nothing."""

    good: Tried
    bad: Tried
    finding: Finding
    """The finding on the bad side, which is searched for."""
    trials: Trials
    facts: ReleaseFacts
    written: WrittenPickles
    """The globals in the model's pickles, and the versions that wrote them."""
    most: int
    report: Report = silent
    tried: dict[TrialPins, Tried] = field(default_factory=dict)
    """The result of each set, from its first trial."""

    def run(self) -> Iterator[Culprit]:
        """Yield the causes, one after the other. Raises the resolver's errors.

        A found cause stays moved. Further trials are compared with the prediction that this gives,
        until it equals that of the bad side.
        """
        good = self.good.pins
        for _ in range(_MOST_CULPRITS):
            moves = PinMoves.between(good, self.bad.pins, self.facts)
            found = self._smallest(moves, moves.groups)
            culprit = self._culprit(moves, found) if found else None
            if culprit is None:
                return
            yield culprit
            good = moves.pins(moves.closure(found))
            if self.finding == "fails" or good == self.bad.pins or not self._compare_with(good):
                return

    def _compare_with(self, pins: TrialPins) -> bool:
        """Compare with the prediction of a set from now on; return whether the bad side differs."""
        reference = self.trials.reference(pins)
        return reference.prediction is not None and self._shows(self.bad.pins)

    def _smallest(self, moves: PinMoves, groups: list[Group]) -> list[Group]:
        """Return a smallest subset of some groups with which it is as with the bad side.

        A group with a known break is tried first, alone.
        """

        def shows(some: list[Group]) -> bool:
            return self._shows(moves.pins(moves.closure(some)))

        suspected = {each.distribution for each in self._known(moves.bad)}
        for group in groups:
            if group & suspected and shows([group]):
                return [group]
        found = resolver.smallest_part(groups, shows)
        return found if found and shows(found) else []

    def _culprit(self, moves: PinMoves, found: Sequence[Group], depth: int = 0) -> Culprit | None:
        """Return the causing release of the last of the groups, while the others are moved."""
        moved = moves.closure(found)
        before, after = moves.pins(moved - found[-1]), moves.pins(moved)
        name = self._leading(found[-1])
        between = SetsBetween(before, after, self.facts)
        releases = [] if name == PYTHON else between.releases(name)
        first, last, skipped = self._first_bad(name, releases, between)
        ends = self._tried(first), self._tried(last)
        if ends[0] is None or ends[1] is None or ends[1].outcome != self.finding:
            return None
        apart = differing(first, last)
        if len(apart) > 1 and depth < _DEEPEST and (first, last) != (moves.good, moves.bad):
            inner = PinMoves.between(first, last, self.facts)
            smaller = self._smallest(inner, inner.groups)
            if smaller and inner.pins(inner.closure(smaller)) != moves.bad:
                deeper = self._culprit(inner, smaller, depth + 1)
                if deeper is not None:
                    return deeper
        return Culprit(
            name=name,
            good=_version(name, first),
            bad=_version(name, last),
            before=ends[0],
            after=ends[1],
            skipped=skipped,
            known=next((each.because for each in self._new(name, first, last)), ""),
        )

    def _leading(self, group: Group) -> str:
        """Return the name to search the releases of, among several that move together."""
        if len(group) == 1:
            return next(iter(group))
        rest = sorted(group - {PYTHON})
        modules = {each.partition(".")[0] for each in self.written.named}
        return next((name for name in rest if name.replace("-", "_") in modules), rest[0])

    def _first_bad(
        self, name: str, releases: list[Version], between: SetsBetween
    ) -> tuple[TrialPins, TrialPins, tuple[str, ...]]:
        """Return the last good and the first bad set by a name's releases, and undecided ones.

        A release that fails otherwise or is unavailable decides nothing, and is skipped.
        """
        first, last = between.good, between.bad
        low, high = 0, len(releases) - 1
        skipped: dict[int, str] = {}
        likely = self._likely(name, releases, last)
        while open_ := [each for each in range(low + 1, high) if each not in skipped]:
            middle = min(open_, key=lambda each: (each not in likely, abs(2 * each - low - high)))
            version = releases[middle]
            pins = between.at(name, version)
            tried = None if pins is None else self._tried(pins)
            if pins is None or tried is None:
                skipped[middle] = f"{name} {version}: there is no set with it"
            elif tried.outcome == self.finding:
                high, last = middle, pins
            elif tried.good or (self.finding == "fails" and tried.outcome == "differs"):
                low, first = middle, pins
            else:
                skipped[middle] = f"{name} {version}: {tried.verdict.reason}"
        return first, last, tuple(skipped[each] for each in sorted(skipped) if low < each < high)

    def _known(self, pins: TrialPins) -> list[PickleBreak]:
        """Return the known breaks that explain the finding in a set."""
        fits = {"differs": ("differs",), "fails": ("load", "predict")}[self.finding]
        return [each for each in self.written.breaks(pins.versions) if each.effect in fits]

    def _new(self, name: str, first: TrialPins, last: TrialPins) -> list[PickleBreak]:
        """Return the breaks known for one of two sets and not for the other, for a name."""
        before = self._known(first)
        known = [each for each in self._known(last) if each.distribution == name]
        return [each for each in known if each not in before]

    def _likely(self, name: str, releases: Sequence[Version], last: TrialPins) -> frozenset[int]:
        """Return the positions of the releases at which something is known to begin."""
        found = set[int]()
        for known in self._known(last):
            if known.distribution == name:
                inside = [known.read.contains(each, prereleases=True) for each in releases]
                found |= {inside.index(True), inside.index(True) - 1} if any(inside) else set()
        return frozenset(found)

    def _shows(self, pins: TrialPins) -> bool:
        tried = self._tried(pins)
        return tried is not None and tried.outcome == self.finding

    def _tried(self, pins: TrialPins) -> Tried | None:
        """Return the result of a set; None if it cannot be tried, or the trials are spent."""
        if pins not in self.trials.known and len(self.tried) >= self.most:
            return None
        changes = pins.changes_from(self.good.pins)
        self.report(f"trying {_some(changes)}")
        try:
            found = self.trials.run(pins)
        except CompiledCodeError:
            return None
        self.tried.setdefault(pins, found)
        return found


def _version(name: str, pins: TrialPins) -> str:
    """Return the version of a name in a set; its reference if it has none; else empty."""
    if name == PYTHON:
        return pins.python
    version = pins.versions.get(name)
    return str(version) if version is not None else pins.by_name.get(name, "").partition("@")[2]


def _some(changes: Sequence[str]) -> str:
    """Return some of the changes in a few words."""
    if not changes:
        return "the good side, with none of the changes"
    return f"{len(changes)} of the changes: {', '.join(changes)[:160]}"
