"""The figures of all benchmarks in one form: kept, shown, written as a page with its pictures."""

from __future__ import annotations

import json
import re
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks.__main__ import WHOLE, main, usage
from benchmarks.accuracy.authors.families import FAMILIES, HIDDEN
from benchmarks.results import record
from benchmarks.results.all import lines, summary
from benchmarks.results.all import main as run_all
from benchmarks.results.catalogue import BENCHMARKS
from benchmarks.results.figures import Figure, Found, number
from benchmarks.results.page import ACCURACY, GROWTH, page, pictures, shown, write_page
from benchmarks.results.page.growth_picture import curves_of, exponent
from benchmarks.results.record import Record
from benchmarks.results.surroundings import GIVEN, LIBRARIES, PROGRAMS, Surroundings

ROOT = Path(__file__).parents[2]
MACHINE = {"system": "Linux 6.1", "processor": "a processor", "cores": 2, "load": 0.5}

BUSY_MACHINE = {**MACHINE, "load": 2.5}


def found(name: str, *figures: Figure, good: bool = True) -> Found:
    versions = {"Python": "3.11.7", "modelenv": "0.1.0"}
    return Found(name, figures, MACHINE, versions, "2026-11-30T01:02Z", 61.0, good=good)


KEPT = found("capture", Figure("a save", 1.9, "x floor", most=2), Figure("memory", 21.2, "MB"))
BROKEN = found("startup", Figure("a start", 6.5, "x pass", most=5))
CURVES = [
    Figure(step, seconds * factor, "CPU s", size=size, things=things)
    for things, factor in (("distributions", 1.0), ("modules", 3.0))
    for step, costs in (("save", (1.0, 2.0, 4.0)), ("verify", (0.5, 0.6, 6.0)))
    for size, seconds in zip((10, 100, 1000), costs, strict=True)
]
TOOLS = [
    Figure(text + where, value, f"of {models}", who=who)
    for who, same, exact in (("modelenv", 3, 3), ("MLflow", 2, 0), ("pip freeze", 3, 0))
    for models, where in ((3, ""), (2, ", where no import shows the need"))
    for text, value in (("predicts the same", same), ("exactly what it needs", exact))
    for value in [min(value, models)]
    if (who, models) != ("MLflow", 2)
]


def test_each_benchmark_is_where_the_command_looks_for_it() -> None:
    for module in [each.module for each in BENCHMARKS.values()] + [
        name for _, name in WHOLE.values()
    ]:
        assert find_spec(f"benchmarks.{module}") is not None, module
    assert {*BENCHMARKS, *WHOLE} <= set(re.findall(r"^  (\w+) ", usage(), re.MULTILINE))


def test_each_is_told_of_what_it_needs_and_of_nothing_else() -> None:
    known = {*GIVEN, *LIBRARIES, *PROGRAMS, "linux", "root"}
    for each in BENCHMARKS.values():
        assert {*each.needs, *each.takes} <= known, each.name
        assert set(each.within.split(", ")) <= {"", *BENCHMARKS}


