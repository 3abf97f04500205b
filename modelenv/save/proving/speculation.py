"""A proof that starts during the model's first run, and counts if its guess was right.

It only saves time. It counts if the proof requested later would be the same run, and if it
succeeds; otherwise its outcome is discarded, and the proof runs as if it had never started.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from ...base.errors import ModelenvError
from ...base.files.scratch import scratch_folder
from ...base.settings import Settings
from ...base.siblings import resolver
from ...environments.interpreter import Python
from ...environments.managers import opened
from ...environments.spec import EnvironmentRequest
from ...folder.documents.code_by_value import PickledNames
from ...folder.documents.names import CODE
from ...worker.job import Ended, Job, Material
from ...worker.verdict import Repeatability, judge
from ..observe.second_process import seed_beside
from ..request.model import GivenModel
from ..request.plan import SavePlan
from .begun import BegunProof, begun
from .guess import Guess, KnownModel, foresee
from .history import Outcome, ProofHistory
from .own_imports import imports_of
from .worthwhile import Room, is_apart, uses_accelerator, why_not

HOLDS = "the proof that was begun beside the run holds"
THROWN_AWAY = "the proof that was begun beside the run is not this one, and is thrown away"
# Errors here only end the attempt: the proof that follows raises them in earnest.
_TROUBLE = (ModelenvError, resolver.ResolverError, OSError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """A model that has been written and is about to run for the first time."""

    model: GivenModel
    material: Material
    """The model in its folder, without the code that will travel."""
    named: PickledNames
    python: Python
    installed: resolver.Installed

    @property
    def size(self) -> int:
        """The total size of the folder's files in bytes."""
        files = self.material.model.parent.rglob("*")
        return sum(file.stat().st_size for file in files if file.is_file())

    @property
    def modules(self) -> tuple[str, ...]:
        """The modules that the pickle or script names."""
        script = self.script
        return imports_of("__main__", script) if script else self.named.modules

    @property
    def script(self) -> Path | None:
        """The script in its folder, if the model is one."""
        return self.material.model if self.model.script else None


class Speculation:
    """At most one proof of a save that starts early; leaving the block ends it."""

    def __init__(
        self,
        plan: SavePlan,
        settings: Settings,
        *,
        room: Room | None = None,
        history: ProofHistory | None = None,
    ) -> None:
        self._plan = plan
        self.settings = settings
        self._room = room
        self._history = ProofHistory.default(settings) if history is None else history
        self._stack = ExitStack()
        self._begun: BegunProof | None = None
        self._key = ""
        self._asked: list[tuple[str, ...]] = []
        """The pins for which a proof was requested, in order."""
        self._later = 0
        """The number of other pinned sets that are expected to be tried before the begun one."""

    def __enter__(self) -> Speculation:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End a proof that was begun and not taken."""
        self.end()

    def begin(self, beginning: Beginning) -> None:
        """Start the proof that is expected to be requested, and return while it runs.

        Nothing is started if it is not worth it or the proof cannot be guessed.
        """
        room = self._room or Room.here()
        try:
            if why_not(self._plan, self.settings, room, beginning.size):
                return
            with self._plan.policy.seal.looked_up():
                guess = self._foresee(beginning)
            if guess is not None and not uses_accelerator(guess.wanted, room):
                self._begin(beginning, guess)
        except _TROUBLE:
            self.end()

    def end(self) -> bool:
        """End the proof that was begun; return whether there was one."""
        had_begun, self._begun = self._begun is not None, None
        self._stack.close()
        return had_begun

    def take(self, wanted: EnvironmentRequest, job: Job) -> tuple[Ended, str] | None:
        """Return a begun proof's outcome and environment, or None if `job` has to be run."""
        self._asked.append(wanted.contents.requirements)
        there = self._begun
        if there is None:
            return None
        if not there.is_for(wanted, job):
            if len(self._asked) > self._later:
                self._throw_away()
            return None
        ended, label = self._waited_for(there, job), there.place.label
        if ended is None or not judge(ended, label, Repeatability()).good:
            self._throw_away()
            return None
        self.end()
        self._plan.report(HOLDS)
        return ended, label

    def _waited_for(self, there: BegunProof, job: Job) -> Ended | None:
        try:
            return there.ended(job, timeout=self._plan.policy.timeout)
        except _TROUBLE:
            return None

    def learn(self, outcome: Outcome) -> None:
        """Store the outcome of the model's proof."""
        if self._key:
            place = {pins: number for number, pins in enumerate(reversed(self._asked))}
            after = len(self._asked) - place.get(outcome.requirements, 0)
            self._history.put(self._key, replace(outcome, tried=after))

    def _throw_away(self) -> None:
        self.end()
        self._plan.report(THROWN_AWAY)

    def _foresee(self, beginning: Beginning) -> Guess | None:
        known = KnownModel(
            plan=self._plan,
            model=beginning.model.object,
            modules=beginning.modules,
            script=beginning.script,
            example=beginning.material.input,
            python=beginning.python,
            installed=beginning.installed,
            environment=self.settings.environment,
        )
        self._key = known.key
        before = self._history.get(self._key)
        if before is None and self._plan.policy.optional == "keep":
            return None  # only a run shows which distributions "keep" keeps
        if before is not None and before.why_not:
            return None
        self._later = 0 if before is None else before.tried - 1
        return foresee(known, before)

    def _begin(self, beginning: Beginning, guess: Guess) -> None:
        policy = self._plan.policy
        if not is_apart(policy.seal.chosen()):
            return
        scratch = self._stack.enter_context(scratch_folder())
        material = beginning.material
        code = _code_beside(guess, material, scratch)
        job = replace(material, code=(material.loader.parent,), variables=guess.variables).job(
            hash_seed=seed_beside(guess.variables)
        )
        place = self._stack.enter_context(
            opened(guess.wanted, beginning.installed, self.settings, "replica", seal=policy.seal)
        )
        self._begun = self._stack.enter_context(begun(guess.wanted, job, place, code, scratch))


def _code_beside(guess: Guess, material: Material, scratch: Path) -> Path:
    """Copy the loader and the code that is expected to travel; return the folder."""
    code = scratch / CODE
    code.mkdir()
    (code / material.loader.name).write_bytes(material.loader.read_bytes())
    guess.code.carry(code)
    return code
