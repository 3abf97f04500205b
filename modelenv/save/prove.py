"""Predict again with the pins alone, and find out which optional distributions are needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..base.settings import Settings
from ..base.siblings import resolver
from ..base.stopwatch import Stopwatch
from ..environments.managers import Manager, opened, want
from ..folder.bundling import Bundle
from ..repair.quickxplain import smallest_part
from ..worker import process
from ..worker.errors import NotProvenError
from ..worker.job import Material
from ..worker.verdict import Verdict, judge
from .capture import Captured
from .inputs import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Prover:
    """One captured model and what is installed: all that a proof needs besides the pins."""

    material: Material
    captured: Captured
    installed: resolver.Installed
    settings: Settings
    timeout: float
    manager: Manager
    watch: Stopwatch
    bundle: Bundle
    version: str
    """Another version of Python than the captured one, or nothing."""
    stand_ins: Callable[[resolver.Resolution], resolver.Resolution]
    """What conda would bring besides the pins."""
    options: tuple[str, ...] = ()
    """How pip is to find what is not installed here."""

    def prove(self, resolution: resolver.Resolution) -> Verdict:
        """Predict in an environment that holds only the pins; compare with what was recorded."""
        pins = self.bundle.complete(resolution).pins
        lines = [str(pin.requirement) for pin in pins]
        wanted = want(
            self.captured.python,
            self.installed,
            lines,
            version=self.version,
            provided=[str(pin.requirement) for pin in self.stand_ins(resolution).pins],
            wheels=self.bundle.folder,
            options=self.options,
        )
        job = self.material.job(expected=self.captured.prediction)
        with (
            self.watch("prove"),
            opened(wanted, self.installed, self.settings, self.manager) as place,
        ):
            ended = process.run(job, place.interpreter, timeout=self.timeout)
            return judge(ended, place.label, deterministic=self.captured.deterministic)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The pinned set that was settled on."""

    resolution: resolver.Resolution
    verdict: Verdict | None
    """None where nothing was to be proven."""
    kept: tuple[resolver.Attributed, ...] = ()
    """Optional distributions that are among the pins."""
    tried: bool = False
    """Whether the prediction was tried without them, and needs them."""


Resolve = Callable[[Sequence[resolver.Attributed]], resolver.Resolution]


def choose(
    optional: Sequence[resolver.Attributed],
    resolve: Resolve,
    prove: Callable[[resolver.Resolution], Verdict],
    policy: Policy,
    owners: Callable[[str], Sequence[resolver.Attributed]] = lambda _: (),
) -> Choice:
    """Settle on a pinned set, with or without the optional distributions, as the policy says.

    `owners` tells the installed distributions of a module that the trace did not see.

    Raises NotProvenError where the prediction is not reproduced with them either.
    """
    if policy.prove and policy.optional == "prove":
        return _smallest(optional, resolve, _once(prove), owners)
    resolution = resolve(optional)
    verdict = prove(resolution) if policy.prove else None
    if verdict is not None and not verdict.good:
        raise NotProvenError(verdict, len(resolution.pins))
    return Choice(resolution=resolution, verdict=verdict, kept=tuple(optional))


def _once(
    prove: Callable[[resolver.Resolution], Verdict],
) -> Callable[[resolver.Resolution], Verdict]:
    """Return `prove` with a memory: a proof runs the model, and a search asks again."""
    known: dict[tuple[resolver.Pin, ...], Verdict] = {}

    def proven(resolution: resolver.Resolution) -> Verdict:
        if resolution.pins not in known:
            known[resolution.pins] = prove(resolution)
        return known[resolution.pins]

    return proven


def _smallest(
    optional: Sequence[resolver.Attributed],
    resolve: Resolve,
    prove: Callable[[resolver.Resolution], Verdict],
    owners: Callable[[str], Sequence[resolver.Attributed]],
) -> Choice:
    """Find the smallest set that gives the recorded prediction: first without all optional ones.

    `resolve` gives the pins with the optional ones that it is handed. Where the prediction fails
    without them, those whose modules it missed are added, which mostly is enough; else all. Of
    several that were added at once the needed ones are found by halving, so that d needed among k
    cost about 1 + d log k predictions. Raises NotProvenError where not even all are enough.
    """
    resolution = first = resolve(())
    optional = [item for item in optional if resolution.get(item.distribution.name) is None]
    verdict = failed = prove(resolution)
    kept: list[resolver.Attributed] = []
    doubtful = False  # whether some may have been added that are not needed
    while not verdict.good:
        added = _added(optional, kept, verdict, owners)
        if not added:
            break
        doubtful = doubtful or len(added) > 1
        kept += added
        resolution = resolve(kept)
        verdict = prove(resolution)
    if not verdict.good:
        doubtful = True
        kept = [*optional, *(item for item in kept if item not in optional)]
        resolution = resolve(kept)
        if not prove(resolution).good:
            raise NotProvenError(failed, len(first.pins))
    if doubtful:
        kept = smallest_part(kept, [], lambda some: prove(resolve(some)).good)
        resolution = resolve(kept)
    return Choice(resolution=resolution, verdict=prove(resolution), kept=tuple(kept), tried=True)


def _added(
    optional: Sequence[resolver.Attributed],
    kept: Sequence[resolver.Attributed],
    verdict: Verdict,
    owners: Callable[[str], Sequence[resolver.Attributed]],
) -> list[resolver.Attributed]:
    """Return what a failed proof missed: traced as optional, else installed and not traced."""
    there = {item.distribution.name for item in kept}
    found = missed(optional, verdict.missing)
    if not found:
        found = [item for name in verdict.missing for item in owners(name)]
    return [item for item in found if item.distribution.name not in there]


def missed(
    optional: Sequence[resolver.Attributed], missing: Sequence[str]
) -> list[resolver.Attributed]:
    """Return the optional distributions that a missing module belongs to."""
    tops = {name.partition(".")[0] for name in missing}
    return [
        item
        for item in optional
        if any(evidence.module.partition(".")[0] in tops for evidence in item.evidence)
    ]
