"""A prediction that starts before the recorded one, to which it must be equal, is known."""

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
    """A run of a model with pins that were guessed before the resolution."""

    wanted: EnvironmentRequest
    job: Job
    """Its job: that of a proof, without the prediction to compare with."""
    place: ReadyEnvironment
    code: Path
    """The folder that it sees in place of the folder of the model's code."""
    given: Mapping[Path, State]
    """The state of its input files before it started."""
    output: Path
    """The path of its prediction, without a suffix."""
    worker: Worker
    results: Path
    """The path of its report."""
    began: float
    """Its start in seconds since 1970, by the file system's clock."""

    def is_for(self, wanted: EnvironmentRequest, job: Job) -> bool:
        """Return whether a proof of `job` in a replica with `wanted` would be this same run."""
        mine = self.wanted
        return (
            wanted.distributions == mine.distributions
            and wanted.wheels == mine.wheels
            and wanted.python == mine.python
            and wanted.fits_here
            and replace(job, expected=None) == self.job
            and _given(job) == self.given  # the traced run may have changed its own files
            and all(_hold_the_same(self.code, folder) for folder in job.code)
        )

    def ended(self, job: Job, *, timeout: float) -> Ended | None:
        """Wait for the run to end, and return its outcome as that of `job`.

        None if it did not predict within `timeout`, which the traced run beside it may have caused,
        or if `job` would have written its prediction in another form.
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
        """Return the outcome, timed to its last record, since it may have ended before we asked."""
        took = self.results.stat().st_mtime - self.began
        return replace(ended, seconds=min(ended.seconds, took)) if took > 0 else ended


@contextmanager
def begun(
    wanted: EnvironmentRequest, job: Job, place: ReadyEnvironment, code: Path, scratch: Path
) -> Iterator[BegunProof]:
    """Start `job` in `place`, which holds what is `wanted`; stop it at the end of the block.

    The run sees the folder `code` in place of the model's code, which takes a seal by namespaces.
    `scratch` is an empty folder for its files. Raises WrongUseError if no process can be started.
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
    """Return the interpreter with a seal that shows `code` in place of the job's code."""
    assert interpreter.plan is not None
    shown = tuple((str(code), str(folder)) for folder in job.code)
    plan = replace(interpreter.plan, elsewhere=(*interpreter.plan.elsewhere, *shown))
    return replace(interpreter, plan=plan)


def _given(job: Job) -> dict[Path, State]:
    """Return the state of each input file of a run, except its code and the recorded prediction."""
    found: dict[Path, State] = {}
    for root in replace(job, expected=None, code=()).reads:
        for above, folders, names in os.walk(root):
            folders[:] = [each for each in folders if Path(above, each) not in job.code]
            files = (Path(above, name) for name in names if not name.startswith(f"{PREDICTION}."))
            found.update((file, state_of(file)) for file in files)
    return found


def _hold_the_same(one: Path, other: Path) -> bool:
    """Return whether two folders hold files of the same names and content."""
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
