"""Running a task on a fleet: known outcomes are taken from its state, others are added to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ...base.files.state import state_folder
from ...base.settings import Settings
from ...environments.spec import Report, silent
from ..places.found import FoundModels
from ..results.report import FleetReport, FleetTally
from ..state.content import content_of
from ..state.outcome import ModelOutcome
from ..state.state_file import FleetState, opened_state
from .keys import OutcomeKeys, default_file
from .unit import FleetTask, FleetUnit, units_of

Again = Literal["errors", "failed", "all"]
Engine = Callable[[FleetTask, Iterator[FleetUnit]], Iterator[ModelOutcome]]
"""A function that runs a task on units, and yields the outcome of each model."""

_EVERY = 0.2  # seconds between two progress messages


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetRun:
    """The options of a run, for any task."""

    engine: Engine
    jobs: int
    state: Path | None = None
    """The state file; None: one of the user's own, by the places."""
    again: Again = "errors"
    """The outcomes of earlier runs to repeat."""
    report: Report = silent


def go_through(task: FleetTask, found: FoundModels, run: FleetRun) -> FleetReport:
    """Run a task on each model of a fleet without an earlier outcome; return the report on all.

    Outcomes are stored at once: if the process is killed, the next run continues. Raises
    FleetBusyError if another run is working on it, and StateFileError.
    """
    folder = state_folder(Settings.from_environment())
    file = (run.state or default_file(folder, task, found.root)).absolute()
    with opened_state(file) as state:
        going = _Going(task, found, run, state)
        going.look_up()
        going.do_the_rest()
        return going.report()


class _Going:
    """A run in progress."""

    def __init__(
        self, task: FleetTask, found: FoundModels, run: FleetRun, state: FleetState
    ) -> None:
        self._task = task
        self._found = found
        self._run = run
        self._state = state
        self._keys = OutcomeKeys.of(task)
        self._key_of: dict[Path, str] = {}
        self._contents: dict[Path, str] = {}
        self._copies: dict[Path, list[Path]] = {}
        """The models to run, each with the other models of equal content."""
        self._tally = FleetTally()
        self._began = self._told = time.monotonic()
        self._when = time.time()
        self._done = 0

    def look_up(self) -> None:
        """Look up the known outcome of each model, and collect those to run."""
        first: dict[str, Path] = {}
        for number, model in enumerate(self._found.models):
            self._tell(f"models: looking at {number} of {len(self._found.models)}")
            content = content_of(model, self._state)
            key = self._key_of[model] = self._keys.key(model, content)
            known = self._state.outcome(key)
            if known is not None and not self._is_to_be_done(known):
                self._tally.add(replace(known, path=str(model)))
            elif key in first:
                self._copies[first[key]].append(model)
            else:
                first[key] = model
                self._contents[model] = content
                self._copies[model] = [model]
        self._state.flush()

    def do_the_rest(self) -> None:
        """Run the remaining models, and store each outcome as it is known."""
        if not self._copies:
            return
        run = self._run
        units = units_of(self._task, list(self._copies), len(self._copies), run.jobs)
        outcomes = run.engine(self._task, units)
        with closing(outcomes):  # type: ignore[type-var]  # these iterators are generators
            for outcome in outcomes:
                self._keep(replace(outcome, at=time.time()))

    def report(self) -> FleetReport:
        """Return the report on all models."""
        self._state.flush()
        return FleetReport(
            command=self._task.name,
            state=self._state.file,
            counts=self._tally.by_frequency,
            causes=self._tally.causes(),
            pin_sets=self._tally.pin_sets,
            earlier=self._tally.earlier,
            skipped=self._found.skipped,
            began=self._when,
            listed=tuple((str(model), self._key_of[model]) for model in self._found.models),
        )

    def _is_to_be_done(self, known: ModelOutcome) -> bool:
        again = self._run.again
        return again == "all" or not known.is_final or (again == "failed" and not known.good)

    def _keep(self, outcome: ModelOutcome) -> None:
        """Store the outcome of a model under the key of its current content."""
        model = Path(outcome.path)
        content = content_of(model, self._state)
        if content != self._contents[model] and not self._task.writes:
            outcome = ModelOutcome(
                path=outcome.path,
                status="error",
                good=False,
                cause="changed meanwhile",
                reason="somebody else changed it meanwhile: it is looked at in the next run",
            )
        if content != self._contents[model]:
            self._key_of[model] = self._keys.key(model, content)
        self._state.keep(self._key_of[model], outcome)
        for copy in self._copies[model]:
            if outcome.cause == "changed meanwhile":
                self._key_of[copy] = self._key_of[model]
            self._tally.add(replace(outcome, path=str(copy)))
        self._done += 1
        self._tell(self._progress)

    @property
    def _progress(self) -> str:
        total = len(self._copies)
        passed = time.monotonic() - self._began
        left = passed / self._done * (total - self._done) if self._done else 0.0
        return f"models: {self._done} of {total}; {self._tally.words}; {_lasting(left)} left"

    def _tell(self, what: str) -> None:
        now = time.monotonic()
        if now - self._told >= _EVERY:
            self._told = now
            self._run.report(what)


def _lasting(seconds: float) -> str:
    """Return a rough duration as text.

    >>> _lasting(42), _lasting(90), _lasting(9000)
    ('42 s', '2 min', '2.5 h')
    """
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
