"""The pins of any script: what it imported, with reasons, as a requirements file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import modelenv

HOME = Path(modelenv.__file__).parent.parent


@pytest.fixture
def here(project: Any, own_site: Any) -> Path:
    """A project whose scripts import a library, by themselves and through a module beside them."""
    own_site.install("base_library")
    own_site.install(
        "own_library",
        {"own_library.py": "import base_library\ntry: import extra_library\nexcept ImportError: 0"},
        requires=["base_library"],
    )
    own_site.install("other_library")
    own_site.install("extra_library")
    own_site.install("never_imported")
    project.write("beside.py", "import other_library\n")
    project.write("train.py", "import sys, beside\nimport own_library\nprint('says', sys.argv[1:])")
    project.write("fails.py", "import other_library, sys\nsys.exit(7)\n")
    root: Path = project.root
    return root


def trace(here: Path, *words: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join((str(HOME), str(here.parent / "site-packages")))
    return subprocess.run(
        [sys.executable, "-m", "modelenv", "trace", *words],
        cwd=here,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )


PINS = [
    "base-library==1.0  # via own-library",
    "extra-library==1.0  # imported by a library (own_library.py:2)",
    "other-library==1.0  # imported by beside.py:1",
    "own-library==1.0  # imported by train.py:2",
]


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("#")]


@pytest.mark.parametrize(
    ("words", "given"),
    [
        (["train.py", "--requirements"], []),
        pytest.param(["--requirements", "train.py"], [], marks=pytest.mark.slow),
        (["train.py", "--requirements", "--", "--json", "-o", "x"], ["--json", "-o", "x"]),
        pytest.param(
            ["--requirements", "train.py", "--epochs", "3"],
            ["--epochs", "3"],
            marks=pytest.mark.slow,
        ),
        (["--requirements", "train.py", "--", "--epochs"], ["--epochs"]),
        (["-m", "train", "--requirements", "a"], ["a"]),
        (["--requirements", "-m", "train", "--", "--"], ["--"]),
    ],
)
def test_the_list_is_all_that_standard_output_gets(
    words: list[str], given: list[str], here: Path
) -> None:
    done = trace(here, *words)
    assert done.returncode == 0, done.stderr
    assert lines(done.stdout) == PINS
    assert f"says {given}" in done.stderr
    assert "libraries merely looked for extra-library" in done.stderr


def test_a_list_that_goes_to_a_file_leaves_standard_output_to_the_program(here: Path) -> None:
    done = trace(here, "train.py", "--requirements", "-o", "list.txt", "5")
    assert (done.returncode, done.stdout) == (0, "says ['5']\n")
    assert lines((here / "list.txt").read_text()) == PINS


def test_as_json_it_is_the_same_list(here: Path) -> None:
    said = json.loads(trace(here, "--requirements", "--json", "train.py").stdout)
    found = [f"{each['requirement']}  # {each['because']}" for each in said["requirements"]]
    assert (found, said["schema"]) == (PINS, 1)


def test_without_it_the_words_behind_a_program_are_its_own(here: Path) -> None:
    done = trace(here, "train.py", "--epochs", "--requirements", "--")
    assert done.stdout == "says ['--epochs', '--requirements', '--']\n"
    done = trace(here, "train.py", "--", "x")
    assert done.stdout == "says ['--', 'x']\n"


def test_a_program_that_fails_has_told_what_it_imported(here: Path) -> None:
    done = trace(here, "fails.py", "--requirements")
    assert done.returncode == 7
    assert lines(done.stdout) == ["other-library==1.0  # imported by fails.py:1"]
    assert "the program ended with 7" in done.stderr


def test_of_code_without_a_file_the_program_is_named(here: Path) -> None:
    done = trace(here, "-c", "import other_library", "--requirements")
    assert lines(done.stdout) == ["other-library==1.0  # imported by the program"]


def test_two_reports_are_not_written_at_once(here: Path) -> None:
    done = trace(here, "--tree", "train.py", "--requirements")
    assert (done.returncode, "ask for one of them" in done.stderr) == (2, True)


def test_what_is_written_can_be_installed_from(here: Path) -> None:
    """pip reads it, and finds all of it in the environment that it was made of."""
    trace(here, "train.py", "--requirements", "-o", "list.txt")
    installed = [sys.executable, "-m", "pip", "install", "--no-index", "--no-deps", "--dry-run"]
    paths = str(here.parent / "site-packages")
    done = subprocess.run(
        [*installed, "-r", "list.txt"],
        cwd=here,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
