"""Mutated folders are read in time and room, without a traceback, and nothing happens."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .grounds import write_pinned
from .readings import read

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the limits are those of Linux")


def fuzz(*words: str) -> str:
    """Run the program; return what it found, nothing but the last line where all is well."""
    command = [sys.executable, "-m", "tests.fuzz", *words]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    return ended.stdout + ended.stderr


def test_a_thousand_pairs() -> None:
    assert fuzz("--pairs", "1000", "--seed", "default") == "1000 pairs, 0 faults\n"


def test_a_fault_is_found_and_told(tmp_path: Path) -> None:
    folder = write_pinned(tmp_path / "pinned")
    assert read("inspect", folder) == []
    (found,) = read("inspect", folder, most_seconds=0)
    assert re.fullmatch(r"\d\.\d s", found)


@pytest.mark.slow
def test_a_run_goes_on_where_it_was_ended(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    fuzz("--pairs", "6", "--state", str(state))
    assert state.read_text("utf-8") == '{"done": 6, "faults": 0}'
    fuzz("--pairs", "9", "--state", str(state))
    assert state.read_text("utf-8") == '{"done": 9, "faults": 0}'


@pytest.mark.slow
def test_a_hundred_thousand_pairs() -> None:
    state = os.environ.get("MODELENV_FUZZ_STATE")
    words = ("--state", state) if state else ()
    assert fuzz("--pairs", "100000", *words).endswith("100000 pairs, 0 faults\n")


@pytest.mark.slow
def test_five_hundred_by_the_command() -> None:
    found = fuzz("--pairs", "500", "--by-command", "--seed", "command")
    assert found == "500 pairs, 0 faults\n"
