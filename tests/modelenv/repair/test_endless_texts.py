"""Any text is read to its end in a time that grows as the text does, and nothing escapes."""

from __future__ import annotations

import pytest

from modelenv.repair.context import Knowledge
from modelenv.repair.diagnose import apply_rules, diagnose_verdict
from modelenv.repair.diagnosis import Diagnosis
from modelenv.repair.owners.candidates import _FOLDERS
from modelenv.repair.reading.bounds import end_of, short_lines
from modelenv.repair.reading.failure import Failure
from modelenv.worker.verdict import Verdict

MANY = 250_000
HEAD = "Traceback (most recent call last):\n"
FRAME = '  File "/srv/a.py", line 1, in f\n    g()\n'
LAST = "ModuleNotFoundError: No module named 'cv2'"


def diagnosed(text: str) -> Diagnosis:
    return apply_rules(Failure.of_text(text), Knowledge())


# What has taken time that grows with the square of the text's length, or more calls than there are.
TEXTS = {
    "one word": "x" * MANY * 4,
    "dots": "." * MANY,
    "dashes": "-" * MANY,
    "braces": "{" * MANY,
    "brackets that are JSON": '{"a":' + "[" * 100_000 + "]" * 100_000 + "}",
    "objects in objects": '{"a":' * 5_000 + "1" + "}" * 5_000,
    "objects that are just not too deep to parse": '{"a":' * 900 + '"x"' + "}" * 900,
    "names in names": "a." * MANY + "Error: x",
    "errors in errors": "FooError: " * MANY,
    "blank lines": "\n" * MANY,
    "blanks": " " * MANY + "x",
    "short lines": "x\n" * MANY,
    "heads alone": HEAD * 10_000,
    "frames alone": HEAD + FRAME * 20_000,
    "many tracebacks": (HEAD + FRAME + "ValueError: x\n") * 10_000,
    "many exceptions alone": (HEAD + FRAME + "ValueError: x\n") + "ValueError: y\n" * 40_000,
    "many that one line joins": (
        f"{HEAD}{FRAME}ValueError: x\nDuring handling of the above exception\n"
        + "ValueError: y\n" * 40_000
    ),
    "paths": "OSError: " + "a/" * MANY,
    "libraries": "OSError: " + "a.so" * MANY,
    "addresses": "ImportError: please install " + "a:/" * MANY,
    "a quote without end": "The '" + "x" * MANY,
    "commas": "a, " * MANY,
    "escapes": "Traceback (most recent call last):" + "\\" * MANY,
    "calls": "TypeError: " + "f(" * MANY,
    "bars": "| " * MANY,
    "digits": "1 " * MANY + HEAD,
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_every_text_comes_to_an_end(text: str) -> None:
    assert diagnosed(text).problem


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_what_stands_before_and_in_a_message_hides_no_failure(text: str) -> None:
    assert diagnosed(f"{text}\n{HEAD}{FRAME}{LAST}\n").subject == "opencv-python-headless"


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_every_verdict_comes_to_an_end(text: str) -> None:
    verdict = Verdict(
        status="fails",
        where="an environment of its pins",
        reason="ValueError: x",
        stage="load",
        detail=f"{HEAD}{FRAME}ValueError: {text}\n",
    )
    assert diagnose_verdict(verdict, Knowledge()).problem


def test_the_end_of_a_long_log_is_read() -> None:
    log = "2026-11-29 info: served one request\n" * 200_000
    assert diagnosed(log + LAST).subject == "opencv-python-headless"
    assert len(end_of(log)) < len(log)
    assert end_of(log).startswith("2026")


def test_a_long_line_keeps_both_its_ends() -> None:
    said = short_lines("begins " + "x" * MANY + " ends\nshort")
    assert said.startswith("begins ")
    assert said.endswith(" ends\nshort")
    assert len(said) < 5_000


@pytest.mark.parametrize(
    ("path", "rest"), [("in '/a/b/c.txt'", "in 'c.txt'"), ("C:\\a\\b", "b"), ("(a/b", "(b")]
)
def test_a_path_is_cut_to_its_last_part(path: str, rest: str) -> None:
    assert _FOLDERS.sub("", path) == rest
