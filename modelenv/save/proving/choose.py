"""Choose the smallest pinned set that gives the recorded prediction, proof by proof."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import chain

from packaging.requirements import Requirement

from ...base.siblings import resolver
from ...worker.errors import NotProvenError
from ...worker.verdict import Repeatability, Verdict
from ..inputs import Policy
from .search import Found

Resolve = Callable[[Sequence[resolver.Attributed]], resolver.Resolution]
Prove = Callable[[resolver.Resolution], Verdict]
Enough = Callable[[Sequence[resolver.Attributed]], bool]
"""Returns whether the prediction is reproduced with these beside the certain pins."""


def _no_candidates(_: Verdict) -> Sequence[resolver.Attributed]:
    return ()


def _no_search(_: Enough) -> Found:
    return Found()


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Distributions that may be needed besides the certain ones."""

    called: Sequence[resolver.Attributed] = ()
    """Not required by others, but kept without a trial: they have effects on any input."""
    optional: Sequence[resolver.Attributed] = ()
    """Seen in the run and not required by others."""
    startup: Sequence[resolver.Attributed] = ()
    """Run at the interpreter's start; added only if the prediction fails without them."""
    pointed_at: Callable[[Verdict], Sequence[resolver.Attributed]] = _no_candidates
    """Return the owners, traced or not, of modules and files that a failed proof missed."""
    after: Callable[[Verdict], Sequence[resolver.Attributed]] = _no_candidates
    """Return the optional ones that the next runs would miss, after one that a proof missed."""
    guessed: Callable[[Verdict], Sequence[resolver.Attributed]] = _no_candidates
    """Return the installed distributions that the messages of a failed proof may mean."""
    search: Callable[[Enough], Found] = _no_search
    """Search all that is installed for what is needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The chosen pinned set."""

    resolution: resolver.Resolution
    verdict: Verdict | None
    """The verdict of its proof; None if nothing was to be proven."""
    kept: tuple[resolver.Attributed, ...] = ()
    """The optional distributions among the pins."""
    needed: AbstractSet[str] = frozenset()
    """The names of those without which the prediction failed or differed."""
    found: Found = field(default_factory=Found)
    """Those that were found by searching all that is installed."""
    repeatability: Repeatability = field(default_factory=Repeatability)
    """The parts of the recorded prediction that a second process repeats, if one was run."""

    @property
    def nothing_left_out(self) -> bool:
        """Whether all were kept because nothing could be compared."""
        return self.verdict is not None and self.verdict.good and not self.verdict.compares


def choose(candidates: Candidates, resolve: Resolve, prove: Prove, policy: Policy) -> Choice:
    """Return a pinned set, with or without the optional distributions, as the policy says.

    `resolve` returns the pins for given optional distributions. Raises NotProvenError if the
    prediction is not reproduced even with all that is installed.
    """
    if policy.prove and policy.optional == "prove":
        return _Trials(candidates, resolve, _once(prove)).smallest()
    kept = (*candidates.called, *candidates.optional)
    resolution = resolve(kept)
    verdict = prove(resolution) if policy.prove else None
    if verdict is not None and not verdict.good:
        raise NotProvenError(verdict, len(resolution.pins))
    return Choice(resolution=resolution, verdict=verdict, kept=kept)


def _once(prove: Prove) -> Prove:
    """Return `prove` with a cache, since a proof runs the model and a search repeats proofs."""
    known: dict[tuple[resolver.Pin, ...], Verdict] = {}

    def proven(resolution: resolver.Resolution) -> Verdict:
        if resolution.pins not in known:
            known[resolution.pins] = prove(resolution)
        return known[resolution.pins]

    return proven


