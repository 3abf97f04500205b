from __future__ import annotations

import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest

from benchmarks.results.figures import Figure, show
from benchmarks.results.timing import Command, Run, ratio_of, run
from benchmarks.time.bounds import PLACES, NoMarkersError, beside, check_markers, insert, markers
from benchmarks.time.pythons import peer_of, without_pythons
from benchmarks.worlds.distributions import unrelated
from benchmarks.worlds.make import KINDS, optional

KEPT = Figure("a save", 1.9, most=2.0)
BROKEN = Figure("a start", 6.5, most=5.0)


def test_a_program_says_of_itself_what_counts() -> None:
    text = "print('said=1 twice'); print('seconds=0.25 spent=0.5 proofs=3 other=7')"
    found = run(Command([sys.executable, "-c", text]))
    assert found.wall == 0.25
    assert found.said == {"seconds": 0.25, "spent": 0.5, "proofs": 3.0}
    assert found.cpu < 0, "less CPU time went by than it says that it had spent before"


def test_a_program_that_says_nothing_is_timed_from_outside() -> None:
    found = run([sys.executable, "-c", "import time; time.sleep(0.2)"])
    assert found.wall >= 0.2
    assert not found.said


def test_a_command_has_variables_and_a_folder_of_its_own(tmp_path: Path) -> None:
    text = "import os, sys; sys.exit(os.environ['GIVEN'] != os.getcwd())"
    words = [sys.executable, "-c", text]
    run(Command(words, {"GIVEN": str(tmp_path.resolve())}, tmp_path))
    with pytest.raises(SystemExit):
        run(Command(words, {"GIVEN": "another"}, tmp_path))


def test_ratios_are_taken_within_a_round() -> None:
    base = [Run(1.0, 2.0), Run(10.0, 20.0), Run(2.0, 4.0)]
    runs = [Run(2.0, 2.0), Run(20.0, 20.0), Run(40.0, 4.0)]
    assert ratio_of(runs, base) == 2.0
    assert ratio_of(runs, base, cpu=True) == 1.0


def test_a_bound_that_does_not_hold_is_bold() -> None:
    lines = show([KEPT, BROKEN]).splitlines()
    assert lines[2:] == [
        "| a save | 2 | 1.90 | holds |",
        "| a start | 5 | 6.50 | **does not hold** |",
    ]


def test_several_interpreters_stand_beside_one_another() -> None:
    here, there = [KEPT, BROKEN], [Figure("a save", 1.2, most=1.5)]
    assert beside({"3.11.7": here, "3.12.1": there}).splitlines() == [
        "| bound | at most | 3.11.7 | 3.12.1 |",
        "|---|---|---|---|",
        "| a save | 2 or 1.5 | 1.90 | 1.20 |",
        "| a start | 5 | **6.50** |  |",
    ]


def test_a_table_replaces_what_stood_between_its_markers(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    (begin, end), stages = markers("bounds"), "\n".join(markers("stages"))
    page.write_text(f"before\n{begin}\nold\n{end}\nafter\n{stages}\n", "utf-8")
    insert(page, "bounds", "new")
    insert(page, "bounds", "newer")
    text = f"before\n{begin}\n\nnewer\n\n{end}\nafter\n{stages}\n"
    assert page.read_text("utf-8") == text


@pytest.mark.parametrize("name", PLACES)
def test_a_page_without_a_place_for_a_table_is_left_alone(tmp_path: Path, name: str) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"{markers(name)[0]}\n", "utf-8")
    with pytest.raises(NoMarkersError, match=f"end of {name}"):
        insert(page, name, "new")
    assert page.read_text("utf-8") == f"{markers(name)[0]}\n"


def test_the_page_has_a_place_for_each_table() -> None:
    check_markers(Path(__file__).parents[2] / "docs" / "performance.md")


def test_the_peer_is_of_this_version() -> None:
    missing = "/nowhere/bin/python"
    assert peer_of([missing, sys.executable]) == sys.executable
    assert peer_of([missing]) is None


def test_the_interpreters_are_taken_out_of_the_arguments() -> None:
    arguments = ["--runs", "3", "--python", "one", "another -X dev", "--json", "out"]
    assert without_pythons(arguments) == ["--runs", "3"]


def test_a_small_distribution_is_one_to_an_installer(tmp_path: Path) -> None:
    unrelated(7).install(tmp_path)
    (found,) = distributions(path=[str(tmp_path)])
    assert (found.metadata["Name"], found.version) == ("unrelated7", "1.0")
    files = found.files or []
    assert len(files) == 41 + 4
    for file in files:
        text = Path(str(found.locate_file(file))).read_bytes()
        assert file.size in {None, len(text)}


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_of_optional_distributions_needs_some_of_them(tmp_path: Path, kind: str) -> None:
    world = optional(tmp_path, 4, 2, kind)
    text = (
        "import pickle, sys\n"
        "model, example = pickle.load(open(sys.argv[1], 'rb'))\n"
        "assert model.predict(example) == [3, 4, 5]\n"
        "assert {'option0', 'option2'} < sys.modules.keys()\n"
        "import importlib.metadata, modelenv\n"
        "assert importlib.metadata.version('option1') == '1.0'\n"
    )
    run([world.python, "-c", text, str(world.pickle)])
    assert world.environment.installed >= 5
