"""A worker's report is read as far as it is one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from modelenv.worker.job import Job, Material
from modelenv.worker.processes.failures import missing
from modelenv.worker.report.report import Report
from modelenv.worker.report.report_file import ReportFile

HELLO = {"event": "hello", "executable": "/p", "prefix": "/", "version": "3"}


def report(folder: Path, data: bytes) -> Report:
    file = folder / "results.jsonl"
    reader = ReportFile(file)
    file.write_bytes(data)
    read = reader.read()
    reader.close()
    return read


def test_no_report_is_one_of_a_worker_that_never_spoke(tmp_path: Path) -> None:
    silent = report(tmp_path, b"")
    assert (silent.events, silent.stage, silent.failure, silent.done) == ((), "start", None, False)


def lines(*events: Mapping[str, object]) -> bytes:
    return "".join(f"{json.dumps(event)}\n" for event in (HELLO, *events)).encode()


def test_a_line_that_was_cut_off_is_passed_over(tmp_path: Path) -> None:
    stage = {"event": "stage", "name": "predict"}
    read = report(tmp_path, lines(stage) + b'{"event": "do')
    assert (read.stage, read.done, read.nonsense) == ("predict", False, "")


def test_a_failure_is_read_with_its_stage_and_what_was_missing(tmp_path: Path) -> None:
    error = {
        "event": "error",
        "stage": "load",
        "type": "ModuleNotFoundError",
        "message": "No module named 'cv2'",
        "missing": ["cv2"],
        "traceback": "Traceback ...",
    }
    failure = report(tmp_path, lines(error)).failure
    assert failure is not None
    assert str(failure) == "ModuleNotFoundError: No module named 'cv2'"
    assert (failure.stage, failure.missing) == ("load", ("cv2",))


def test_a_failure_without_a_message_is_its_type(tmp_path: Path) -> None:
    error = {"event": "error", "stage": "load", "type": "KeyError", "message": ""}
    failure = report(tmp_path, lines({**error, "missing": [], "traceback": ""})).failure
    assert failure is not None
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
        "forms": ["brief", "buffers", "json", "pickle"],
        "describe": False,
        "memory": None,
        "hash_seed": "",
        "skipped": [],
        "variables": {},
        "listen": False,
        "relative": 1e-6,
        "results": str(tmp_path / "results"),
    }


def test_a_seed_of_its_own_comes_before_the_model_s_variables(tmp_path: Path) -> None:
    material = Material(
        model=tmp_path, loader=tmp_path, input={}, variables={"TZ": "UTC", "PYTHONHASHSEED": "7"}
    )
    assert material.job().environment == {"TZ": "UTC", "PYTHONHASHSEED": "7"}
    assert material.job(hash_seed="1").environment == {"TZ": "UTC", "PYTHONHASHSEED": "1"}


class ExecutionFailed(Exception):  # as `concurrent.interpreters` has it, from 3.14 on
    def __init__(self, kind: str, said: str) -> None:
        super().__init__(f"{kind}: {said}")
        self.excinfo = SimpleNamespace(type=SimpleNamespace(__name__=kind), msg=said)


def in_a_subinterpreter(code: str) -> BaseException:
    interpreters: Any = pytest.importorskip("concurrent.interpreters")
    inner = interpreters.create()
    try:
        inner.exec(code)
    except Exception as error:  # noqa: BLE001  # its class is known where it is there
        return error
    finally:
        inner.close()
    raise AssertionError("it did not fail")


def test_what_a_subinterpreter_missed_is_named() -> None:
    failed = ExecutionFailed("ModuleNotFoundError", "No module named 'cv2.data'")
    assert missing(failed) == ["cv2.data"]
    outer = RuntimeError("the pool is broken")
    outer.__cause__ = failed
    assert missing(outer) == ["cv2.data"]
    assert missing(ExecutionFailed("ValueError", "No module named 'cv2'")) == []
    assert missing(ExecutionFailed("ImportError", "cannot import name 'a' from 'b'")) == []


def test_what_it_missed_of_what_it_was_handed_is_named() -> None:
    outer = RuntimeError("args not shareable")
    outer.__cause__ = Exception(
        "ModuleNotFoundError: No module named 'own.part'\n\nThe above exception was the direct"
        " cause of the following exception:\n\nNotShareableError: object could not be unpickled"
    )
    assert missing(outer) == ["own.part"]
    assert missing(Exception("ValueError: No module named 'own'")) == []
    assert missing(Exception("ImportError: cannot import name 'a' from 'b'")) == []
    assert missing(ValueError("ModuleNotFoundError: No module named 'own'")) == []


def test_what_a_real_one_missed_is_named() -> None:
    assert missing(in_a_subinterpreter("import surely_absent.part")) == ["surely_absent"]
    assert missing(in_a_subinterpreter("1 / 0")) == []