class _Trials:
    """Trials that add candidates until the prediction is reproduced, then leave some out again."""

    def __init__(self, candidates: Candidates, resolve: Resolve, prove: Prove) -> None:
        self._candidates = candidates
        self._resolve = resolve
        self._prove = prove
        self._called = list(candidates.called)
        self._kept: list[resolver.Attributed] = []
        self._found = Found()

    def smallest(self) -> Choice:
        """Return the smallest set that gives the recorded prediction.

        The first trial has only the candidates that are kept without a trial. If it fails,
        candidates are added: those that the failure points at, which is mostly enough; else those
        whose code was called while predicting; else all that were traced; else what a search among
        all installed distributions finds. If several were added at once, the needed ones are found
        by bisection: one among k costs 1 + log k predictions, and d of them about d log k.
        """
        first = self._resolve(self._called)
        failed = self._prove(first)
        traced = (self._candidates.optional, self._candidates.startup)
        seen = [item for item in self._candidates.optional if item.called is not None]
        if not (
            failed.good or self._follow(failed) or self._add(seen) or self._add(chain(*traced))
        ):
            self._search(failed, len(first.pins))
        return self._chosen()

    def _follow(self, verdict: Verdict) -> bool:
        """Add what each failure points at; return whether the prediction is then reproduced."""
        doubtful = False  # whether some may have been added that are not needed
        while not verdict.good:
            surely = self._pointed_at(verdict)
            added = surely or self._open(self._candidates.guessed(verdict))
            if not added:
                return False
            doubtful = doubtful or len(added) > 1 or not surely
            self._kept += added
            if surely:
                self._kept += self._open(self._candidates.after(verdict))
            verdict = self._verdict()
        if doubtful:
            self._halve()
        return True

    def _add(self, items: Iterable[resolver.Attributed]) -> bool:
        """Add candidates; return whether the prediction is reproduced."""
        self._kept += self._open([*items])
        if not self._verdict().good:
            return False
        self._halve()
        return True

    def _search(self, failed: Verdict, pins: int) -> None:
        """Add what a search of all installed distributions finds; else raise NotProvenError."""
        traced, last = self._kept, self._verdict()
        # A file that no distribution has, or not at that path, cannot be provided by a pin.
        if all(leak.owner and not leak.by_path for leak in last.leaks):
            self._found = self._candidates.search(lambda some: self._is_enough([*traced, *some]))
        found = self._found.items
        if not found or self._found.suspects:
            raise NotProvenError(
                last if last.leaks else failed,
                pins,
                tried=self._found.tried,
                needed=tuple(item.distribution.name for item in found),
                suspects=self._found.suspects,
            )
        if traced:
            traced = resolver.smallest_part(traced, lambda some: self._is_enough([*some, *found]))
        self._kept = [*traced, *found]

    def _pointed_at(self, verdict: Verdict) -> list[resolver.Attributed]:
        """Return what a failed proof missed: traced optional candidates, else installed ones."""
        found = self._open(missed(self._candidates.optional, verdict))
        return found or self._open(self._candidates.pointed_at(verdict))

    def _open(self, items: Sequence[resolver.Attributed]) -> list[resolver.Attributed]:
        """Return those not pinned yet and not added in vain before: users may exclude names."""
        there = self._resolve([*self._called, *self._kept])
        added = {item.distribution.name for item in self._kept}
        return [
            item
            for item in items
            if there.get(item.distribution.name) is None and item.distribution.name not in added
        ]

    def _halve(self) -> None:
        """Leave out distributions that are not needed, given that at least one is.

        Mostly that is one: the last item of the shortest prefix that is enough.
        """
        low, high = 0, len(self._kept)
        while high - low > 1:
            middle = (low + high) // 2
            if self._is_enough(self._kept[:middle]):
                high = middle
            else:
                low = middle
        last, others = self._kept[high - 1], self._kept[: high - 1]
        needed = resolver.smallest_part(others, lambda some: self._is_enough([*some, last]))
        self._kept = [*needed, last]

    def _is_enough(self, some: Sequence[resolver.Attributed]) -> bool:
        return self._prove(self._resolve([*self._called, *some])).good

    def _verdict(self) -> Verdict:
        return self._prove(self._resolve([*self._called, *self._kept]))

    def _chosen(self) -> Choice:
        """Return what is kept; everything that was traced, if nothing could be compared."""
        needed = frozenset(item.distribution.name for item in self._kept)
        if not self._verdict().compares:
            self._kept += self._open(self._candidates.optional)
        kept = {item.distribution.name: item for item in (*self._called, *self._kept)}
        resolution = self._resolve([*self._called, *self._kept])
        verdict = self._prove(resolution)
        if not verdict.good:
            raise NotProvenError(verdict, len(resolution.pins))
        return Choice(
            resolution=resolution,
            verdict=verdict,
            kept=tuple(kept.values()),
            needed=needed,
            found=self._found,
        )


def missed(optional: Sequence[resolver.Attributed], verdict: Verdict) -> list[resolver.Attributed]:
    """Return the optional distributions that own a missing module or a leaked file."""
    tops = {name.partition(".")[0] for name in verdict.missing}
    owners = {
        Requirement(leak.owner).name for leak in verdict.leaks if leak.owner and not leak.by_path
    }
    return [
        item
        for item in optional
        if item.distribution.name in owners
        or any(
            evidence.kind == "module" and evidence.name.partition(".")[0] in tops
            for evidence in item.evidence
        )
    ]
