from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.accuracy.judging.measure import Measurement, Size
from benchmarks.accuracy.judging.report import (
    BEGIN,
    END,
    NoMarkersError,
    Report,
    describe,
    insert_table,
)
from benchmarks.accuracy.judging.score import score
from benchmarks.accuracy.tools.tool import Spent

NEEDED = {"numpy": "2.2.3"}

EXACT = Measurement(
    case="plain",
    tool="ours",
    stage=None,
    error="",
    score=score(NEEDED, NEEDED),
    size=Size(1, 1000),
    minimum=Size(1, 1000),
    spent=Spent(2.0, 1.5),
    floor=Spent(0.5, 0.5),
    proof="reproduces",
    fresh="reproduced",
    notes=(),
)
CLUTTERED = replace(
    EXACT,
    case="plain",
    tool="theirs",
    score=score(NEEDED, {"numpy": "2.4.6", "six": "1.17.0"}, ["six"]),
    size=Size(2, 3000),
    proof=None,
)
UNBUILT = replace(
    EXACT, case="wheel", stage="build", error="no such wheel", score=None, size=None, fresh="build"
)
FAILED = replace(
    CLUTTERED,
    case="wheel",
    stage="predict",
    error="ModuleNotFoundError: six",
    score=score(NEEDED, {}),
)


@dataclass(frozen=True)
class FakeTool:
    name: str
    title: str
    key: str = "1.0"

    def capture(self, source: Any, builder: Any, folder: Any) -> Any:
        raise AssertionError("a report captures nothing")


@pytest.fixture
def report() -> Report:
    tools = (FakeTool("ours", "Ours"), FakeTool("theirs", "Theirs"))
    return Report((EXACT, CLUTTERED, UNBUILT, FAILED), tools, "3.11.7", {})


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_exact_means_reproduced_with_nothing_missing_superfluous_or_drifted() -> None:
    assert EXACT.exact
    assert not CLUTTERED.exact
    assert CLUTTERED.reproduced
    assert not UNBUILT.exact


def test_a_proof_that_the_fresh_environment_does_not_bear_out_is_a_disagreement() -> None:
    assert not EXACT.disagrees
    assert UNBUILT.disagrees
    assert not replace(UNBUILT, proof="fails").disagrees
    assert replace(EXACT, proof="fails").disagrees
    assert not CLUTTERED.disagrees, "a tool without a proof cannot be wrong about it"


def test_the_totals_count_over_all_cases_of_a_tool(report: Report) -> None:
    head, _, ours, theirs = map(cells, report.totals().splitlines())
    assert len(head) == len(ours) == len(theirs)
    assert dict(zip(head, ours, strict=True)) == {
        "tool": "Ours",
        "reproduced": "1 of 2",
        "exact": "1",
        "missing": "0",
        "superfluous": "0",
        "of these never loaded": "0",
        "drifted": "0",
        "distributions": "1.00 x",
        "MB": "1.00 x",
        "wall s": "2.00",
        "CPU s": "1.50",
        "x floor": "4.0",
    }
    assert theirs[1:7] == ["1 of 2", "0", "1", "1", "1", "1"]


def test_the_table_of_cases_has_a_word_for_each_tool(report: Report) -> None:
    _, _, plain, wheel = map(cells, report.cases().splitlines())
    assert plain == ["`plain`", "exact", "runs +1 ~1"]
    assert wheel == ["`wheel`", "**build**", "**predict** -1"]


def test_the_share_of_right_guesses_is_counted_for_each_history() -> None:
    told = (("right", "right"), ("wrong", "right"), ("none", "wrong"), ())
    measured = tuple(replace(EXACT, case=f"case-{each}", guesses=each) for each in told)
    found = Report(measured, (FakeTool("ours", "Ours"),), "3.11.7", {})
    first, second = found.guesses()
    counted = "of 3 proofs {} were begun early and hold, {} were thrown away, {} were not begun."
    assert first == f"Ours, with an empty history: {counted.format(1, 1, 1)}"
    assert second == f"Ours, with a history: {counted.format(2, 1, 0)}"
    assert first in found.to_markdown()
    assert "guesses right, right" in describe(measured[0])


def test_a_tool_that_guesses_nothing_has_no_share(report: Report) -> None:
    assert not list(report.guesses())


def test_a_disagreement_is_named_in_the_tables(report: Report) -> None:
    text = report.to_markdown()
    assert "agree in 1 of 2." in text
    assert "`wheel`, ours: its proof says reproduces, the fresh environment: build" in text


def test_the_json_tells_all_that_the_tables_tell(report: Report) -> None:
    said = json.loads(json.dumps(report.to_json()))
    assert said["tools"] == {"ours": "1.0", "theirs": "1.0"}
    assert [entry["exact"] for entry in said["measurements"]] == [True, False, False, False]
    assert said["measurements"][1]["score"]["drifted"][0]["found"] == "2.4.6"


def test_a_line_on_the_screen_says_what_is_wrong() -> None:
    line = describe(FAILED)
    assert "missing numpy" in line
    assert "ModuleNotFoundError: six" in line
    assert "DISAGREES: proof reproduces, fresh build" in describe(UNBUILT)


def test_the_tables_replace_what_stood_between_the_markers(tmp_path: Path) -> None:
    file = tmp_path / "README.md"
    file.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", "utf-8")
    insert_table(file, "new")
    insert_table(file, "newer")
    assert file.read_text("utf-8") == f"before\n{BEGIN}\n\nnewer\n\n{END}\nafter\n"


def test_a_file_without_markers_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "README.md"
    file.write_text("no markers\n", "utf-8")
    with pytest.raises(NoMarkersError, match="results"):
        insert_table(file, "new")
    assert file.read_text("utf-8") == "no markers\n"


def test_the_figures_are_those_of_the_totals_and_ours_have_bounds(report: Report) -> None:
    hidden = replace(report, hidden={"wheel"})
    told = [(each.who, each.text, each.value, each.unit) for each in hidden.figures()]
    assert told[:5] == [
        ("Ours", "predicts the same", 1, "of 1"),
        ("Ours", "exactly what it needs", 1, "of 1"),
        ("Ours", "missing", 0, "distributions"),
        ("Ours", "superfluous", 0, "distributions"),
        ("Ours", "drifted", 0, "distributions"),
    ]
    of = {(who, text): value for who, text, value, _ in told}
    assert of["Ours", "capture"] == 4.0
    assert of["Theirs", "superfluous"] == of["Theirs", "drifted"] == 1
    assert of["Theirs", "missing, where no import shows the need"] == 1
    assert not any(each.holds is False for each in hidden.figures()), "peers have no bounds"
    ours = replace(
        report,
        tools=(FakeTool("modelenv", "modelenv"),),
        measured=(replace(EXACT, tool="modelenv"), replace(UNBUILT, tool="modelenv")),
    )
    broken = [each.text for each in ours.figures() if each.holds is False]
    assert broken == ["predicts the same", "exactly what it needs"]
