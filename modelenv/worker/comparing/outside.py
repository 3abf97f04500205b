"""Compare a prediction with the recorded one outside of the process that made it.

That process writes the prediction as buffers, or as JSON if JSON is recorded. If the bytes equal
the recorded ones, the values are equal; plain values are compared here. Otherwise a further
process of the same environment compares them, without running the model. Values that only a pickle
can hold, and those of the model's own classes, are compared by the process that made them, since
reading a pickle can run any code.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...table import values
from ...table.crossing.received import build, check_file, placed, read_buffers, read_content
from ...table.errors import UnfaithfulError
from ..job import Ended, Job
from ..report.report import Report
from ..values import COMPARED, COMPARED_PLAIN
from .answer import Compared
from .buffers import compare_buffers, same_files
from .content import Content
from .parts import compare_wholly
from .recorded import read_recorded

if TYPE_CHECKING:
    from ...table.table import Parts

Start = Callable[[Job], Ended]

# Larger files are read and compared by a process with a time limit.
_LARGEST_HERE = 2**24
_PLAIN = ("object", "dict", "list", "tuple")


class _UnreadableError(UnfaithfulError):
    """The recorded value cannot be read."""


def compares(job: Job) -> bool:
    """Return whether a job predicts and compares the prediction with a recorded one."""
    return job.expected is not None and job.expected["type"] != "none" and job.made is None


def run(job: Job, stem: Path, start: Start) -> Ended:
    """Return the end of a job that predicts and compares; `start` runs a job in its environment.

    The prediction is written to `stem`. The recorded files must not change during the run.
    """
    assert job.expected is not None
    before = Content.of(job.expected)
    ended = start(predicting(job, stem))
    if ended.failure is None and Content.of(job.expected, before) != before:
        return _failing(ended, "compare", "the recorded prediction was changed while it ran")
    return decided(job, ended, stem, start)


def predicting(job: Job, stem: Path) -> Job:
    """Return the job that predicts and writes to `stem`, if the recorded value is typed.

    For a pickle that is `job` itself: its process makes the value and compares it.
    """
    assert job.expected is not None
    if job.expected["type"] == "pickle":
        return job
    forms = COMPARED_PLAIN if is_text(job.expected) else COMPARED
    return replace(job, expected=None, output=stem, forms=forms)


def is_text(described: Mapping[str, Any]) -> bool:
    """Return whether JSON holds the described value unchanged."""
    return described["type"] == "json_object" and "encoding" not in described


def decided(job: Job, ended: Ended, stem: Path, start: Start) -> Ended:
    """Return the end of a job that has predicted, with the comparison of its prediction."""
    if ended.failure is not None:
        return ended
    ended = _decided(job, ended, stem, start)
    compared = ended.compared and replace(ended.compared, relative=job.relative)
    return replace(ended, compared=compared)


def _decided(job: Job, ended: Ended, stem: Path, start: Start) -> Ended:
    assert job.expected is not None
    report = ended.report
    if job.expected["type"] == "pickle":
        told = Compared.read(report.last("compared"), inside=True)
        return replace(ended, compared=told)
    try:
        described = placed(report.last("output"), stem)
        made = _made(described, stem)
        if described["type"] == "untyped":
            compared: Compared | None = _untyped(described)
        elif _is_recorded(job.expected, made):
            compared = Compared(equal="exactly")
        else:
            compared = _compared(job, made)
    except _UnreadableError as error:
        return _failing(ended, "compare", f"the recorded prediction cannot be read: {error}")
    except UnfaithfulError as error:
        return _failing(ended, "output", f"the prediction cannot be read: {error}")
    if compared:
        return replace(ended, compared=compared)
    return _elsewhere(job, ended, made, start)


def _made(described: Mapping[str, Any], stem: Path) -> Mapping[str, Any]:
    """Return the file and the form of a prediction that was written to `stem`."""
    if is_text(described):
        return {"type": "json_object", "file": str(stem.with_suffix(".json"))}
    return {"type": "made", "encoding": "buffers", "file": str(stem.with_suffix(".buffers"))}


def _is_recorded(expected: Mapping[str, Any], made: Mapping[str, Any]) -> bool:
    """Return whether a prediction has the bytes of the recorded one, in the same form."""
    if "file" not in expected or expected.get("encoding") != made.get("encoding"):
        return False
    is_json = "encoding" not in made
    if is_json and not is_text(expected):
        return False
    return same_files(Path(expected["file"]), Path(made["file"]), are_text=is_json)


def _is_large(file: Path) -> bool:
    try:
        return file.stat().st_size > _LARGEST_HERE
    except OSError:  # the next reader of the file reports that
        return False


def _compared(job: Job, prediction: Mapping[str, Any]) -> Compared | None:
    """Return the comparison of a prediction with the recorded one; None if it needs libraries."""
    assert job.expected is not None
    file = Path(prediction["file"])
    if _is_large(file) or _is_large(Path(job.expected.get("file", ""))):
        check_file(file, prediction)
        return None
    made = _read_text(file) if is_text(prediction) else read_buffers(file)
    try:
        recorded = read_recorded(job.expected)
    except UnfaithfulError as error:
        raise _UnreadableError(str(error)) from error
    if recorded is None:
        return None
    told = compare_buffers(recorded, made, job.relative)
    if told is not None or not (_is_of_python(recorded[0]) and _is_of_python(made[0])):
        return told
    compared = compare_wholly(build(*recorded), build(*made), job.skipped, job.relative)
    return Compared.read(compared)


def _read_text(file: Path) -> Parts:
    """Return the content of a JSON file as buffers. Raises UnfaithfulError."""
    try:
        return values.take(json.loads(read_content(file)))
    except (ValueError, RecursionError) as error:
        raise UnfaithfulError(f"it is no such JSON as is read here: {error}") from error


def _is_of_python(told: Mapping[str, Any]) -> bool:
    """Return whether a value consists of Python's own types, and so needs no library."""
    items = told.get("items", ())
    inner = items.values() if isinstance(items, dict) else items
    return told["type"] in _PLAIN and not told.get("libraries") and all(map(_is_of_python, inner))


def _elsewhere(job: Job, ended: Ended, made: Mapping[str, Any], start: Start) -> Ended:
    """Compare the two in a process that does not run the model and has none of its files.

    If the recorded value needs classes of the model's code, the model's own process has to compare.
    """
    assert job.expected is not None
    other = start(job.comparing(made))
    inside = other.failure is not None and bool(values.modules_of(job.expected))
    if inside:
        other = start(replace(job, output=None))
    told = Compared.read(other.report.last("compared"), inside=inside)
    if other.failure is not None or told is None:
        return _failing(ended, "compare", f"comparing it failed: {other.failure or 'no answer'}")
    return replace(ended, compared=told)


def _untyped(described: Mapping[str, Any]) -> Compared:
    class_, reason = described.get("class", "value"), described.get("reason", "")
    what = f"it became a {class_}, which only a pickle can hold: {reason}"
    return Compared(equal="no", where="prediction", what=what, parts=((), ("prediction",)))


def _failing(ended: Ended, stage: str, message: str) -> Ended:
    """Return a finished run as a failed one, since its output cannot be used."""
    error: dict[str, Any] = {
        "event": "error",
        "stage": stage,
        "type": "",
        "message": message,
        "missing": [],
        "traceback": "",
        "example": None,
    }
    return replace(ended, report=Report((*ended.report.events, error)))
