"""Predict again with the pins alone, and find out which optional distributions are needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from ..base.siblings import resolver
from ..environments.managers import opened
from ..environments.spec import EnvironmentContents, request_environment
from ..folder.bundling import Bundle
from ..pins.pin_set import behind_pins
from ..pins.user_hashes import UserHashes
from ..worker.errors import NotProvenError
from ..worker.job import Ended
from ..worker.verdict import Repeatability, Verdict, judge
from .capture import SecondProcess
from .inputs import Policy
from .request import PinningRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Prover:
    """One captured model with its own code: all that a proof needs besides the pins."""

    request: PinningRequest
    bundle: Bundle
    second: SecondProcess
    hashes: UserHashes
    options: tuple[str, ...] = ()
    """How pip is to find what is not installed here."""
    no_index: bool = False
    """Whether the user's lines say that no index is asked."""

    def complete(self, resolution: resolver.Resolution) -> resolver.Resolution:
        """Make the wheels that pins need; return them, with the user's hashes held against files.

        Raises NotBundledError, HashMismatchError, HashesMissingError.
        """
        return self.hashes.checked(self.bundle.complete(resolution))

    def prove(self, resolution: resolver.Resolution) -> Verdict:
        """Return how a prediction with the pins alone compares with the recorded one.

        Where it differs, a second process where the model was captured is asked. What that one does
        not give again either is not compared.
        """
        repeatability = self.second.repeatability
        ended, where = self._run(resolution, repeatability)
        verdict = judge(ended, where, repeatability)
        if verdict.status != "differs" or self.second.asked:
            return verdict
        with self.request.watch("prove"):
            repeatability = self.second.ask()
        if repeatability.skipped:
            ended, where = self._run(resolution, repeatability)
        return judge(ended, where, repeatability)

    def _run(
        self, resolution: resolver.Resolution, repeatability: Repeatability
    ) -> tuple[Ended, str]:
        """Predict with the pins alone; return how it ended, and the environment in words."""
        request, captured = self.request, self.request.captured
        pins = self.complete(resolution).pins
        contents = EnvironmentContents(
            requirements=tuple(str(pin.requirement) for pin in pins),
            behind=behind_pins(pins),
            python=request.version,
            provided=tuple(str(pin.requirement) for pin in request.stand_ins(resolution).pins),
            wheels=self.bundle.folder,
            options=self.options,
        )
        wanted = request_environment(contents, captured.python, request.installed)
        job = replace(request.material, variables=captured.variables).job(
            expected=captured.prediction,
            skipped=repeatability.skipped,
            hash_seed=self.second.hash_seed,
        )
        policy = request.policy
        with (
            request.watch("prove"),
            opened(
                wanted, request.installed, request.settings, policy.manager, seal=policy.seal
            ) as place,
        ):
            return place.run(job, timeout=policy.timeout), place.label


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The pinned set that was chosen."""

    resolution: resolver.Resolution
    verdict: Verdict | None
    """None where nothing was to be proven."""
    kept: tuple[resolver.Attributed, ...] = ()
    """Optional distributions that are among the pins."""
    repeatability: Repeatability = field(default_factory=Repeatability)
    """On what of the recorded prediction a second process agrees, where one had to be asked."""
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
    """Return a pinned set, with or without the optional distributions, as the policy says.

    `owners` tells the installed distributions of a module that the trace did not see. Raises
    NotProvenError where the prediction is not reproduced with the optional ones either.
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
    """Return `prove` with a cache: a proof runs the model, and a search asks again."""
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
    """Return the smallest set that gives the recorded prediction: first without all optional ones.

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
        last = prove(resolution)
        if not last.good:  # what it used of this machine no pin would mend
            raise NotProvenError(last if last.leaks else failed, len(first.pins))
    if doubtful:
        kept = resolver.smallest_part(kept, lambda some: prove(resolve(some)).good)
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
        if any(evidence.name.partition(".")[0] in tops for evidence in item.evidence)
    ]
