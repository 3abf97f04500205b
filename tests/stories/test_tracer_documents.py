"""The examples in the docstrings of the tracer run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import tracer

ROOT = Path(__file__).resolve().parents[2]
WITH_EXAMPLES = [
    ".".join(file.relative_to(ROOT).with_suffix("").parts)
    for file in sorted((ROOT / "tracer").rglob("*.py"))
    if ">>>" in file.read_text("utf-8") and file.name != "__init__.py"
]


# In interpreters of their own, where nothing has been imported yet.
MODULE = """
import doctest, importlib, sys
sys.path.insert(0, sys.argv[1])
module = importlib.import_module(sys.argv[2])
sys.exit(doctest.testmod(module).failed)
"""


def run(program: str, what: str) -> str:
    command = [sys.executable, "-c", program, str(ROOT), what]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.stdout + done.stderr if done.returncode else ""


@pytest.mark.parametrize("name", ["tracer", *WITH_EXAMPLES])
def test_the_examples_of_a_module_run(name: str) -> None:
    assert run(MODULE, name) == ""


def test_every_published_name_is_documented_with_an_example() -> None:
    plain = (
        *(Exception, tracer.Observation, tracer.ImportRecord, tracer.Touch, tracer.Called),
        *(tracer.PickleSurvey, tracer.Unscanned),  # what survey_pickles returns
    )
    for name in dir(tracer):
        published = getattr(tracer, name)
        assert published.__doc__, name
        if not (isinstance(published, type) and issubclass(published, plain)):
            assert ">>>" in published.__doc__ or name == "read_spool", name
