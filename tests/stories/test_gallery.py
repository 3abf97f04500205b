"""The gallery: each script says what it needs, each stands on the page, each does what is said."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.accuracy.gallery.example import Example, find_examples, read_example
from benchmarks.accuracy.gallery.making import Made, Workshop, make, open_workshop
from benchmarks.accuracy.gallery.page import peer_paragraphs, told, write_page
from benchmarks.accuracy.gallery.peer import Listed
from benchmarks.accuracy.gallery.report import read_report
from benchmarks.accuracy.running.environments import Builder

PAGE = Path(__file__).parents[2] / "docs" / "gallery.md"
EXAMPLES = find_examples()
PRINTED = """/tmp/diet_model: proven in a replica: the prediction equals the recorded one
Python 3.11.7, 3 pins:
  cloudpickle==3.1.3  imported by the model; via joblib
  joblib==1.6.0       via pulp
  tables==1.0         needed by the prediction (pulp/__init__.py:3)
left out: rich (pulp/tables.py:1)
packages of the system that it needs: tzdata 2025b (time zones: /usr/share/zoneinfo/UTC)
seconds: pickle 0.02; 3.25 in all
"""


def found(name: str) -> str:
    """Return what the page has of an example."""
    block = re.search(
        rf"<!-- found: {name} -->\n(.*?)<!-- end of it -->", PAGE.read_text(), re.DOTALL
    )
    assert block is not None
    return block[1]


def test_there_are_ten_of_them_at_least() -> None:
    assert len(EXAMPLES) >= 10


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each.name)
def test_an_example_says_what_it_is_and_stands_on_the_page(example: Example) -> None:
    assert example.title.endswith(".")
    assert f"../examples/gallery/{example.script.name}" in PAGE.read_text("utf-8")
    assert f"{example.saved}: proven in " in found(example.name)
    assert "verify --env-manager uv: reproduces" in found(example.name)


def test_the_page_has_none_that_is_gone() -> None:
    named = re.findall(r"<!-- found: (\w+) -->", PAGE.read_text("utf-8"))
    assert sorted(named) == [each.name for each in EXAMPLES]


def test_a_source_of_a_script_is_a_folder_of_the_repository() -> None:
    (tariff,) = find_examples(("tariff",))
    (folder,) = tariff.requirements
    assert (Path(folder) / "pyproject.toml").is_file()


def test_a_script_without_a_block_is_named(tmp_path: Path) -> None:
    (tmp_path / "bare.py").write_text('"""Bare."""\n')
    with pytest.raises(ValueError, match=r"bare\.py: no block of inline metadata"):
        read_example(tmp_path / "bare.py")


def test_a_name_of_no_example_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="no such example: boats; there are accounts, bikes"):
        find_examples(("boats",))


def test_a_report_is_read() -> None:
    report = read_report(PRINTED)
    assert len(report.pins) == 3
    assert list(report.own) == ["cloudpickle==3.1.3", "tables==1.0"]
    assert list(report.unnamed) == ["tables==1.0"]
    assert report.headline == "proven in a replica: the prediction equals the recorded one"
    assert report.found[0].startswith("packages of the system")


def test_what_was_found_goes_to_its_place_and_no_other(tmp_path: Path) -> None:
    page = tmp_path / "gallery.md"
    page.write_text("A\n<!-- found: diet -->\nold\n<!-- end of it -->\nB\n")
    (diet,) = find_examples(("diet",))
    made = Made(diet, "3.11.7", read_report(PRINTED), "reproduces in an environment: equal")
    listed = [
        Listed("3.17.2", ("mlflow==3.17.2", "pulp==3"), "the model predicts the same"),
        Listed("3.18.0", ("mlflow==3.18.0", "pulp==3"), "the model predicts the same"),
    ]
    write_page(page, {"diet": made}, {"diet": listed})
    text = page.read_text()
    assert text == f"A\n<!-- found: diet -->\n{told(made, listed)}\n<!-- end of it -->\nB\n"
    assert text.rstrip().endswith("B")
    assert (
        "MLflow 3.17.2 and 3.18.0: the list has `mlflow`, `pulp`. Elsewhere the model predicts the"
        " same."
    ) in text.replace("\n", " ")
    with pytest.raises(ValueError, match="no place for tariff"):
        write_page(page, {"tariff": made}, {})


def test_releases_that_differ_have_a_paragraph_each_and_a_refusal_is_told() -> None:
    said = "TensorsNotSupportedException: arrays in list are not supported."
    one = Listed("3.17.2", ("mlflow==3.17.2",), "the model fails: no rapidocr", said)
    other = Listed("3.18.0", ("mlflow==3.18.0", "rapidocr==3.10.0"), "the model predicts the same")
    none = Listed("2.9.2", (), "does not save: no …")
    assert [" ".join(each.split()) for each in peer_paragraphs([one, other, none])] == [
        "MLflow 3.17.2: the list has `mlflow`. The example is refused"
        " (TensorsNotSupportedException: arrays in list are not supported); the list is made"
        " without it. Elsewhere the model fails: no rapidocr.",
        "MLflow 3.18.0: the list has `mlflow`, `rapidocr`. Elsewhere the model predicts the same.",
        "MLflow 2.9.2: does not save: no …",
    ]


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    uv = shutil.which("uv")
    if uv is None:
        pytest.skip("uv is not on PATH")
    builder = Builder(uv, sys.executable, tmp_path_factory.mktemp("gallery"))
    with open_workshop(builder, ()) as opened:
        yield opened


def options_of(example: Example, folder: Path) -> tuple[str, ...]:
    """Return where to find torch for processors alone: the build of the index takes gigabytes."""
    if "torch" not in example.requirements:
        return ()
    place = Path(os.environ.get("PIP_FIND_LINKS", folder))
    wheels = sorted(place.glob("torch-*+cpu-*.whl"))
    if not wheels:
        pytest.skip("PIP_FIND_LINKS names no folder with a build of torch for processors alone")
    (folder / "constraints.txt").write_text(f"torch=={wheels[-1].name.split('-')[1]}\n")
    return ("--find-links", str(place), "--constraints", str(folder / "constraints.txt"))


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each.name)
def test_an_example_runs_and_is_proven_elsewhere(
    example: Example, workshop: Workshop, tmp_path: Path
) -> None:
    options = options_of(example, tmp_path)
    made = make(example, Workshop(workshop.builder, workshop.modelenv, options), tmp_path)
    assert made.verified.startswith("reproduces in an environment built with uv")
    on_page = set(re.findall(r"^  ([\w.-]+)==", found(example.name), re.MULTILINE))
    assert {pin.partition("==")[0] for pin in made.report.own} == on_page