@pytest.mark.parametrize("name", [name for name, each in BENCHMARKS.items() if not each.within])
def test_each_takes_the_words_of_its_row(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The parser of a benchmark refuses an option that it does not have before anything runs."""
    each = BENCHMARKS[name]
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    options = {word for word in (*each.quick, *each.full, "--json") if word.startswith("--")}
    around = Surroundings(dict.fromkeys(GIVEN, "/nowhere"), "")
    options |= {word for word in around.words((*each.needs, *each.takes)) if word.startswith("--")}
    assert options <= set(re.findall(r"--[\w-]+", told))


def test_a_bound_holds_at_its_edge_and_not_beyond() -> None:
    assert Figure("a", 2.0, most=2).holds
    assert not Figure("a", 2.1, most=2).holds
    assert Figure("a", 17, least=17).holds
    assert not Figure("a", 16.9, least=17, most=20).holds
    assert Figure("a", 1).holds is None
    assert not replace(KEPT, good=False).holds


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = Record((KEPT, found("growth", *CURVES)), {"images": "buildah is not on PATH"})
    record.write(tmp_path / "results.json", written)
    assert record.read(tmp_path / "results.json") == written
    assert record.read(tmp_path / "none.json") == Record()


def test_a_record_of_another_schema_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    file.write_text(json.dumps({"schema": 2, "found": [], "left_out": {}}), "utf-8")
    with pytest.raises(ValueError, match=r"results\.json: schema 2"):
        record.read(file)


def test_what_is_measured_anew_replaces_what_was_found_before() -> None:
    older = Record((KEPT, BROKEN), {"growth": "it was not asked for"})
    newer = Record((replace(BROKEN, seconds=5.0), found("growth")), {"capture": "no scikit-learn"})
    both = older.with_newer(newer)
    assert [(each.benchmark, each.seconds) for each in both.found] == [
        ("capture", 61.0),
        ("startup", 5.0),
        ("growth", 61.0),
    ]
    assert both.left_out == {}, "what was found before is told with its date"


def test_a_record_follows_the_schema(tmp_path: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((ROOT / "docs/schemas/results-1.schema.json").read_text("utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    file = tmp_path / "results.json"
    record.write(file, Record((KEPT, BROKEN, found("growth", *CURVES)), {"images": "no root"}))
    told = json.loads(file.read_text("utf-8"))
    validator.validate(told)
    del told["found"][0]["machine"]["cores"]
    told["found"][1]["figures"][0]["limit"] = 3
    assert len(list(validator.iter_errors(told))) == 2


def test_the_record_of_the_page_follows_the_schema() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((ROOT / "docs/schemas/results-1.schema.json").read_text("utf-8"))
    told = json.loads((ROOT / "docs/results.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(told)


def test_the_page_is_the_one_of_its_record() -> None:
    kept = record.read(ROOT / "docs/results.json")
    for name, text in {"results.md": page(kept), **pictures(kept)}.items():
        assert (ROOT / "docs" / name).read_text("utf-8") == text, (
            f"docs/{name}: run python -m benchmarks page"
        )


def test_the_readme_says_in_words_what_its_picture_shows() -> None:
    accuracy = record.read(ROOT / "docs/results.json").of("accuracy")
    assert accuracy is not None
    assert shown(accuracy, "docs") in (ROOT / "README.md").read_text("utf-8").splitlines()


def test_the_words_of_the_readme_are_written_anew(tmp_path: Path) -> None:
    docs, readme = tmp_path / "docs", tmp_path / "README.md"
    docs.mkdir()
    readme.write_text("# A\n\n![old](docs/pictures/accuracy.svg)\n\nB\n", "utf-8")
    record.write(docs / "results.json", Record((found("accuracy", *TOOLS),)))
    write_page(docs / "results.json", docs)
    words = "Same predictions, of 3: modelenv 3, pip freeze 3, MLflow 2"
    text = f"# A\n\n![{words}](docs/pictures/accuracy.svg)\n\nB\n"
    assert readme.read_text("utf-8") == text


def test_the_page_tells_what_holds_what_grows_and_what_is_left_out(tmp_path: Path) -> None:
    found_all = (BROKEN, found("growth", *CURVES), KEPT, found("accuracy", *TOOLS))
    record.write(tmp_path / "results.json", Record(found_all, {"images": "it needs root"}))
    names = [file.name for file in write_page(tmp_path / "results.json", tmp_path)]
    assert names == ["results.md", "accuracy.svg", "growth.svg"]
    text = (tmp_path / "results.md").read_text("utf-8")
    assert "| `capture`: a save | 1.90 x floor | ≤ 2 |" in text
    assert "| `startup`: a start | **6.50 x pass** | ≤ 5 |" in text
    assert "| save | 1 | 2 | 4 | n^0.30 |" in text
    assert "| `images` | it needs root |" in text
    assert "| pip freeze | 3 of 3 | 0 of 3 |" in text
    assert "21.2 MB" in text
    assert text.index("`capture`") < text.index("`startup`"), "in the order of the catalogue"


def test_a_busy_machine_is_said_on_the_page() -> None:
    calm, busy = (page(Record((each,))) for each in (KEPT, replace(KEPT, machine=BUSY_MACHINE)))
    assert "wall times cannot" not in calm
    assert "wall times cannot" in busy


def test_a_page_of_nothing_is_written_too() -> None:
    assert "##" in page(Record())
    assert pictures(Record()) == {}


@pytest.mark.parametrize("name", [ACCURACY, GROWTH])
def test_a_picture_is_read_by_everybody(name: str) -> None:
    made = pictures(Record((found("accuracy", *TOOLS), found("growth", *CURVES))))
    texts = {"made": made[name]}
    if (kept := ROOT / "docs" / name).is_file():
        texts["kept"] = kept.read_text("utf-8")
    for text in texts.values():
        root = ET.fromstring(text)
        space = {"svg": "http://www.w3.org/2000/svg"}
        assert root.get("role") == "img"
        ids = {each.get("id") for each in root}
        assert set((root.get("aria-labelledby") or "").split()) <= ids
        assert all(len(root.findtext(f"svg:{part}", "", space)) > 20 for part in ("title", "desc"))
        assert "prefers-color-scheme:dark" in text
        assert "<script" not in text
        assert "href" not in text
        assert len(text.encode()) < 40_000


def test_there_is_a_square_for_each_model() -> None:
    text = pictures(Record((found("accuracy", *TOOLS),)))[ACCURACY]
    rows = text.partition(">3 models</text>")[2]
    squares = {
        kind: sum(data.count("M") for data in re.findall(rf'class="{kind}" d="([^"]*)"', rows))
        for kind in ("strong", "weak", "open")
    }
    # Three models and two more: modelenv has all, MLflow two of the three, pip freeze all but not
    # exactly; what it has of the second group is bounded by their number.
    assert squares == {"strong": 3 + 2, "weak": 2 + 3 + 2, "open": 1}


def test_a_curve_says_with_which_power_of_the_number_it_grows() -> None:
    curves = curves_of(found("growth", *CURVES))
    assert list(curves) == ["distributions", "modules"]
    assert exponent(curves["distributions"]["verify"]) == pytest.approx(1.0)
    text = pictures(Record((found("growth", *CURVES),)))[GROWTH]
    assert text.count("<circle") == len(CURVES)
    assert "6 s with 1,000" in text


def test_a_step_has_one_colour_and_no_two_of_a_panel_share_one() -> None:
    steps = {"a": ("save", "verify", "why"), "b": ("load", "trace", "save"), "c": ("lock", "why")}
    figures = [
        Figure(step, 1.0 + size, "CPU s", size=size, things=things)
        for things, names in steps.items()
        for step in names
        for size in (1, 10)
    ]
    text = pictures(Record((found("growth", *figures),)))[GROWTH]
    labels = re.findall(r'class="small (\w+)-text">(\w+)</text>', text)
    assert len(labels) == 8
    of: dict[str, set[str]] = {}
    for colour, step in labels:
        of.setdefault(step, set()).add(colour)
    assert {len(colours) for colours in of.values()} == {1}
    for names in steps.values():
        assert len(set().union(*(of[name] for name in names))) == len(names)


def test_figures_of_one_text_and_two_units_are_both_told() -> None:
    two = found("resolve", Figure("resolve", 0.2, "x pip"), Figure("resolve", 0.9, "x reading"))
    text = page(Record((two,)))
    assert "0.20 x pip" in text
    assert "0.90 x reading" in text


def test_a_curve_that_lacks_a_point_is_shown_with_those_that_it_has() -> None:
    known = [each for each in CURVES if (each.text, each.size) != ("verify", 1000)]
    alone = Figure("lock", 2.5, "CPU s", size=10, things="modules")
    grown = found("growth", *known, alone)
    assert "| verify | 0.50 | 0.60 |  | n^0.08 |" in page(Record((grown,)))
    assert "| lock | 2.50 |  |  |  |" in page(Record((grown,)))
    assert pictures(Record((grown,)))[GROWTH].count("<circle") == len(known) + 1


@pytest.mark.parametrize(
    ("value", "word"), [(3149.0, "3,149"), (42, "42"), (1.4326, "1.43"), (0.0071, "0.0071")]
)
def test_a_number_has_the_digits_that_are_read(value: float, word: str) -> None:
    assert number(value) == word


def test_what_is_missing_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    assert run_all(["--only", "time", "papers", "images", "--quick", "--json", str(file)]) == 0
    told = capsys.readouterr().out
    assert "papers       left out: not with --quick: other tools" in told
    assert "0 benchmarks in 0 min, 3 left out, 0 did not end well; 0 of 0 bounds hold" in told
    assert record.read(file).left_out["images"] == "not with --quick: it builds images"
    assert run_all(["--only", "papers"]) == 0
    assert "papers       left out: --papers FOLDER: a folder that" in capsys.readouterr().out
    nowhere = str(tmp_path / "none")
    assert run_all(["--only", "papers", "--papers", nowhere]) == 0
    assert f"left out: --papers {nowhere}: there is no such folder" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform != "linux", reason="seals are of Linux")
def test_a_benchmark_runs_and_its_figures_are_kept(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "results.json"
    record.write(file, Record((KEPT,), {"seal": "it was not asked for"}))
    assert run_all(["--only", "seal", "--quick", "--json", str(file)]) == 0
    assert re.search(r"\nseal +\d+ s", capsys.readouterr().out)
    kept = record.read(file)
    assert [each.benchmark for each in kept.found] == ["capture", "seal"]
    assert {each.size for each in kept.found[1].figures} <= {20, 250}
    assert kept.found[1].quick
    assert kept.left_out == {}


def test_one_that_does_not_end_well_is_told_and_the_rest_goes_on(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    words = ["--only", "revive", "papers", "time", "--json", str(tmp_path / "results.json")]
    words += ["--worlds", str(tmp_path), "--papers", str(tmp_path)]
    assert run_all(words) == 1
    told = capsys.readouterr().out
    assert "revive       did not end well:" in told
    assert "documents of other tools, read by modelenv: 0 documents  (at least 40: DOES" in told
    assert "time         left out: its parts run by themselves" in told
    assert "1 benchmark in 0 min, 1 left out, 1 did not end well; 1 of 2 bounds hold" in told
    left = record.read(tmp_path / "results.json").left_out
    assert left["revive"].endswith("there are no old models that are asked for")


def test_the_lines_of_a_benchmark_say_what_does_not_hold() -> None:
    assert list(lines(BROKEN)) == [
        "startup          61 s  a start: 6.50 x pass  (at most 5: DOES NOT HOLD)"
    ]
    assert "and 1 more figure" in list(lines(KEPT))[-1]
    assert "WRONG" in "".join(lines(replace(BROKEN, good=False)))
    text = summary(Record((KEPT, BROKEN)), 125.0)
    assert text.splitlines() == [
        "2 benchmarks in 2 min, 0 left out, 0 did not end well; 1 of 2 bounds hold",
        "  startup: a start: 6.50 x pass, at most 5",
    ]


def test_hidden_families_are_families() -> None:
    assert FAMILIES.keys() > HIDDEN


def test_rooms_of_the_benchmarks_can_be_looked_over() -> None:
    rooms = {file.parent for file in (ROOT / "benchmarks").rglob("__init__.py")}
    assert len(rooms) > 12
    for room in rooms:
        names = {each.name for each in room.iterdir()} - {"__init__.py", "__main__.py"}
        assert len(names - {"__pycache__"}) <= 12, room
