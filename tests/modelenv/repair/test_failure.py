"""A failure is read out of whatever text holds it."""

from __future__ import annotations

import pytest

from modelenv.repair.reading.failure import Failure
from modelenv.worker.verdict import Verdict

PLAIN = """\
Traceback (most recent call last):
  File "/env/lib/python3.11/site-packages/pandas/compat/_optional.py", line 158, in load
    module = importlib.import_module(name)
             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
ModuleNotFoundError: No module named 'tabulate'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/env/lib/python3.11/site-packages/pandas/core/frame.py", line 2833, in to_markdown
    tabulate = import_optional_dependency("tabulate")
ImportError: `Import tabulate` failed.  Use pip to install the tabulate package.
"""

EARLIER = """\
Traceback (most recent call last):
  File "a.py", line 1, in <module>
KeyError: 'not this one'
worker restarts
"""


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        EARLIER + PLAIN,
        PLAIN + "[2026-01-01 10:00:00] [1] [INFO] Shutting down\n",
        "".join(f"2026-01-01T10:00:00.000Z {line}\n" for line in PLAIN.splitlines()),
        "".join(f"web-1  | {line}\n" for line in (EARLIER + PLAIN).splitlines()),
        PLAIN.replace("\n", "\r\n"),
    ],
    ids=["plain", "after another", "before more", "with times", "of a container", "of Windows"],
)
def test_the_last_chain_of_a_text_is_read(text: str) -> None:
    failure = Failure.of_text(text)
    assert [raised.type for raised in failure.chain] == ["ModuleNotFoundError", "ImportError"]
    first, last = failure.chain
    assert first.message.splitlines()[0] == "No module named 'tabulate'"
    assert first.frames[0].code == "module = importlib.import_module(name)"
    assert last.frames[0].place == "pandas/core/frame.py:2833"
    assert failure.missing == ("tabulate",)


def test_a_message_of_several_lines_is_kept() -> None:
    text = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    g()\n'
    failure = Failure.of_text(text + "ImportError: cannot load:\nnumpy: No module named 'numpy'\n")
    assert failure.last is not None
    assert failure.last.message == "cannot load:\nnumpy: No module named 'numpy'"
    assert str(failure.last) == "ImportError: cannot load:"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Segmentation fault (core dumped)", "SIGSEGV"),
        ("web exited with code 137", "SIGKILL"),
        ("reason: OOMKilled", "SIGKILL"),
        ("it was killed by SIGABRT while predicting", "SIGABRT"),
        ("all is well", ""),
    ],
)
def test_a_death_without_a_traceback_is_known_by_its_signal(text: str, name: str) -> None:
    assert Failure.of_text(text).signal == name


def test_a_verdict_brings_its_stage() -> None:
    verdict = Verdict(
        status="fails",
        where="a replica",
        reason="ImportError: `Import tabulate` failed.",
        stage="predict",
        missing=("tabulate",),
        detail=PLAIN.replace("File", "\x1b[35mFile\x1b[0m"),
    )
    failure = Failure.of_verdict(verdict)
    assert (failure.stage, failure.missing, len(failure.chain)) == ("predict", ("tabulate",), 2)


def test_a_text_without_any_of_it_is_what_it_says() -> None:
    failure = Failure.of_text("nothing here\n")
    assert failure.last is not None
    assert (failure.last.type, str(failure.last)) == ("", "nothing here")
    assert failure.signal == ""


def test_what_verify_printed_tells_the_stage() -> None:
    failure = Failure.of_text(f"fails in a replica (predict): ImportError: no\n{PLAIN}")
    assert (failure.stage, len(failure.chain)) == ("predict", 2)
