from __future__ import annotations

import ast
from pathlib import Path

import pytest

from benchmarks.accuracy.case import CASES, CaseError, UnknownCaseError, find_cases, read_case
from benchmarks.accuracy.families import FAMILIES

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
    assert len(descriptions) >= 26
    assert len(set(descriptions)) == len(descriptions)


def test_every_family_has_a_case() -> None:
    assert {family for case in find_cases() for family in case.families} == set(FAMILIES)


def test_the_crowded_case_is_crowded() -> None:
    (crowded,) = (case for case in find_cases() if "crowded" in case.families)
    assert len(crowded.clutter) >= 100


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
