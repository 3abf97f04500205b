"""Whether a prediction is the recorded one is not for the process to say that runs the model."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from modelenv.table.values import take
from modelenv.worker import values
from modelenv.worker.comparing.apart import compare_apart
from modelenv.worker.comparing.buffers import compare_buffers
from modelenv.worker.comparing.compare import compare
from modelenv.worker.comparing.content import Content
from modelenv.worker.comparing.parts import compare_wholly
from modelenv.worker.comparing.recorded import read_recorded
from modelenv.worker.verdict import Repeatability, judge

LIES = {
    "compares everything equal": """
        import sys
        for name, module in list(sys.modules.items()):
            if name.startswith("_modelenv_rooms") and hasattr(module, "compare"):
                module.compare = lambda *_: {"equal": "exactly", "largest": 0.0}
        return [1, 3]
    """,
    "says so itself": """
        import json, sys
        with open(json.load(open(sys.argv[1]))["results"], "a") as file:
            file.write(json.dumps({"event": "compared", "equal": "exactly"}) + "\\n")
        return [1, 3]
    """,
    "says so and is silent": """
        import json, os, sys
        with open(json.load(open(sys.argv[1]))["results"], "a") as file:
            for event in ({"event": "compared", "equal": "exactly"}, {"event": "done"}):
                file.write(json.dumps(event) + "\\n")
        os._exit(0)
    """,
    "has no type": """
        class Own:
            def __eq__(self, other):
                return True
        return Own()
    """,
    "is a list that is equal to all": """
        class Own(list):
            def __eq__(self, other):
                return True
        return Own([1, 3])
    """,
    "names another file": """
        import json, sys
        with open(json.load(open(sys.argv[1]))["results"], "a") as file:
            told = {"event": "output", "type": "object", "encoding": "buffers"}
            file.write(json.dumps({**told, "file": %r}) + "\\n")
            file.write(json.dumps({"event": "done", "load": 0.0, "predict": 0.0}) + "\\n")
        __import__("os")._exit(0)
    """,
    "writes what is none": """
        import json, os, sys
        job = json.load(open(sys.argv[1]))
        open(job["output"] + ".buffers", "wb").write(b"MODELTBL" + bytes(100))
        with open(job["results"], "a") as file:
            told = {"event": "output", "type": "object", "encoding": "buffers"}
            file.write(json.dumps(told) + "\\n" + json.dumps({"event": "done"}) + "\\n")
        os._exit(0)
    """,
}


@pytest.mark.parametrize("lie", LIES)
def test_no_lie_makes_another_prediction_the_recorded_one(bench, lie: str) -> None:
    expected = bench.recorded([1, 2])
    body = LIES[lie] % str(bench.root / "recorded.json") if "%r" in LIES[lie] else LIES[lie]
    verdict = judge(bench.run(body, expected=expected), "a world", Repeatability())
    assert verdict.status in ("differs", "fails"), verdict
    assert not verdict


@pytest.mark.parametrize("how", ["write_text", "replaced"])
def test_what_is_recorded_may_not_change_while_the_model_runs(bench, how: str) -> None:
    expected = bench.recorded([1, 2])
    file = bench.root / "recorded.json"
    change = f"file.write_text('[1, 3]'); os.utime(file, ns=({file.stat().st_mtime_ns},) * 2)"
    if how == "replaced":
        change = "other = file.with_name('x'); other.write_text('[1, 3]'); other.replace(file)"
    body = f"import os, pathlib\nfile = pathlib.Path({str(file)!r})\n{change}\nreturn [1, 3]"
    verdict = judge(bench.run(body, expected=expected), "a world", Repeatability())
    assert (verdict.status, verdict.stage) == ("fails", "compare")
    assert verdict.reason.startswith("the recorded prediction was changed while it ran")


@pytest.mark.parametrize("how", ["linked", "replaced", "touched", "made private"])
def test_the_same_bytes_are_the_same_record_wherever_they_stand(bench, how: str) -> None:
    """Whoever edits the folder meanwhile links its files, and puts them elsewhere."""
    expected = bench.recorded([1, 2])
    file = bench.root / "recorded.json"
    change = {
        "linked": "os.link(file, file.with_name('other'))",
        "replaced": "shutil.copyfile(file, other); other.replace(file)",
        "touched": "os.utime(file, ns=(0, 0))",
        "made private": "file.chmod(0o600)",
    }[how]
    names = f"file = pathlib.Path({str(file)!r})\nother = file.with_name('x')"
    body = f"import os, pathlib, shutil\n{names}\n{change}\nreturn [1, 2]"
    verdict = judge(bench.run(body, expected=expected), "a world", Repeatability())
    assert verdict.status == "reproduces", verdict


@pytest.mark.parametrize("damage", ["no JSON", "gone", "a folder"])
def test_a_recorded_prediction_that_is_none_is_told_as_that(bench, damage: str) -> None:
    expected = bench.recorded([1, 2])
    file = bench.root / "recorded.json"
    file.unlink()
    if damage == "no JSON":
        file.write_text("{[")
    elif damage == "a folder":
        file.mkdir()
    verdict = judge(bench.run("return [1, 2]", expected=expected), "a world", Repeatability())
    assert (verdict.status, verdict.stage) == ("fails", "compare")
    assert verdict.reason.startswith("the recorded prediction cannot be read: ")


def test_what_is_left_behind_does_not_write_it_afterwards(bench) -> None:
    """A child that outlives the model is ended before anybody reads what was predicted."""
    body = """
        import json, os, sys, time
        stem = json.load(open(sys.argv[1]))["output"]
        if os.fork() == 0:
            os.setsid()
            while not os.path.exists(stem + ".buffers"):
                time.sleep(0.01)
            time.sleep(0.5)
            os.unlink(stem + ".buffers")
            os._exit(0)
        return [1, 2]
    """
    ended = bench.run(body, expected=bench.recorded([1, 2]))
    assert ended.compared is not None
    assert ended.compared.equal == "exactly"


SAME = {
    "list": "[1, 2.5, None, 'x']",
    "tuple in a dict": "{'a': (1, {2, 3}), 'b': [b'x']}",
    "array": "__import__('numpy').arange(6.0).reshape(2, 3)",
    "nan": "__import__('numpy').array([float('nan'), -0.0])",
    "texts": "__import__('numpy').array(['a', 'bc'])",
    "scalar": "__import__('numpy').float32(1.5)",
    "in columns": "__import__('numpy').asfortranarray(__import__('numpy').ones((2, 3)))",
    "frame": "__import__('pandas').DataFrame({'a': [1.5, None], 'b': ['x', None]})",
    "indexed": "__import__('pandas').Series([1.5], index=['r'], name='s')",
    "sparse": "__import__('scipy.sparse').sparse.csr_matrix([[0, 1.5]])",
    "several": "[__import__('numpy').ones(2), {'f': __import__('pandas').Index([1])}]",
}
CLOSE = {
    "float": ("[1.0, 'x']", "[1.0 + 1e-9, 'x']"),
    "array": ("__import__('numpy').ones(3)", "__import__('numpy').ones(3) + 1e-9"),
    "frame": (
        "__import__('pandas').DataFrame({'a': [1.0], 't': ['x']})",
        "__import__('pandas').DataFrame({'a': [1.0 + 1e-9], 't': ['x']})",
    ),
    "masked": (
        "__import__('numpy').ma.masked_array([1.0, 2.0], [0, 1])",
        "__import__('numpy').ma.masked_array([1.0 + 1e-9, 7.0], [0, 1])",
    ),
    "sparse": (
        "__import__('scipy.sparse').sparse.csr_matrix([[0, 1.5]])",
        "__import__('scipy.sparse').sparse.csr_matrix([[0, 1.5 + 1e-9]])",
    ),
}
OTHER = {
    "number": ("[1, 2]", "[1, 3]", "prediction[1]: 2 became 3"),
    "type": ("[1]", "(1,)", "prediction: builtins.list became builtins.tuple"),
    "array": (
        "__import__('numpy').ones(2)",
        "__import__('numpy').array([1.0, 2.0])",
        "prediction[1]: 1 of 2 differ",
    ),
    "dtype": (
        "__import__('numpy').ones(2)",
        "__import__('numpy').ones(2, 'f4')",
        "prediction: dtype float64 became float32",
    ),
    "label": (
        "__import__('pandas').Series([1.0], index=[1.0])",
        "__import__('pandas').Series([1.0], index=[1.0 + 1e-9])",
        "prediction.index: ",
    ),
}


@pytest.mark.parametrize(
    "how", [pytest.param("each by itself", marks=pytest.mark.slow), "all in one"]
)
def test_what_is_the_same_is_equal_whatever_it_was_recorded_as(bench, how: str) -> None:
    texts = SAME.values() if how == "each by itself" else [f"[{', '.join(SAME.values())}]"]
    for text in texts:
        ended = bench.run(f"return {text}", expected=bench.recorded(eval(text)))
        assert ended.compared is not None, text
        assert (ended.compared.equal, ended.compared.inside) == ("exactly", False), text


@pytest.mark.parametrize("said", CLOSE)
def test_what_is_close_is_close(bench, said: str) -> None:
    recorded, now = CLOSE[said]
    ended = bench.run(f"return {now}", expected=bench.recorded(eval(recorded)))
    assert ended.compared is not None
    assert ended.compared.equal == "closely"
    assert ended.compared.largest == pytest.approx(1e-9, rel=1e-3)
    assert not ended.compared.inside


@pytest.mark.parametrize("said", OTHER)
def test_what_differs_is_told_as_ever(bench, said: str) -> None:
    recorded, now, words = OTHER[said]
    ended = bench.run(f"return {now}", expected=bench.recorded(eval(recorded)))
    assert ended.compared is not None
    assert ended.compared.equal == "no"
    assert ended.compared.difference.startswith(words)


def test_what_takes_the_model_s_own_classes_is_compared_by_its_process(bench) -> None:
    """And the verdict says so."""
    bench.write("shapes.py", "class Thing(tuple):\n    _fields = ('a', 'b')\n")
    body = "import shapes\nreturn shapes.Thing((1.0 + %s, 'x'))"
    expected = bench.run(body % "0", forms=("buffers",)).report.last("output")
    ended = bench.run(body % "0", expected=expected, output=None)
    assert (ended.compared.equal, ended.compared.inside) == ("exactly", False)
    ended = bench.run(body % "1e-9", expected=expected, output=None)
    assert (ended.compared.equal, ended.compared.inside) == ("closely", True)
    assert "own process says so" in judge(ended, "a world", Repeatability()).reason


@pytest.mark.parametrize(
    "value",
    [
        [1, "x", None],
        np.array([[1.5, np.nan], [2.5, 0.0]]),
        np.array([1, 2], dtype="u1"),
        np.array(["a", "bcd"]),
        np.float64(1.5),
        pd.DataFrame({"a": [1.5], "b": ["x"], "c": pd.to_datetime(["2024"])}),
        pd.Series([1, 2]),
        {"a": np.ones(2), "b": [(1, b"x")]},
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_was_recorded_as_json_is_told_as_buffers_without_its_library(
    bench, value: Any
) -> None:
    described = bench.recorded(value)
    assert "encoding" not in described
    recorded = read_recorded(described)
    assert recorded is not None
    told = compare_buffers(recorded, take(value))
    assert told is not None
    assert told.equal == compare(value, value)["equal"] == "exactly"


@pytest.mark.parametrize(("change", "status"), [("0", "reproduces"), ("1", "differs")])
def test_a_large_prediction_is_compared_by_a_process_of_its_own(
    bench, change: str, status: str
) -> None:
    expected = bench.recorded(np.ones(2**21 + 100))
    body = f"import numpy\nmade = numpy.ones(2**21 + 100)\nmade[7] += {change}\nreturn made"
    verdict = judge(bench.run(body, expected=expected), "a world", Repeatability())
    assert verdict.status == status, verdict


def test_sparse_matrices_are_compared_as_they_are() -> None:
    """They may be too large to be written out, and their values may be told in another order."""
    one = scipy.sparse.coo_matrix(([1.0, 2.0], ([0, 10**6], [0, 10**6])))
    other = scipy.sparse.coo_matrix(([2.0, 1.0 + 1e-9], ([10**6, 0], [10**6, 0])))
    assert compare(one, other)["equal"] == "closely"
    moved = scipy.sparse.coo_matrix(([2.0, 1.0], ([10**6, 1], [10**6, 0])))
    assert compare(one, moved)["equal"] == "no"


ROWS = [{"name": "row" * 2**18, "x": number / 7} for number in range(24)]  # of more than 16 MiB
MAKE_ROWS = 'made = [{"name": "row" * 2**18, "x": number / 7} for number in range(24)]\n'


@pytest.mark.parametrize(
    ("change", "equal"),
    [
        ("", "exactly"),
        ("made[9] = dict(reversed(made[9].items()))", "exactly"),
        ("made[9]['x'] += 1e-9", "closely"),
        ("made[9]['x'] += 1", "no"),
        pytest.param("made[9]['name'] = 9", "no", marks=pytest.mark.slow),
        pytest.param("made[9] = tuple(made[9].items())", "no", marks=pytest.mark.slow),
        ("made = tuple(made)", "no"),
        pytest.param("made[9]['x'] = float('nan')", "no", marks=pytest.mark.slow),
    ],
)
def test_plain_data_is_compared_by_its_json(bench, change: str, equal: str) -> None:
    expected = bench.recorded(ROWS)
    assert expected["type"] == "json_object"
    ended = bench.run(f"{MAKE_ROWS}{change}\nreturn made", expected=expected)
    assert ended.compared is not None, ended.failure
    assert (ended.compared.equal, ended.compared.inside) == (equal, False)


@pytest.mark.parametrize(
    "text", ["[1, 2", "\\xff", "[" * 200 + "]" * 200, "[1, 3]", "", "1" * 5000]
)
@pytest.mark.parametrize("recorded", [[1, 2], np.array([1, 2])], ids=["plain", "array"])
def test_what_a_worker_writes_as_json_is_not_believed(bench, recorded: Any, text: str) -> None:
    body = f"""
        import json, os, sys
        job = json.load(open(sys.argv[1]))
        open(job["output"] + ".json", "w", encoding="latin-1").write("{text}")
        with open(job["results"], "a") as file:
            told = {{"event": "output", "type": "json_object", "file": job["output"] + ".json"}}
            done = {{"event": "done", "load": 0.0, "predict": 0.0}}
            file.write(json.dumps(told) + "\\n" + json.dumps(done) + "\\n")
        os._exit(0)
    """
    verdict = judge(bench.run(body, expected=bench.recorded(recorded)), "a world", Repeatability())
    assert verdict.status == ("differs" if text.endswith("]") else "fails"), verdict


def test_json_at_a_link_is_no_prediction(bench) -> None:
    expected = bench.recorded([1, 2])
    body = f"""
        import json, os, sys
        job = json.load(open(sys.argv[1]))
        os.symlink({expected["file"]!r}, job["output"] + ".json")
        with open(job["results"], "a") as file:
            told = {{"event": "output", "type": "json_object", "file": job["output"] + ".json"}}
            done = {{"event": "done", "load": 0.0, "predict": 0.0}}
            file.write(json.dumps(told) + "\\n" + json.dumps(done) + "\\n")
        os._exit(0)
    """
    verdict = judge(bench.run(body, expected=expected), "a world", Repeatability())
    assert (verdict.status, verdict.stage) == ("fails", "output"), verdict


def test_a_file_that_nobody_changed_is_read_once(tmp_path: Path) -> None:
    file = tmp_path / "prediction.json"
    file.write_text("[1, 2]")
    described = {"type": "json_object", "file": str(file)}
    now = Content.of(described)
    assert now is not None
    assert now.stamp is None  # it is of this very moment
    time.sleep(2.1)
    before = Content.of(described)
    assert Content.of(described, before) is before
    times = file.stat()
    file.write_text("[1, 3]")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert Content.of(described, before) != before
    file.write_text("[1, 2]")
    again = Content.of(described, before)
    assert again == before
    assert again is not before


@pytest.mark.parametrize(
    "value",
    [
        np.arange(6) / 7,
        np.array([[1.5, np.nan], [2.5, 0.0]]),
        np.array(["a", "bcd"]),
        pd.DataFrame({"a": [1.5, 2.5], "b": ["x", "y"], "c": pd.to_datetime(["2024", "2025"])}),
        pd.Series([1.5, 2.0]),
        {"a": np.ones(2), "b": [b"x", (1, 2.0)]},
        scipy.sparse.csr_matrix(np.eye(3)),
        [1.5, "x"],
    ],
    ids=lambda value: type(value).__name__,
)
def test_where_neither_was_made_the_answer_is_the_same(bench, value: Any) -> None:
    recorded = bench.recorded(value)
    stem = str(bench.root / "made")
    made = {**values.write(value, stem, forms=values.COMPARED), "type": "made"}
    assert compare_apart(recorded, made, ())["equal"] == "exactly"
    for other in ([value], np.ones(7), "x"):
        made = {**values.write(other, stem, forms=values.COMPARED), "type": "made"}
        assert compare_apart(recorded, made, ()) == compare_wholly(value, other)
