"""The slow tests are cut into parts, each of them is in one, and what a part lacks is said."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
CI = ROOT / ".ci"
NOT_SLOW = {"coverage", "lowest", "sid"}


@pytest.fixture(scope="module")
def parts() -> Any:
    return loaded("parts")


def loaded(name: str) -> ModuleType:
    """Return a module of `.ci`, which is no package."""
    spec = importlib.util.spec_from_file_location(f"ci_{name}", CI / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def slow(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(CI / "slow"), *words]
    environment = {**os.environ, **variables}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_the_parts_are_listed_with_what_they_need_and_take(parts: Any) -> None:
    rows = slow("--list").stdout.splitlines()
    assert [row.split()[0] for row in rows] == list(parts.BY_NAME)
    (pages,) = slow("--list", "pages").stdout.splitlines()
    assert re.fullmatch(r"pages +\d+ min  reports in a browser; needs chromium", pages)


def test_a_part_that_is_none_is_refused() -> None:
    refused = slow("nope")
    assert refused.returncode == 2
    assert "there is no part nope: models gallery" in refused.stderr
    assert "there is no part page (did you mean pages?): " in slow("page").stderr


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("--lits",), " (did you mean --list?)"),
        (("--chekc", "kills"), " (did you mean --check?)"),
        (("kills", "--lists"), " (did you mean --list?)"),
        (("--durations=5",), ""),
        (("--parts",), ""),
    ],
)
def test_an_option_that_is_none_runs_no_part(words: tuple[str, ...], meant: str) -> None:
    refused = slow(*words, PYTHON="/no/such/python")
    option = next(word for word in words if word.startswith("--"))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith(f"there is no option {option}{meant}; there are --list, ")


@pytest.mark.parametrize(
    "words", [("exports", "--", "--lits"), ("exports", "-x"), ("exports", "--lf")]
)
def test_options_of_pytest_are_passed_on(words: tuple[str, ...], tmp_path: Path) -> None:
    ended = slow(*words, PYTHON=str(stand_in(tmp_path)))
    assert "+ exports: " in ended.stdout
    assert "there is no option" not in ended.stderr


def test_what_a_part_lacks_is_said_before_anything_is_made(tmp_path: Path) -> None:
    for words in (("--check", "pages", "kills"), ("pages",)):
        lacking = slow(*words, PATH=str(tmp_path), PYTHON="/no/such/python")
        assert lacking.returncode == 2
        assert lacking.stderr == "pages     cannot run here: there is no chromium\n"
    partly = slow("--check", "exports", PATH=str(tmp_path))
    assert partly.returncode == 0
    assert partly.stderr.startswith("exports   without npx, skipped: ")


def test_a_part_that_failed_is_in_the_summary_and_the_next_one_runs(tmp_path: Path) -> None:
    for python in (stand_in(tmp_path), tmp_path / "none"):
        ended = slow("exports", "fuzz", PYTHON=str(python))
        assert ended.returncode == 1
        assert re.findall(r"^(\w+) +[\d.]+ min  (\w+)", ended.stdout, re.MULTILINE) == [
            ("exports", "FAILED"),
            ("fuzz", "FAILED"),
        ]
        assert "Traceback" not in ended.stderr


def stand_in(folder: Path) -> Path:
    """Return a program that makes no environment."""
    program = folder / "python"
    program.write_text("#!/bin/sh\necho no environments >&2\nexit 3\n")
    program.chmod(0o755)
    return program


def test_no_part_takes_longer_than_promised(parts: Any) -> None:
    measured = [part.minutes for part in parts.PARTS if part.minutes is not None]
    assert all(0 < minutes <= parts.LONGEST for minutes in measured)
    assert len(parts.BY_NAME) == len(parts.PARTS)


def test_every_path_of_a_part_is_there_and_in_no_other(parts: Any) -> None:
    words = [path for part in parts.PARTS if part.name != "core" for path in part.tests]
    named = [Path(path) for path in words if "::" not in path]
    assert len(named) == len({*named}) > 20
    assert [path for path in named if not (ROOT / path).exists()] == []
    assert [path for path in named if {*path.parents} & {*named}] == []
    assert {part.name for part in parts.PARTS if not part.tests} == NOT_SLOW


def test_core_has_what_the_others_have_not(parts: Any) -> None:
    words = parts.paths(parts.BY_NAME["core"])
    assert words[0] == "tests"
    assert "--ignore=tests/fuzz" in words
    others = [path for part in parts.PARTS if part.name != "core" for path in part.tests]
    assert len(words) == 1 + len([path for path in others if "::" not in path])


def test_a_variable_without_which_tests_are_skipped_is_told_or_set(parts: Any) -> None:
    told = (CI / "slow").read_text("utf-8") + (CI / "parts.py").read_text("utf-8")
    reasons = {
        (name, str(file.relative_to(ROOT)))
        for file in (ROOT / "tests").rglob("*.py")
        for reason in re.findall(r"(?:reason=|skip\()f?\"([^\"]*)", file.read_text("utf-8"))
        for name in re.findall(r"MODELENV_\w+", reason)
    }
    assert len(reasons) > 5
    assert {(name, file) for name, file in reasons if name not in told} == set()


def test_shares_count_lines_and_branches_of_each_package() -> None:
    rows = {
        "own/a.py": (3, 4, 1, 4),
        "own/b.py": (2, 2, 0, 0),
        "other/a.py": (0, 1, 0, 0),
    }
    names = ("covered_lines", "num_statements", "covered_branches", "num_branches")
    files = {name: {"summary": dict(zip(names, row, strict=True))} for name, row in rows.items()}
    assert loaded("branches").shares({"files": files}, ["own", "other"]) == {
        "own": 60.0,
        "other": 0.0,
    }
