"""Errors and notes on a terminal are pages on standard error; elsewhere they are plain text."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from modelenv.base.errors import UserCodeError
from modelenv.cli import main
from modelenv.cli.shared.look.blocks import Excerpt, Facts, Frames, Headline, Prose
from modelenv.cli.shared.look.pages.refusals import refusal
from modelenv.cli.shared.look.pages.tracebacks import failure

from .test_on_a_terminal import CONVENTIONS, ESCAPES, Terminal

pytest.importorskip("pty")

OWN = "/home/me/churn/rules.py"
LIBRARY = "/opt/venv/lib/python3.12/site-packages/pandas/core/frame.py"
TRACEBACK = f"""\
Traceback (most recent call last):
  File "{OWN}", line 5, in predict
    return self._scale(rows)
           ^^^^^^^^^^^^^^^^^
  File "{OWN}", line 9, in _scale
    return rows["price"]
           ~~~~^^^^^^^^^
  File "{LIBRARY}", line 4102, in __getitem__
    indexer = self.columns.get_loc(key)
KeyError: 'price'
"""


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in CONVENTIONS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.fixture
def errors(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    return Terminal(monkeypatch, "stderr")


@pytest.mark.parametrize("columns", [40, 60, 200])
def test_an_error_is_wrapped_and_has_its_code_in_front(
    errors: Terminal, tmp_path: Path, columns: int
) -> None:
    (tmp_path / "requirements.txt").write_text("a ==== 1\nb ==== 2\n")
    shown = errors.run("diff", tmp_path / "requirements.txt", tmp_path, columns=columns)
    assert errors.code == 2
    assert shown.startswith("\x1b[1;31m✗ \x1b[0m\x1b[1;31merror ME0904\x1b[0m:")
    lines = ESCAPES.sub("", shown).splitlines()
    assert all(len(line) <= columns or len(line.split()) <= 2 for line in lines)
    assert lines[-1] == "`modelenv explain ME0904` says more"


def test_colours_can_be_taken_away_and_what_is_dumb_gets_plain_text(
    errors: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["verify", "-m", tmp_path / "absent"]
    monkeypatch.setenv("NO_COLOR", "1")
    bare = errors.run(*words, "--progress", "off")
    assert "\x1b" not in bare
    assert bare.startswith("✗ error ME0201:")
    assert errors.run(*words, "--progress", "off", encoding="ascii").startswith("x error ME0201:")
    monkeypatch.setenv("TERM", "dumb")
    plain = errors.run(*words, "--progress", "off")
    assert plain.startswith("modelenv: ")
    assert plain.endswith("there is no such folder [ME0201]\n")


def test_json_is_untouched(
    errors: Terminal, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = errors.run("verify", "-m", tmp_path / "absent", "--json", "--progress", "off")
    assert shown == ""
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "ME0201"


def test_wrong_words_tell_what_shows_the_right_ones(errors: Terminal) -> None:
    shown = ESCAPES.sub("", errors.run("inspect", "--nope"))
    assert errors.code == 2
    assert shown.splitlines() == [
        "✗ error: No such option '--nope'.",
        "Usage: modelenv inspect [OPTIONS]",
        "→ `modelenv inspect -h` shows what it takes",
    ]


def test_ways_out_stand_apart_and_once() -> None:
    said = "it is not to be had:\n- a: nobody has it\nChange the line: drop it."
    page = refusal(said, code="ME0802", ways=("drop it.", "ask another index."))
    assert page[:1] == (Headline("it is not to be had:", "bad", "error ME0802"),)
    assert [each.items for each in page if isinstance(each, Facts) and each.tone == "way"] == [
        ("drop it.",),
        ("ask another index.",),
    ]
    assert Facts("", ("Change the line",), folds=False) in page
    within = refusal("drop it. Then go on", code="", ways=("drop it.",))
    assert within == (Headline("drop it. Then go on", "bad", "error"),)


def test_a_traceback_begins_with_the_innermost_line_of_own_code() -> None:
    frames, below, more = failure(TRACEBACK, whole=False, hint="-v")
    assert more == Prose("-v shows the whole traceback", is_aside=True)
    assert isinstance(frames, Frames)
    assert frames.frames == (
        (f"{OWN}:9 in _scale", 'return rows["price"]'),
        (f"{OWN}:5 in predict", "return self._scale(rows)"),
    )
    assert isinstance(below, Facts)
    place = "pandas/core/frame.py:4102 in __getitem__"
    assert below.items == (f"1 line of libraries, the last {place}",)
    assert failure(TRACEBACK, whole=True) == (Excerpt("", tuple(TRACEBACK.rstrip().split("\n"))),)


def test_a_traceback_of_libraries_alone_shows_their_innermost_lines() -> None:
    lines = [f'  File "{LIBRARY}", line {number}, in call\n    again()' for number in range(9)]
    text = "\n".join(["Traceback (most recent call last):", *lines, "RecursionError: too deep"])
    (frames,) = failure(text, whole=False)
    assert isinstance(frames, Frames)
    assert frames.title == "in libraries, the innermost line first"
    assert [place for place, _ in frames.frames] == [
        f"pandas/core/frame.py:{number} in call" for number in (8, 7, 6)
    ]
    assert frames.more == 6


def test_what_led_to_an_exception_is_told_below_it() -> None:
    first = TRACEBACK.replace("KeyError: 'price'", "ValueError: 3")
    joined = "\nDuring handling of the above exception, another exception occurred:\n\n"
    page = failure(f"{first}{joined}{TRACEBACK}", whole=False)
    assert Facts("before it", ("ValueError: 3",), folds=False, apart=True) in page


def test_the_end_of_what_was_printed_is_shown_as_it_is() -> None:
    printed = "\n".join(f"line {number}" for number in range(40))
    last = tuple(f"line {number}" for number in range(28, 40))
    assert failure(printed, whole=False, hint="-v") == (
        Excerpt("what was printed last", last),
        Prose("-v shows all 40 lines", is_aside=True),
    )
    assert failure("killed", whole=False) == (Excerpt("what was printed last", ("killed",)),)


TRAIN = """
import json

