"""Try a model with other pins and another Python; the same set is built and run once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from ...base.files.scratch import scratch_folder
from ...environments.errors import BuildFailedError, NotUnpackedError, PythonMissingError
from ...environments.spec import EnvironmentRequest, ReadyEnvironment, minor
from ...folder.model_folder import ModelFolder
from ...run.isolated import RunOptions, check_standing, checked, environment_for
from ...table.crossing.received import placed
from ...table.errors import UnfaithfulError
from ...worker.comparing import outside
from ...worker.comparing.compare import RELATIVE
from ...worker.errors import WrongInterpreterError
from ...worker.job import Ended, Job
from ...worker.values import TYPED
from ...worker.verdict import Repeatability, Verdict, judge
from .pins import TrialPins, any_release
from .tried import Tried, warnings_of

_NOTHING = {"type": "none"}
_REFERENCE = "it is what the others are compared with"


@dataclass(slots=True)
class Trials:
    """Runs of one model on its examples, each with other pins, compared with one prediction.

    That is the recorded one, until another trial is made the `reference`. Sets that were tried are
    known by their pins and Python, and are not tried again.

        with Trials.of(folder, how) as trials:
            tried = trials.run(TrialPins.of(["numpy==2.4.6", ...], "3.13"))
            tried.outcome, tried.verdict.reason, tried.warnings
    """

    folder: ModelFolder
    how: RunOptions
    scratch: Path
    """The folder for predictions."""
    relative: float = RELATIVE
    """The relative tolerance for two floats, as a part of the larger one."""
    example: Mapping[str, Any] | None = None
    """The description of what to predict on instead of the recorded example."""
    known: dict[TrialPins, Tried] = field(default_factory=dict)
    """The trials so far, in order."""
    expected: Mapping[str, Any] | None = None
    """The description of the prediction to compare with; None: the recorded one, or none yet."""

    @classmethod
    @contextmanager
    def of(
        cls,
        folder: ModelFolder,
        how: RunOptions,
        *,
        relative: float = RELATIVE,
        example: Mapping[str, Any] | None = None,
    ) -> Iterator[Trials]:
        """Yield trials of a folder for the length of a block; what they predicted goes with it.

        With an `example` of the user's nothing is compared before a `reference` is chosen.
        """
        with scratch_folder() as scratch:
            yield cls(folder, how, scratch, relative, example)

    @property
    def builds(self) -> int:
        """The number of sets that were tried, each in an environment of its own."""
        return len(self.known)

    def run(self, pins: TrialPins) -> Tried:
        """Build, predict and compare. Raises TargetChanged and the errors of a folder that lies.

        A failed build is an outcome too.
        """
        if pins not in self.known:
            self.known[pins] = self._tried(pins)
        return self.known[pins]

    def reference(self, pins: TrialPins) -> Tried:
        """Predict with a set, and compare what is tried from now on with that.

        Earlier trials are forgotten. If it gives no prediction that can be passed on, `prediction`
        is None, and nothing changes.
        """
        before, self.expected = self.expected, _NOTHING
        found = self._tried(pins)
        if found.prediction is None:
            self.expected = before
            return found
        verdict = replace(found.verdict, status="reproduces", reason=_REFERENCE)
        found = replace(found, verdict=verdict)
        self.known = {pins: found}
        self.expected = found.prediction
        return found

    def _tried(self, pins: TrialPins) -> Tried:
        how = replace(self.how, python=any_release(pins.python))
        stem = self.scratch / f"trial-{len(list(self.scratch.iterdir()))}"
        stem.mkdir()
        try:
            request = checked(self.folder, how, pins.lines)
            if minor(pins.python) != minor(self.folder.environment.python) or not _hashed(request):
                request = _without_hashes(request)
            with environment_for(request, how) as place:
                how.report(f"predicting in {place.place}")
                ended = self._ended(place, stem / "prediction")
        except (BuildFailedError, NotUnpackedError, PythonMissingError) as error:
            if self.folder.is_changed:
                raise
            return Tried(pins=pins, verdict=_unbuilt(error))
        except WrongInterpreterError as error:
            return Tried(pins=pins, verdict=_unbuilt(error))
        check_standing(self.folder, ended)
        return self._judged(pins, ended, place, stem / "prediction")

    def _ended(self, place: ReadyEnvironment, stem: Path) -> Ended:
        """Return how a run ended that predicted, and left its prediction at `stem`, compared."""
        job, how = self._job(), self.how
        if not outside.compares(job):
            alone = replace(job, output=stem, expected=_NOTHING, forms=TYPED)
            return place.run(alone, timeout=how.timeout)
        ended = place.run(outside.predicting(job, stem), timeout=how.timeout)
        return outside.decided(job, ended, stem, lambda each: place.run(each, timeout=how.timeout))

    def _job(self) -> Job:
        repeatability = self.folder.mlmodel.repeatability
        recorded = self.folder.prediction if self.example is None else None
        return self.folder.job(
            self.folder.example if self.example is None else self.example,
            expected=recorded if self.expected is None else self.expected,
            skipped=repeatability.skipped,
            relative=self.relative,
            memory=self.how.memory,
            listen=True,
        )

    def _judged(self, pins: TrialPins, ended: Ended, place: ReadyEnvironment, stem: Path) -> Tried:
        whole = self.folder.mlmodel.repeatability if self.example is None else Repeatability()
        verdict = judge(ended, place.label, whole)
        if place.built is not None:
            verdict = replace(verdict, built=asdict(place.built))
        compared = ended.compared
        return Tried(
            pins=pins,
            verdict=verdict,
            largest=compared.largest if compared is not None and verdict.good else 0.0,
            warnings=warnings_of(ended),
            prediction=_prediction(ended, stem),
        )


def _hashed(request: EnvironmentRequest) -> bool:
    """Return whether each line has hashes: installers want hashes for all lines or for none."""
    behind = request.contents.behind
    return all(line in behind and behind[line].hashes for line in request.contents.requirements)


def _without_hashes(request: EnvironmentRequest) -> EnvironmentRequest:
    """Return what is wanted without the hashes of lines: they may be of files for one Python."""
    behind = {
        line: replace(entry, hashes=())
        for line, entry in request.contents.behind.items()
        if entry.settings
    }
    return replace(request, contents=replace(request.contents, behind=behind))


def _prediction(ended: Ended, stem: Path) -> Mapping[str, Any] | None:
    """Return the description of what a run predicted, if that can be passed on."""
    output = ended.report.last("output")
    if output is None:
        return None
    try:
        described = placed(output, stem)
    except UnfaithfulError:
        return None
    return described if "file" in described and described["type"] != "pickle" else None


def _unbuilt(error: Exception) -> Verdict:
    """Return the verdict on an environment that there is not."""
    said = error.output if isinstance(error, BuildFailedError) else str(error)
    lines = said.strip().splitlines()
    return Verdict(
        status="fails",
        where="an environment that could not be had",
        reason=lines[-1].strip() if lines else "it said nothing",
        stage="build",
        detail=said,
    )
