"""Say whether a prediction is the recorded one outside the process that made it.

That process writes it as buffers. Where those are the recorded ones, this process knows; what is
plain it compares itself. Else a further process of the same environment does, which does not run
the model. What only a pickle can be made of has to be left to the process that made it, since
whoever reads a pickle runs what its writer says; and so has what is of the model's own classes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...base.files.bounded import UntrustedFileError, open_file
from ...table.crossing.received import build, check_file, placed, read_buffers
from ...table.errors import UnfaithfulError
from ...table.values import modules_of
from ..job import Ended, Job
from ..report.report import Report
from ..values import COMPARED
from .answer import Compared
from .buffers import compare_buffers, same_files
from .parts import compare_wholly
from .recorded import read_recorded

if TYPE_CHECKING:
    from ...table.table import Buffer

    Parts = tuple[dict[str, Any], list[Buffer]]

Start = Callable[[Job], Ended]

# More bytes are read, and compared, by a process whose time is limited.
_LARGEST_HERE = 2**24
_PLAIN = ("object", "dict", "list", "tuple")
_BLOCK = 1 << 20


class _UnreadableError(UnfaithfulError):
    """What is recorded is no value."""


def compares(job: Job) -> bool:
    """Return whether a job is to predict, and to compare that with a recorded prediction."""
    return job.expected is not None and job.expected["type"] != "none" and job.made is None


def run(job: Job, stem: Path, start: Start) -> Ended:
    """Return how a job ended that predicts, and compares that; `start` runs one in its environment.

    The prediction is written to `stem`. What is recorded has to stay as it is meanwhile.
    """
    assert job.expected is not None
    before = _content(job.expected)
    ended = start(_predicting(job, stem))
    if ended.failure is None and _content(job.expected) != before:
        return _failing(ended, "compare", "the recorded prediction was changed while it ran")
    return _decided(job, ended, stem, start)


def _content(expected: Mapping[str, Any]) -> bytes | None:
    """Return a hash of what is recorded; None where that cannot be read.

    Its inode and times say less: an edit of the folder puts the same bytes elsewhere, and links it.
    """
    digest = hashlib.sha256()
    try:
        with open_file(Path(expected["file"]), links=True) as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
    except (OSError, KeyError, UntrustedFileError):  # whoever reads it will say so
        return None
    return digest.digest()


def _predicting(job: Job, stem: Path) -> Job:
    """Return the job that predicts, and writes that to `stem`, where what is recorded has a type.

    Where it is a pickle, it is the job itself: it compares the two where it makes one of them.
    """
    assert job.expected is not None
    if job.expected["type"] == "pickle":
        return job
    return replace(job, expected=None, output=stem, forms=COMPARED)


def _decided(job: Job, ended: Ended, stem: Path, start: Start) -> Ended:
    """Return how a job ended that has predicted, with how its prediction compares."""
    if ended.failure is not None:
        return ended
    assert job.expected is not None
    report = ended.report
    if job.expected["type"] == "pickle":
        told = Compared.read(report.last("compared"), inside=True)
        return replace(ended, compared=told)
    try:
        described = placed(report.last("output"), stem)
        file = stem.with_suffix(".buffers")
        if described["type"] == "untyped":
            compared: Compared | None = _untyped(described)
        elif _is_recorded(job.expected, file):
            compared = Compared(equal="exactly")
        else:
            compared = _compared(job, file)
    except _UnreadableError as error:
        return _failing(ended, "compare", f"the recorded prediction cannot be read: {error}")
    except UnfaithfulError as error:
        return _failing(ended, "output", f"the prediction cannot be read: {error}")
    if compared:
        return replace(ended, compared=compared)
    return _elsewhere(job, ended, file, start)


def _is_recorded(expected: Mapping[str, Any], file: Path) -> bool:
    recorded = expected.get("encoding") == "buffers" and expected.get("file")
    return bool(recorded) and same_files(Path(str(recorded)), file)


def _is_large(file: Path) -> bool:
    try:
        return file.stat().st_size > _LARGEST_HERE
    except OSError:  # whoever reads it will say so
        return False


def _compared(job: Job, file: Path) -> Compared | None:
    """Return how a prediction compares with what is recorded, where that can be told here."""
    assert job.expected is not None
    if _is_large(file) or _is_large(Path(job.expected.get("file", ""))):
        check_file(file)
        return None
    made = read_buffers(file)
    try:
        recorded = read_recorded(job.expected)
    except UnfaithfulError as error:
        raise _UnreadableError(str(error)) from error
    if recorded is None:
        return None
    told = compare_buffers(recorded, made)
    if told is not None or not (_is_plain(recorded[0]) and _is_plain(made[0])):
        return told
    return Compared.read(compare_wholly(build(*recorded), build(*made), job.skipped))


def _is_plain(told: Mapping[str, Any]) -> bool:
    """Return whether a value is of Python's own types, so that it is made without a library."""
    items = told.get("items", ())
    inner = items.values() if isinstance(items, dict) else items
    return told["type"] in _PLAIN and not told.get("libraries") and all(map(_is_plain, inner))


def _elsewhere(job: Job, ended: Ended, file: Path, start: Start) -> Ended:
    """Have a process compare the two that does not run the model, nor has anything of it.

    Where what is recorded takes classes of that code, the model's own process has to.
    """
    assert job.expected is not None
    made = {"type": "made", "encoding": "buffers", "file": str(file)}
    other = start(job.comparing(made))
    inside = other.failure is not None and bool(modules_of(job.expected))
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
    """Return a run that came to its end as one that did not: what it left says nothing."""
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
