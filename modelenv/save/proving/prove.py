"""Predict again with the pins alone, and compare with the recorded prediction."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...base.addresses.permit import Permit
from ...base.siblings import resolver
from ...base.text import counted
from ...environments.managers import opened
from ...environments.spec import EnvironmentContents, request_environment
from ...folder.bundling import Bundle
from ...pins.pin_set import behind_pins
from ...pins.user_hashes import UserHashes
from ...worker.job import Ended
from ...worker.verdict import Repeatability, Verdict, judge
from ..observe.second_process import SecondProcess
from ..request.pinning import PinningRequest
from .speculation import Speculation


@dataclass(frozen=True, slots=True, kw_only=True)
class Prover:
    """A captured model with its own code: all that a proof needs besides the pins."""

    request: PinningRequest
    bundle: Bundle
    second: SecondProcess
    hashes: UserHashes
    options: tuple[str, ...] = ()
    """pip's options for distributions that are not installed here."""
    no_index: bool = False
    """Whether the user's lines contain ``--no-index``."""
    speculation: Speculation | None = None
    """The proof that was begun while the model was captured, if there is one."""

    def complete(self, resolution: resolver.Resolution) -> resolver.Resolution:
        """Build the wheels that pins need; return the pins, checked against the user's hashes.

        Raises NotBundledError, HashMismatchError, HashesMissingError.
        """
        return self.hashes.checked(self.bundle.complete(resolution))

    def prove(self, resolution: resolver.Resolution) -> Verdict:
        """Return how a prediction with the pins alone compares with the recorded one.

        If they differ, the model predicts in a second process of its own environment; parts of the
        prediction that differ there too are not compared.
        """
        repeatability = self.second.repeatability
        ended, where = self._run(resolution, repeatability)
        verdict = judge(ended, where, repeatability)
        if verdict.status != "differs" or self.second.asked:
            return verdict
        self.request.report("predicting in a second process")
        with self.request.watch("prove"):
            repeatability = self.second.ask()
        if repeatability.skipped:
            ended, where = self._run(resolution, repeatability)
        return judge(ended, where, repeatability)

    def _run(
        self, resolution: resolver.Resolution, repeatability: Repeatability
    ) -> tuple[Ended, str]:
        """Predict with the pins alone; return the outcome, and a name of the environment."""
        request, captured = self.request, self.request.captured
        pins = self.complete(resolution).pins
        contents = EnvironmentContents(
            requirements=tuple(str(pin.requirement) for pin in pins),
            behind=behind_pins(pins),
            python=request.version,
            exact=request.exact,
            provided=tuple(str(pin.requirement) for pin in request.stand_ins(resolution).pins),
            wheels=self.bundle.folder,
            options=self.options,
        )
        own = Permit(
            (*contents.naming_places, *contents.naming_channels)
        )  # a save has only the user's own lines
        contents = replace(contents, permit=own)
        wanted = request_environment(contents, captured.python, request.installed)
        job = replace(request.material, variables=captured.variables).job(
            expected=captured.prediction,
            skipped=repeatability.skipped,
            hash_seed=self.second.hash_seed,
        )
        policy = request.policy
        with request.watch("prove"):
            taken = self.speculation and self.speculation.take(wanted, job)
        if taken:
            return taken
        with (
            request.watch("prove"),
            opened(
                wanted,
                request.installed,
                request.settings,
                policy.manager,
                request.report,
                policy.seal,
            ) as place,
        ):
            request.report(f"predicting with {counted(len(pins), 'pin')} alone, in {place.place}")
            return place.run(job, timeout=policy.timeout), place.label
