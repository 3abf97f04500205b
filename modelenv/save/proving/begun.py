"""A prediction that runs though it is not known yet what it has to be equal to."""

from __future__ import annotations

import filecmp
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ...base.files.hashing import State, state_of
from ...environments.spec import EnvironmentRequest, ReadyEnvironment
from ...folder.example import PREDICTION
from ...worker import process
from ...worker.comparing import outside
from ...worker.job import Ended, Job
from ...worker.process import Interpreter, Worker
from ...worker.values import COMPARED_PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunProof:
    """A run of a model in an environment of pins that nobody has resolved yet."""

    wanted: EnvironmentRequest
    job: Job
    """Its job, like a proof's, but without a prediction to compare with."""
    place: ReadyEnvironment
    code: Path
    """The folder that it sees where the code of the model stands."""
    given: Mapping[Path, State]
    """The state of the files that it was given, before it began."""
    output: Path
    """The file of its prediction, without a suffix."""
    worker: Worker
    results: Path
    """The file of its report."""
    began: float
    """The time it was started, in seconds since 1970, by the clock of the file system."""

    def is_for(self, wanted: EnvironmentRequest, job: Job) -> bool:
        """Return whether a proof in a replica that holds `wanted` would be this very run."""
        mine = self.wanted
        return (
            wanted.distributions == mine.distributions
            and wanted.wheels == mine.wheels
            and wanted.python == mine.python
            and wanted.fits_here
            and replace(job, expected=None) == self.job
            and _given(job) == self.given  # the run beside it may write to its own files
            and all(_hold_the_same(self.code, folder) for folder in job.code)
        )

    def ended(self, job: Job, *, timeout: float) -> Ended | None:
        """Wait for its end, and return how it ended as a run of `job`.

        None where it did not predict in that time, which may be for what ran beside it, and where
        `job` would have had its prediction written in another form.
        """
        assert job.expected is not None
        if not outside.compares(job) or job.expected["type"] == "pickle":
            return None
        ended = self._timed(self.worker.wait(timeout))
        told = ended.report.last("output")
        if ended.failure is not None or told is None or ended.seconds > timeout:
            return None
        if outside.is_text(told) and not outside.is_text(job.expected):
            return None

        def start(each: Job) -> Ended:
            return process.run_once(each, self.place.interpreter, timeout=timeout)

        return outside.decided(job, ended, self.output, start)

    def _timed(self, ended: Ended) -> Ended:
        """Return how it ended, with the seconds until its last word: it may have waited for us."""
        took = self.results.stat().st_mtime - self.began
        return replace(ended, seconds=min(ended.seconds, took)) if took > 0 else ended


@contextmanager
def begun(
    wanted: EnvironmentRequest, job: Job, place: ReadyEnvironment, code: Path, scratch: Path
) -> Iterator[BegunProof]:
    """Begin `job` in `place`, which holds what is `wanted`; at the end of the block it is ended.

    It sees the folder `code` where the code of the model is to stand, for which it has to be sealed
    by namespaces. `scratch` is an empty folder for its files. Raises WrongUseError where no process
    can be started.
    """
    output, files = scratch / "output" / "prediction", scratch / "run"
    for folder in (output.parent, files):
        folder.mkdir()
    place = replace(place, interpreter=_showing(code, job, place.interpreter))
    task = replace(job, output=output, forms=COMPARED_PLAIN)
    given, began = _given(job), time.time()
    with process.start(task, place.interpreter, files) as worker:
        yield BegunProof(
            wanted=wanted,
            job=job,
            place=place,
            code=code,
            given=given,
            output=output,
            worker=worker,
            results=files / process.RESULTS,
            began=began,
        )


def _showing(code: Path, job: Job, interpreter: Interpreter) -> Interpreter:
    """Return the interpreter with a seal that shows `code` in the place of the job's."""
    assert interpreter.plan is not None
    shown = tuple((str(code), str(folder)) for folder in job.code)
    plan = replace(interpreter.plan, elsewhere=(*interpreter.plan.elsewhere, *shown))
    return replace(interpreter, plan=plan)


def _given(job: Job) -> dict[Path, State]:
    """Return the state of each file that a run is given, but for code, and what is recorded."""
    found: dict[Path, State] = {}
    for root in replace(job, expected=None, code=()).reads:
        for above, folders, names in os.walk(root):
            folders[:] = [each for each in folders if Path(above, each) not in job.code]
            files = (Path(above, name) for name in names if not name.startswith(f"{PREDICTION}."))
            found.update((file, state_of(file)) for file in files)
    return found


def _hold_the_same(one: Path, other: Path) -> bool:
    """Return whether two folders hold the same files, by their content."""
    names = _files_below(one)
    return names == _files_below(other) and all(
        filecmp.cmp(one / name, other / name, shallow=False) for name in names
    )


def _files_below(folder: Path) -> list[str]:
    return sorted(
        os.path.relpath(Path(above, name), folder)
        for above, _, names in os.walk(folder)
        for name in names
    )
