"""Search all installed distributions for what a prediction needs and no trace shows."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from packaging.requirements import Requirement

from ...base.siblings import resolver
from ...base.text import counted
from ...environments.spec import Report
from ...repair.owners.candidates import candidates
from ...repair.owners.modules import sole_owner
from ...worker.verdict import Verdict

_MOST_RUNS = 12


@dataclass(frozen=True, slots=True)
class Found:
    """The result of a search."""

    items: tuple[resolver.Attributed, ...] = ()
    """The needed distributions; empty if even all candidates together are not enough."""
    tried: int = 0
    """The number of distributions that were searched; 0 if there was no search."""
    runs: int = 0
    """The number of predictions that the search ran."""
    suspects: tuple[str, ...] = ()
    """The names among which some needed ones are, if the search was cut short."""


class InstalledSearch:
    """A search limited in the number of runs and in seconds."""

    def __init__(
        self,
        candidates: Sequence[resolver.Attributed],
        report: Report,
        *,
        seconds: float,
        runs: int = _MOST_RUNS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._candidates = candidates
        self._report = report
        self._left = runs
        self._runs = 0
        self._clock = clock
        self._until = clock() + seconds

    def __call__(self, enough: Callable[[Sequence[resolver.Attributed]], bool]) -> Found:
        """Return the needed candidates; none if even all together are not `enough`.

        No candidates at all are known not to be enough. Finding one needed of k costs about
        2 + log k runs: the last item of the shortest prefix that is enough is needed in any case.
        """
        candidates = list(self._candidates)
        if not candidates or not self._is_enough(candidates, enough):
            return Found(tried=len(candidates), runs=self._runs)
        needed: list[resolver.Attributed] = []
        while True:
            low, high = 0, len(candidates)
            while high - low > 1 and self._has_runs:
                middle = (low + high) // 2
                if self._is_enough([*needed, *candidates[:middle]], enough):
                    high = middle
                else:
                    low = middle
            if high - low > 1:
                return self._found(needed, candidates[:high])
            needed.append(candidates[high - 1])
            candidates = candidates[: high - 1]
            if candidates and not self._has_runs:
                return self._found(needed, candidates)
            if not candidates or self._is_enough(needed, enough):
                return self._found(needed, ())

    def _found(
        self, needed: Sequence[resolver.Attributed], suspects: Sequence[resolver.Attributed]
    ) -> Found:
        names = tuple(item.distribution.name for item in suspects)
        return Found(tuple(needed), len(self._candidates), self._runs, names)

    @property
    def _has_runs(self) -> bool:
        return self._runs < self._left and self._clock() < self._until

    def _is_enough(
        self,
        some: Sequence[resolver.Attributed],
        enough: Callable[[Sequence[resolver.Attributed]], bool],
    ) -> bool:
        self._runs += 1
        self._report(
            f"looking for what it needs: run {self._runs}, with"
            f" {counted(len(some), 'installed distribution')} besides the pins"
        )
        return enough(some)


def installed_besides(
    pins: resolver.Resolution, installed: resolver.Installed
) -> list[resolver.Attributed]:
    """Return the installed distributions that can be pinned beside `pins`, with what they require.

    Editable installs are left out: their code is the model's own, which the trace shows.
    """
    broken = {each.name for each in installed if not _can_be_pinned(each, installed)}
    size = -1
    while size != len(broken):
        size = len(broken)
        broken |= {each.name for each in installed if broken & _needs(each, installed)}
    return [
        resolver.Attributed(each, "optional", (), 0)
        for each in installed
        if each.name not in broken and pins.get(each.name) is None
    ]


def _can_be_pinned(distribution: resolver.Distribution, installed: resolver.Installed) -> bool:
    """Return whether a distribution is complete; without a file list it cannot be tried."""
    is_known = distribution.editable is None and bool(distribution.files)
    return is_known and _is_met(distribution, installed)


def _is_met(distribution: resolver.Distribution, installed: resolver.Installed) -> bool:
    """Return whether all requirements of a distribution are installed, at admitted versions."""
    try:
        needs = distribution.needs(installed.target)
    except resolver.MetadataError:
        return False
    found = [(need, installed.get(need.name)) for need in needs]
    return all(
        there is not None and need.specifier.contains(there.version, prereleases=True)
        for need, there in found
    )


def _needs(distribution: resolver.Distribution, installed: resolver.Installed) -> set[str]:
    try:
        return {name for name, _ in distribution.asks(installed.target)}
    except resolver.MetadataError:
        return set()


def pointed_at(verdict: Verdict, installed: resolver.Installed) -> list[resolver.Attributed]:
    """Return the installed distributions that own the modules and leaks of a failed proof.

    They need not be in the trace: a pickle may name a module that nothing imported.
    """
    found: dict[resolver.Distribution, resolver.Evidence] = {}
    for module in verdict.missing:
        owner = sole_owner(module, installed)
        if owner is not None:
            found.setdefault(owner, resolver.Evidence(module, None, None, None))
    for leak in verdict.leaks:
        owner = installed.get(Requirement(leak.owner).name) if leak.owner else None
        if owner is not None and leak.kind != "host" and not leak.by_path:
            name = installed.relative(leak.name)
            found.setdefault(owner, resolver.Evidence(name, None, None, None, leak.kind))
    return [
        resolver.Attributed(owner, "optional", (evidence,), 0) for owner, evidence in found.items()
    ]


def guessed(
    verdict: Verdict, installed: resolver.Installed, attribution: resolver.Attribution
) -> list[resolver.Attributed]:
    """Return the installed distributions that the messages of a failed proof may mean."""
    traced = {item.distribution.name: item for item in attribution.distributions}
    found = (installed.get(name) for name in candidates(verdict, installed, (), attribution))
    return [
        traced.get(each.name, resolver.Attributed(each, "optional", (), 0))
        for each in found
        if each is not None
    ]
