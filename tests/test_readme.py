"""The README and the pages behind it tell the truth: examples run, tables name what exists."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import modelenv
from modelenv.cli.commands import COMMANDS

ROOT = Path(__file__).parent.parent
PAGES = [f"docs/{page.name}" for page in sorted((ROOT / "docs").glob("*.md"))]
DECISIONS = [f"docs/decisions/{page.name}" for page in (ROOT / "docs" / "decisions").glob("*.md")]
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS_PAGE, LIBRARY, SAVING = (
    (ROOT / "docs" / f"{name}.md").read_text("utf-8") for name in ("commands", "library", "saving")
)


def example(name: str) -> str:
    """Return the Python block that follows the mark of that name."""
    found = re.search(rf"<!-- example: {name} -->\n```python\n(.*?)```", LIBRARY, re.DOTALL)
    assert found is not None
    return found[1]


def run(code: str, folder: Path) -> str:
    command = [sys.executable, "-W", "ignore", "-c", code]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def test_the_tracing_example_prints_what_was_imported(tmp_path: Path) -> None:
    assert "'colorsys'" in run(example("trace"), tmp_path)


def test_the_example_by_hand_is_the_file_and_has_at_most_ten_lines() -> None:
    text = (ROOT / "examples" / "by_hand.py").read_text("utf-8")
    assert example("by_hand") == text
    assert len([line for line in text.splitlines() if line.strip()]) <= 10


def test_the_example_by_hand_pins_scikit_learn_and_what_it_declares(tmp_path: Path) -> None:
    pins = {line.partition("==")[0] for line in run(example("by_hand"), tmp_path).splitlines()}
    assert {"scikit-learn", "numpy", "scipy", "joblib", "threadpoolctl"} <= pins
    assert "pandas" not in pins


def test_every_option_in_the_table_is_one_of_save_model() -> None:
    table = SAVING.partition("| option | meaning |")[2].partition("\n\n")[0]
    named = re.findall(r"^\| `(\w+)", table, re.MULTILINE)
    assert len(named) > 5
    assert set(named) <= set(inspect.signature(modelenv.save_model).parameters)


def test_every_command_is_shown() -> None:
    block = COMMANDS_PAGE.partition("# The command")[2].partition("```sh")[2].partition("```")[0]
    shown = set(re.findall(r"^modelenv ([\w-]+)", block, re.MULTILINE))
    assert shown == set(COMMANDS)


def test_a_source_distribution_holds_what_its_tests_are_set_up_with() -> None:
    command = README.partition("<!-- tests -->")[2].partition("```sh\n")[2].partition("\n")[0]
    words = [word for word in command.split() if not word.startswith(".venv/")]  # it makes that
    files = [word for word in words if (ROOT / word).is_file()]
    assert files == ["constraints-dev.txt"]
    held = (ROOT / "pyproject.toml").read_text("utf-8").partition("targets.sdist]")[2]
    for name in (*files, ".ci", "tests", "docs", "examples", "benchmarks"):
        assert f'"/{name}"' in held.partition("\n\n")[0]


def test_the_readme_is_a_landing_page() -> None:
    assert len(README.splitlines()) <= 120


def links(page: str) -> list[str]:
    """Return the relative links of a page, without those in code."""
    text = re.sub(r"(?ms)^```.*?^```$|`[^`\n]*`", "", (ROOT / page).read_text("utf-8"))
    found = re.findall(r"\]\(([^)\s]+)\)", text)
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as they are made for Markdown."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {each.strip().replace(" ", "-") for each in plain}


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", *PAGES, *DECISIONS])
def test_every_link_leads_somewhere(page: str) -> None:
    lost = []
    for link in links(page):
        path, _, anchor = link.partition("#")
        place = (ROOT / page).parent / path if path else ROOT / page
        if not place.exists() or (anchor and anchor not in anchors(place)):
            lost.append(link)
    assert lost == []


def test_every_page_is_found_from_the_readme() -> None:
    reached, ahead = set(), ["README.md"]
    while ahead:
        page = ahead.pop()
        if page in reached or not page.endswith(".md"):
            continue
        reached.add(page)
        places = ((ROOT / page).parent / link.partition("#")[0] for link in links(page))
        ahead += [place.resolve().relative_to(ROOT).as_posix() for place in places]
    assert {*PAGES, *DECISIONS} <= reached


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", *PAGES, *DECISIONS])
def test_prose_is_wrapped(page: str) -> None:
    text = re.sub(r"(?ms)^```.*?^```$", "", (ROOT / page).read_text("utf-8"))
    long = [line for line in text.splitlines() if len(line) > 120 and not line.startswith("|")]
    assert long == []


def test_every_name_that_the_page_of_the_library_lists_is_published() -> None:
    listed = re.split(r"\. All\s+published", LIBRARY.partition("In Python: ")[2])[0]
    names = {name.removeprefix("modelenv.") for name in re.findall(r"`([\w.]+)`", listed)}
    assert len(names) > 10
    assert names <= set(dir(modelenv))


def test_the_example_for_mlflow_prints_the_pins(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    lines = run(example("infer"), tmp_path).splitlines()
    assert [line.partition("==")[0] for line in lines if "scikit" in line] == ["scikit-learn"]
    assert all("==" in line for line in lines)
