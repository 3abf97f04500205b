"""A worker's report is read as far as it is one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from modelenv.worker.job import Job, Material, Report

STAGE = '{"event": "stage", "name": "predict"}'


def report(folder: Path, data: bytes) -> Report:
    file = folder / "results.jsonl"
    file.write_bytes(data)
    return Report.read(file)


def test_no_report_is_one_of_a_worker_that_never_spoke(tmp_path: Path) -> None:
    silent = Report.read(tmp_path / "absent")
    assert (silent.events, silent.stage, silent.failure, silent.done) == ((), "start", None, False)


@pytest.mark.parametrize(
    "junk",
    ['{"event": "do', "null", "7", "[]", "{}", "", "\x00\xff", "ümläut"],
    ids=repr,
)
def test_what_is_no_event_is_passed_over(junk: str, tmp_path: Path) -> None:
    lines = (STAGE, junk, '{"event": "done"}', junk)
    read = report(tmp_path, "\n".join(lines).encode("latin-1"))
    assert read.stage == "predict"
    assert read.done


def test_a_failure_is_read_with_its_stage_and_what_was_missing(tmp_path: Path) -> None:
    error = {
        "event": "error",
        "stage": "load",
        "type": "ModuleNotFoundError",
        "message": "No module named 'cv2'",
        "missing": ["cv2"],
        "traceback": "Traceback ...",
    }
    failure = report(tmp_path, json.dumps(error).encode()).failure
    assert failure is not None
    assert str(failure) == "ModuleNotFoundError: No module named 'cv2'"
    assert (failure.stage, failure.missing) == ("load", ("cv2",))


def test_a_failure_without_a_message_is_its_type(tmp_path: Path) -> None:
    error = {"event": "error", "stage": "x", "type": "KeyError", "message": ""}
    failure = report(
        tmp_path, json.dumps({**error, "missing": [], "traceback": ""}).encode()
    ).failure
    assert str(failure) == "KeyError"


def test_a_job_is_written_as_the_worker_reads_it(tmp_path: Path) -> None:
    job = Job(
        model=tmp_path / "model.pkl",
        loader=tmp_path / "loader.py",
        input={"type": "json_object", "file": "x"},
        code=(tmp_path / "code",),
    )
    job.write(tmp_path / "job.json", tmp_path / "results")
    assert json.loads((tmp_path / "job.json").read_text()) == {
        "model": str(tmp_path / "model.pkl"),
        "loader": str(tmp_path / "loader.py"),
        "input": {"type": "json_object", "file": "x"},
        "code": [str(tmp_path / "code")],
        "path": None,
        "repeat": False,
        "output": None,
        "expected": None,
        "made": None,
        "forms": ["json", "buffers", "pickle"],
        "describe": False,
        "memory": None,
        "hash_seed": "",
        "skipped": [],
        "variables": {},
        "results": str(tmp_path / "results"),
    }


def test_a_seed_of_its_own_comes_before_the_model_s_variables(tmp_path: Path) -> None:
    material = Material(
        model=tmp_path, loader=tmp_path, input={}, variables={"TZ": "UTC", "PYTHONHASHSEED": "7"}
    )
    assert material.job().environment == {"TZ": "UTC", "PYTHONHASHSEED": "7"}
    assert material.job(hash_seed="1").environment == {"TZ": "UTC", "PYTHONHASHSEED": "1"}
