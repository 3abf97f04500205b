"""The worker loads, predicts, compares and reports; in old interpreters too."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from modelenv.base.files.scratch import scratch_folder
from modelenv.worker import values
from modelenv.worker.comparing.answer import Compared
from modelenv.worker.process import Interpreter

from ...tracer.conftest import installed

OTHERS = ("3.8", "3.9", "3.12", "3.13")


def predictions(ended: Any) -> Any:
    output = ended.report.last("output")
    assert output is not None, ended
    return values.read(output)


def test_a_run_tells_its_stages_in_order(bench) -> None:
    ended = bench.run("return data", repeat=True, expected=bench.recorded(2))
    told = [event.get("name", event["event"]) for event in ended.report.events]
    assert told == [
        "hello", "load", "input", "predict", "output", "output",
        "predict again", "compare", "again", "done",
    ]  # fmt: skip


def test_it_says_who_it_is(bench) -> None:
    hello = bench.run("return 1").report.last("hello")
    assert hello["executable"] == sys.executable
    assert hello["prefix"] == sys.prefix


def test_it_describes_its_interpreter_when_asked(bench) -> None:
    event = bench.run("return 1", describe=True).report.last("interpreter")
    assert event["version"] == ".".join(map(str, sys.version_info[:3]))
    assert event["markers"]["sys_platform"] == sys.platform


def test_its_own_folder_is_not_on_the_model_s_path(bench) -> None:
    ended = bench.run("import sys; return sys.path", code=())
    assert ended.report.failure.missing == ("own_model",)
    described = bench.run("import worker").report.failure
    assert described.missing == ("worker",)
    event = bench.run("return 1", describe=True).report.last("interpreter")
    assert not any(entry.endswith("isolation") for entry in event["path"])


INSIDE = {
    "one": "made.exec('import own_model')",
    "one in one": "made.exec('from concurrent import interpreters\\n'"
    "'inner = interpreters.create()\\ninner.exec(\\'import own_model\\')\\ninner.close()')",
    "as it was then": "sys.path.clear(); made.exec('import own_model')",
    "shadowing nothing of ours": "made.exec('try: import outside, errors\\n'"
    "'except ImportError: pass\\nelse: raise TypeError')",
}


@pytest.mark.skipif(sys.version_info < (3, 14), reason="concurrent.interpreters is of 3.14")
@pytest.mark.parametrize("code", INSIDE.values(), ids=INSIDE)
def test_subinterpreters_have_the_path_of_who_makes_them(bench, code: str) -> None:
    start = "import sys; from concurrent import interpreters; made = interpreters.create(); "
    ended = bench.run(f"{start}{code}; return [made.close(), data]")
    assert predictions(ended) == [None, predictions(bench.run("return data"))]


def test_the_path_is_the_one_that_the_job_names(bench) -> None:
    path = tuple(entry for entry in sys.path if entry)
    ended = bench.run("import sys; return sys.path", path=path)
    assert predictions(ended) == [str(bench.code), *path]


@pytest.mark.parametrize(
    ("body", "equal"),
    [
        ("return data", "exactly"),
        ("self.n = getattr(self, 'n', 0) + 1; return self.n", "no"),
        ("self.n = getattr(self, 'n', 1.0) + 1e-9; return self.n", "closely"),
        ("data.append(1); return len(data)", "exactly"),
    ],
)
def test_a_second_prediction_shows_whether_the_first_was_chance(
    body: str, equal: str, bench
) -> None:
    ended = bench.run(body, data=[1, 2], repeat=True)
    assert ended.report.last("again")["equal"] == equal


def test_a_prediction_that_cannot_be_recorded_fails_where_it_is_recorded(bench) -> None:
    ended = bench.run("return (each for each in [1])")
    assert ended.report.failure.stage == "output"
    assert ended.report.failure.type == "TypeError"


def test_a_prediction_of_a_class_that_is_nowhere_can_be_recorded_where_cloudpickle_is(
    bench,
) -> None:
    bench.write("made.py", "import cloudpickle\nclass Made: pass\nMade.__module__ = '__main__'\n")
    ended = bench.run("from made import Made; return Made()", repeat=True)
    assert ended.report.done, ended
    assert ended.report.last("again")["equal"] == "exactly"


def test_and_where_it_is_not_the_failure_says_so(bench) -> None:
    bench.write("made.py", "class Made: pass\nMade.__module__ = '__main__'\n")
    ended = bench.run("from made import Made; return Made()")
    assert ended.report.failure.stage == "output"
    assert "Made" in ended.report.failure.message


def test_a_broken_input_fails_at_the_input(bench, tmp_path: Path) -> None:
    job = {"type": "pickle", "file": str(tmp_path / "absent.pkl")}
    ended = bench.run("return 1", input=job)
    assert (ended.report.failure.stage, ended.report.failure.type) == (
        "input",
        "FileNotFoundError",
    )


def test_a_model_that_cannot_be_loaded_names_all_that_was_missing(bench) -> None:
    bench.write("half.py", "try:\n  import a_gone\nexcept ImportError:\n  import b_gone\n")
    ended = bench.run("import half")
    assert ended.report.failure.missing == ("b_gone", "a_gone")


def test_a_differing_prediction_is_told_with_its_place(bench) -> None:
    ended = bench.run("return {'a': [1, 2]}", expected=bench.recorded({"a": [1, 3]}))
    assert ended.report.done
    assert ended.compared.equal == "no"
    assert ended.compared.difference == "prediction['a'][1]: 3 became 2"


def other(version: str) -> Interpreter:
    """Return another Python as a run is given it, or skip the test."""
    return Interpreter(
        executable=installed(version),
        environment={k: v for k, v in os.environ.items() if not k.startswith("PYTHON")},
    )


@pytest.mark.parametrize("version", OTHERS)
def test_it_runs_in_other_interpreters(version: str, bench) -> None:
    interpreter = other(version)
    data = {"a": [1, 2.5, None]}
    ended = bench.run(
        "import sys\nreturn [data, list(sys.version_info[:2])]",
        data=data,
        describe=True,
        repeat=True,
        interpreter=interpreter,
    )
    assert ended.report.done, ended
    told, there = predictions(ended)
    assert told == data
    assert there == [int(part) for part in version.split(".")]
    described = ended.report.last("interpreter")
    assert described["version"].startswith(f"{version}.")
    assert json.dumps(described["markers"])
    failed = bench.run("import gone", interpreter=interpreter)
    assert failed.report.failure.missing == ("gone",)


@pytest.mark.parametrize("version", OTHERS)
def test_the_probe_runs_in_other_interpreters_too(version: str, bench) -> None:
    from modelenv.base.siblings import tracer
    from modelenv.worker import process

    interpreter = other(version)
    job = bench.job("import colorsys; return 1")
    probe = tracer.probe_folder()
    with (
        scratch_folder() as folder,
        process.start(job, interpreter, folder, probe=probe) as worker,
    ):
        ended = worker.wait(30.0)
        trace = tracer.read_spool(folder / "spool.jsonl")
    assert ended.report.done, ended
    assert {"own_model", "colorsys"} <= set(trace.modules)
    assert not [name for name in trace.modules if name.startswith("_modelenv")]


HASH = "import os; return [hash('a'), os.environ.get('PYTHONHASHSEED'), os.environ.get('TZ')]"


def test_a_seed_of_the_job_s_own_counts_and_is_unknown_to_the_model(bench) -> None:
    first, again, other = (
        predictions(bench.run(HASH, hash_seed=seed, variables={"TZ": "UTC"}))
        for seed in ("1", "1", "2")
    )
    assert first == again
    assert first[0] != other[0]
    assert first[1:] == [None, "UTC"]


def test_the_model_s_variables_are_those_of_its_process(bench) -> None:
    variables = {"PYTHONHASHSEED": "7"}
    first = predictions(bench.run(HASH, variables=variables))
    assert first == predictions(bench.run(HASH, variables=variables))
    assert first[1] == "7"


def test_where_predictions_differ_the_parts_are_told(bench) -> None:
    expected = bench.recorded({"a": 1, "b": 2})
    ended = bench.run("return {'a': 1, 'b': 3}", expected=expected)
    assert ended.compared.parts == (("prediction['a']",), ("prediction['b']",))
    ended = bench.run("return {'a': 1, 'b': 3}", expected=expected, skipped=["prediction['b']"])
    assert ended.compared == Compared(equal="exactly")
