from __future__ import annotations

import ast
from pathlib import Path

import pytest

from benchmarks.accuracy.authors.case import (
    CASES,
    CaseError,
    UnknownCaseError,
    find_cases,
    read_case,
)
from benchmarks.accuracy.authors.families import FAMILIES
from benchmarks.accuracy.authors.pins import PINS, read_pins

NAMES = sorted(file.parent.name for file in CASES.glob("*/case.toml"))


@pytest.mark.parametrize("name", NAMES)
def test_a_case_holds_by_its_schema(name: str) -> None:
    assert read_case(CASES / name).name == name


@pytest.mark.parametrize("name", NAMES)
def test_all_code_of_a_case_compiles(name: str) -> None:
    for file in (CASES / name).rglob("*.py"):
        compile(file.read_text("utf-8"), str(file), "exec")


@pytest.mark.parametrize("name", NAMES)
def test_a_training_script_defines_build(name: str) -> None:
    case = read_case(CASES / name)
    script = ast.parse((case.folder / case.train).read_text("utf-8"))
    assert "build" in {node.name for node in script.body if isinstance(node, ast.FunctionDef)}


def test_every_folder_of_cases_is_a_case() -> None:
    assert sorted(folder.name for folder in CASES.iterdir() if folder.is_dir()) == NAMES


def test_there_are_cases_enough_and_each_tests_something_else() -> None:
    descriptions = [case.description for case in find_cases()]
    assert len(descriptions) >= 68
    assert len(set(descriptions)) == len(descriptions)


def test_every_family_has_a_case() -> None:
    assert {family for case in find_cases() for family in case.families} == set(FAMILIES)


def test_the_crowded_case_is_crowded() -> None:
    (crowded,) = (case for case in find_cases() if "crowded" in case.families)
    assert len(crowded.clutter) >= 100


def test_every_version_is_pinned_once() -> None:
    for file in {case.pins for case in find_cases()}:
        lines = [line for line in file.read_text("utf-8").splitlines() if line[:1] not in {"", "#"}]
        assert len(read_pins(file)) == len(lines)


def test_the_readme_lists_every_case_with_what_it_tests() -> None:
    readme = (CASES.parent / "README.md").read_text("utf-8")
    for case in find_cases():
        assert f"| `{case.name}` | {case.description} |" in readme


def test_an_unknown_case_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownCaseError, match=r"no such case: nonsense; there are .*lazy_import"):
        find_cases(["nonsense"])


def test_a_bad_case_says_all_its_faults_with_their_file(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("", "utf-8")
    (tmp_path / "case.toml").write_text(
        """
        description = "bad"
        python = "3"
        install = ["numpy"]
        clutter = ["numpy", "no-such-distribution"]
        roots = ["scipy"]
        families = ["poetry"]
        first_party = { here = "there.py" }
        """,
        "utf-8",
    )
    with pytest.raises(CaseError) as caught:
        read_case(tmp_path)
    assert str(caught.value).splitlines() == [
        f"{tmp_path / 'case.toml'}: {fault}"
        for fault in (
            "python: expected a version such as '3.11', found '3'",
            "families: unknown 'poetry'",
            "first_party: here: no file or folder 'there.py'",
            "first_party: here: 'there.py' would be imported by another name",
            "clutter: no-such-distribution has no version in pins.txt",
            "roots: scipy is neither in install nor local",
            "clutter: numpy is in install too",
        )
    ]


GOOD = """
description = "good"
python = "3.11"
install = ["ruff"]
clutter = []
roots = ["ruff"]
families = ["edited"]
"""


def test_a_case_that_says_no_more_is_of_the_first_day_and_left_as_installed(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("", "utf-8")
    (tmp_path / "case.toml").write_text(GOOD.replace("ruff", "numpy"), "utf-8")
    case = read_case(tmp_path)
    assert case.pins == PINS
    assert (case.after_install, case.edited, case.random, case.modelenv) == (None, (), (), {})


def test_a_case_says_what_its_author_did_after_the_installation(tmp_path: Path) -> None:
    for name in ("train.py", "edit.py"):
        (tmp_path / name).write_text("", "utf-8")
    (tmp_path / "case.toml").write_text(
        GOOD
        + """
        pins = "pins-2026-11.txt"
        after_install = "edit.py"
        edited = ["Ruff"]
        random = ["request"]
        modelenv = { bundle = "edited" }
        """,
        "utf-8",
    )
    case = read_case(tmp_path)
    assert case.pins == PINS.with_name("pins-2026-11.txt")
    assert case.after_install == tmp_path / "edit.py"
    assert (case.edited, case.random) == (("ruff",), ("request",))
    assert case.modelenv == {"bundle": "edited"}


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ('pins = "pins-1999-01.txt"', "pins: no file 'pins-1999-01.txt' beside pins.txt"),
        ("", "install: ruff has no version in pins.txt"),
        (
            'pins = "pins-2026-11.txt"\nafter_install = "edit.py"',
            "after_install: no file 'edit.py'",
        ),
        (
            'pins = "pins-2026-11.txt"\nedited = ["ruff"]',
            "edited: no script edits it: name one in after_install",
        ),
        (
            'pins = "pins-2026-11.txt"\nafter_install = "train.py"\nedited = ["numpy"]',
            "edited: numpy is not among the roots",
        ),
    ],
)
def test_what_does_not_hold_of_an_author_is_said(tmp_path: Path, lines: str, fault: str) -> None:
    (tmp_path / "train.py").write_text("", "utf-8")
    (tmp_path / "case.toml").write_text(GOOD + lines, "utf-8")
    with pytest.raises(CaseError) as caught:
        read_case(tmp_path)
    assert caught.value.faults == (fault,)


def test_a_case_of_the_wrong_shape_says_so(tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_text(
        'description = 3\npython = "3.11"\ninstall = [1]\nclutter = []\nroots = []\nbuild = true\n',
        "utf-8",
    )
    with pytest.raises(CaseError) as caught:
        read_case(tmp_path)
    assert caught.value.faults == (
        "unknown key 'build'",
        "no 'families'",
        "description: expected str, found 3",
        "install: expected str entries, found 1",
    )
