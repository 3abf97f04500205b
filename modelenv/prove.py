"""Predict again with the pins alone, and find out which optional distributions are needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .capture import Captured, Material
from .errors import NotProvenError
from .given import Policy
from .isolation import process
from .isolation.environments import Manager, opened, want
from .isolation.job import Job
from .local import Bundle
from .settings import Settings
from .siblings import resolver
from .stopwatch import Stopwatch
from .verdict import Verdict, judge


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

    def prove(self, resolution: resolver.Resolution) -> Verdict:
        """Predict in an environment that holds only the pins; compare with what was recorded."""
        pins = self.bundle.complete(resolution).pins
        lines = [str(pin.requirement) for pin in pins]
        wanted = want(self.captured.python, self.installed, lines, self.bundle.folder)
        job = Job(
            model=self.material.model,
            loader=self.material.loader,
            input=self.material.input,
            code=self.material.code,
            expected=self.captured.prediction,
        )
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
    """Optional distributions that the prediction needs."""


Resolve = Callable[[Sequence[resolver.Attributed]], resolver.Resolution]


def choose(
    optional: Sequence[resolver.Attributed],
    resolve: Resolve,
    prove: Callable[[resolver.Resolution], Verdict],
    policy: Policy,
) -> Choice:
    """Settle on a pinned set, with or without the optional distributions, as the policy says.

    Raises NotProvenError where the prediction is not reproduced with them either.
    """
    if policy.prove and policy.optional == "prove":
        return _smallest(optional, resolve, prove)
    resolution = resolve(optional)
    verdict = prove(resolution) if policy.prove else None
    if verdict is not None and not verdict.good:
        raise NotProvenError(verdict, len(resolution.pins))
    return Choice(resolution=resolution, verdict=verdict, kept=tuple(optional))


def _smallest(
    optional: Sequence[resolver.Attributed],
    resolve: Resolve,
    prove: Callable[[resolver.Resolution], Verdict],
) -> Choice:
    """Find the smallest set that gives the recorded prediction: first without all optional ones.

    `resolve` gives the pins with the optional ones that it is handed. Where the prediction fails
    without them, those whose modules it missed are added first, which mostly is enough; else the
    needed ones are found by halving, so that d needed among k cost about 1 + d log k predictions.
    Raises NotProvenError where not even all of them are enough.
    """
    kept: list[resolver.Attributed] = []
    resolution = resolve(kept)
    optional = [item for item in optional if resolution.get(item.distribution.name) is None]
    verdict = first = prove(resolution)
    while not verdict.good:
        added = [item for item in _missed(optional, verdict.missing) if item not in kept]
        if not added:
            break
        kept += added
        resolution = resolve(kept)
        verdict = prove(resolution)
    if not verdict.good:
        verdict = prove(resolve(optional)) if len(kept) < len(optional) else verdict
        if not verdict.good:
            raise NotProvenError(verdict if kept else first, len(resolution.pins))
        kept = _needed(optional, [], lambda some: prove(resolve(some)).good)
        resolution = resolve(kept)
        verdict = prove(resolution)
    return Choice(resolution=resolution, verdict=verdict, kept=tuple(kept))


def _missed(
    optional: Sequence[resolver.Attributed], missing: Sequence[str]
) -> list[resolver.Attributed]:
    """Return the optional distributions that a missing module belongs to."""
    tops = {name.partition(".")[0] for name in missing}
    return [
        item
        for item in optional
        if any(evidence.module.partition(".")[0] in tops for evidence in item.evidence)
    ]


def _needed(
    candidates: list[resolver.Attributed],
    given: list[resolver.Attributed],
    enough: Callable[[list[resolver.Attributed]], bool],
) -> list[resolver.Attributed]:
    """Return a smallest part of `candidates` that is enough together with `given`.

    All of them with `given` are known to be enough. This is QuickXplain (Junker, 2004).
    """
    if enough(given):
        return []
    if len(candidates) == 1:
        return candidates
    middle = len(candidates) // 2
    left, right = candidates[:middle], candidates[middle:]
    from_right = _needed(right, given + left, enough)
    from_left = _needed(left, given + from_right, enough)
    return from_left + from_right
