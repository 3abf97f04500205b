"""A run is judged by what it reported, and by how it ended where it did not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from modelenv.worker.comparing.answer import Compared
from modelenv.worker.job import Ended
from modelenv.worker.report.report import Report
from modelenv.worker.verdict import Repeatability, judge

DONE = {"event": "done"}
STAGE = {"event": "stage", "name": "predict"}


def compared(equal: str) -> Ended:
    place = {"largest": 1e-9, "where": "prediction[1]", "what": "2 became 3"}
    return replace(ended(STAGE, DONE), compared=Compared.read({"equal": equal, **place}))


def ended(*events: dict[str, Any], code: int = 0, timed_out: bool = False) -> Ended:
    return Ended(Report(events), code, timed_out, "what it printed", 1.5, limit=1.25)


@pytest.mark.parametrize(
    ("equal", "deterministic", "status", "said"),
    [
        ("exactly", True, "reproduces", "equals the recorded one"),
        ("closely", True, "reproduces", "within 1e-6 of the recorded one (off by 1e-09)"),
        ("no", True, "differs", "prediction[1]: 2 became 3"),
        ("no", False, "runs", "not deterministic"),
    ],
)
def test_a_run_that_came_to_its_end_is_judged_by_its_prediction(
    equal: str, deterministic: bool, status: str, said: str
) -> None:
    verdict = judge(compared(equal), "a world", Repeatability(deterministic=deterministic))
    assert (verdict.status, verdict.where, verdict.seconds) == (status, "a world", 1.5)
    assert said in verdict.reason
    assert verdict.good == bool(verdict) == (status in {"reproduces", "runs"})


@pytest.mark.parametrize(
    ("code", "timed_out", "said"),
    [
        (3, False, "it ended its process with exit code 3 while predicting"),
        (-11, False, "it was killed by SIGSEGV while predicting"),
        (-200, False, "it was killed by signal 200 while predicting"),
        (-9, True, "it did not end within 1.25 s while predicting"),
    ],
)
def test_one_that_died_is_judged_by_its_death(code: int, timed_out: bool, said: str) -> None:
    dead = ended(STAGE, code=code, timed_out=timed_out)
    verdict = judge(dead, "a world", Repeatability())
    assert (verdict.status, verdict.stage, verdict.reason) == ("fails", "predict", said)
    assert verdict.detail == "what it printed"


PARTLY = Repeatability(
    deterministic=False, compared=("prediction['a']",), not_compared=("prediction['b']",)
)


@pytest.mark.parametrize(
    ("equal", "status", "said"),
    [
        (
            "exactly",
            "runs",
            "as recorded: prediction['a']; not compared: prediction['b']",
        ),
        ("closely", "runs", "within 1e-6 of what was recorded (off by 1e-09): prediction['a']"),
        ("no", "differs", "prediction[1]: 2 became 3"),
    ],
)
def test_where_some_of_it_was_compared_that_is_what_is_judged(
    equal: str, status: str, said: str
) -> None:
    verdict = judge(compared(equal), "a world", PARTLY)
    assert (verdict.status, verdict.not_compared) == (status, ("prediction['b']",))
    assert said in verdict.reason
    assert verdict.to_json()["not_compared"] == ("prediction['b']",)


def test_one_that_raised_is_judged_by_its_exception() -> None:
    error = {
        "event": "error",
        "stage": "load",
        "type": "ModuleNotFoundError",
        "message": "No module named 'cv2'",
        "missing": ["cv2"],
        "traceback": "Traceback ...",
    }
    verdict = judge(ended(STAGE, error), "a world", Repeatability())
    assert (verdict.status, verdict.good, verdict.stage) == ("fails", False, "load")
    assert (verdict.missing, verdict.detail) == (("cv2",), "Traceback ...")
    assert verdict.to_json()["reason"] == "ModuleNotFoundError: No module named 'cv2'"
    assert "cv2" in str(verdict)


def test_processes_that_could_not_be_ended_are_named() -> None:
    ended = Ended(Report((DONE,)), 0, False, "", 1.0, left=("12 (sudo)", "14 (ping)"))
    (note,) = judge(ended, "here", Repeatability()).notes
    assert note.endswith("could not be ended, and still run: 12 (sudo), 14 (ping)")
    assert judge(replace(ended, left=()), "here", Repeatability()).notes == ()