def build():
    return parsed("{nope")

def parsed(text):
    return json.loads(text)
"""


@pytest.fixture
def training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    (tmp_path / "own_raising.py").write_text(TRAIN)
    monkeypatch.chdir(tmp_path)
    yield ["save", "own_raising:build", "-o", "new", "--progress", "off"]
    sys.modules.pop("own_raising", None)


def test_a_function_that_raises_is_told_by_its_own_lines(
    errors: Terminal,
    training: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = ESCAPES.sub("", errors.run(*training)).splitlines()
    assert shown[0].startswith("✗ error ME0006: own_raising:build raised JSONDecodeError")
    start = shown.index("in your code, the innermost line first")
    assert shown[start + 1 : start + 5] == [
        "  own_raising.py:8 in parsed",
        "    return json.loads(text)",
        "  own_raising.py:5 in build",
        '    return parsed("{nope")',
    ]
    assert "modelenv/save" not in "".join(shown)
    whole = errors.run(*training, "-v")
    assert "Traceback (most recent call last):" in whole
    monkeypatch.setenv("FORCE_COLOR", "1")
    with pytest.raises(SystemExit):
        main(training)
    log = capsys.readouterr().err
    assert "error ME0006" in log
    assert "Traceback (most recent call last):" in log


def raised_by(code: str, file: str) -> str:
    """Return the message of an error that code in some file raises."""
    with pytest.raises(ValueError) as raised:  # noqa: PT011  # each of its subclasses
        exec(compile(code, file, "exec"), {"__name__": "own"})
    return str(UserCodeError("own:build", raised.value))


def test_its_message_names_the_innermost_line_of_own_code() -> None:
    said = raised_by("import json\njson.loads('{')", "/home/me/own.py")
    assert said.endswith(" (/home/me/own.py:2)")
    library = str(Path("/x/site-packages/y.py"))
    assert re.search(rf"\({re.escape(__file__)}:\d+\)$", raised_by("int('x')", library))


def test_a_note_is_wrapped_on_a_terminal(errors: Terminal, model: Any) -> None:
    folder = model({"alpha==1.0": "x", "beta==2.0": "y"})
    (folder / "pylock.toml").write_text(
        'lock-version = "1.0"\ncreated-by = "x"\n[[packages]]\nname = "alpha"\nversion = "2.0"\n'
    )
    shown = ESCAPES.sub("", errors.run("diff", folder, folder, columns=60))
    assert shown.startswith("! note:")
    assert all(len(line) <= 60 or len(line.split()) <= 2 for line in shown.splitlines())
