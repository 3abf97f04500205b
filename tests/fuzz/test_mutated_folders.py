"""Mutated folders are read in time and room, without a traceback, and nothing happens."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from . import mutations
from .grounds import write_pinned
from .readings import MOST_SECONDS, WATCH, read

watched: list[object] = []  # an audit hook stays to the end
ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the limits are those of Linux")


def fuzz(*words: str) -> str:
    """Run the program; return what it found, nothing but the last line where all is well."""
    command = [sys.executable, "-m", "tests.fuzz", *words]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    return ended.stdout + ended.stderr


def test_a_hundred_pairs() -> None:
    assert fuzz("--pairs", "100", "--seed", "default") == "100 pairs, 0 faults\n"


def test_a_fault_is_found_and_told(tmp_path: Path) -> None:
    folder = write_pinned(tmp_path / "pinned")
    assert read("inspect", folder) == []
    (found,) = read("inspect", folder, most_seconds=0)
    assert re.fullmatch(r"\d\.\d s", found)


def _import(folder: Path) -> None:
    sys.path.insert(0, str(folder / "code"))
    try:
        __import__("own_of_the_fuzz")
    finally:
        del sys.path[0]


def _execute(folder: Path) -> None:
    exec(compile("x = 1", str(folder / "code" / "own.py"), "exec"), {})


def _fail(_: Path) -> None:
    raise KeyError("of nobody")


def _fill(_: Path) -> None:
    raise MemoryError


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (lambda folder: (folder / "new").write_text(""), "effect: writes "),
        (lambda folder: (folder / "MLmodel").unlink(), "effect: the folder changed"),
        (lambda _: subprocess.run([sys.executable, "-c", ""], check=True), "effect: subprocess"),
        (lambda _: pickle.loads(pickle.dumps(Counter())), "effect: pickle.find_class"),
        (_import, "effect: imports own_of_the_fuzz"),
        (_execute, "effect: runs "),
        (_fail, "raises KeyError"),
        (_fill, "raises MemoryError"),
        (lambda _: sys.exit(7), "exit 7"),
        (lambda _: print("Traceback (most recent call last)"), "a traceback"),
    ],
)
def test_whatever_happens_is_a_fault(act: Any, told: str, tmp_path: Path) -> None:
    folder = write_pinned(tmp_path / "pinned")
    (folder / "code" / "own_of_the_fuzz.py").write_text("x = 1")
    if WATCH not in watched:
        watched.append(WATCH)
        sys.addaudithook(WATCH)
    found = read("inspect", folder, 99, act)
    assert any(each.startswith(told) for each in found), found


@pytest.mark.parametrize(
    ("name", "seed"),
    [
        ("requirements.txt", 1),
        ("conda.yaml", 1),
        ("trace.json", 1),
        ("trace.json", 5),
        ("model.pkl", 1),
    ],
)
def test_a_file_near_its_bound_is_read_in_time(name: str, seed: int, tmp_path: Path) -> None:
    folder = write_pinned(tmp_path / "pinned")
    assert mutations._size(folder / name, Random(seed)).startswith("size of")
    command = "why" if name == "trace.json" else "inspect"
    assert read(command, folder, 2 * MOST_SECONDS) == []  # others run beside it


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
