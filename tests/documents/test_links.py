"""The pages are found from the README, lead to each other, and can be read; the tables name all."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import modelenv
from modelenv.cli.commands import COMMANDS

from .pages import PAGES, ROOT, blocks

README = (ROOT / "README.md").read_text("utf-8")


def page(name: str) -> str:
    return (ROOT / "docs" / f"{name}.md").read_text("utf-8")


def test_the_readme_is_a_landing_page() -> None:
    assert len(README.splitlines()) <= 120


def test_the_example_by_hand_is_the_file_and_has_at_most_ten_lines() -> None:
    text = (ROOT / "examples" / "by_hand.py").read_text("utf-8")
    assert text in [block.text for block in blocks("docs/library.md")]
    assert len([line for line in text.splitlines() if line.strip()]) <= 10


def test_every_option_in_the_table_is_one_of_save_model() -> None:
    table = page("saving").partition("| option | meaning |")[2].partition("\n\n")[0]
    named = re.findall(r"^\| `(\w+)", table, re.MULTILINE)
    assert len(named) > 5
    assert set(named) <= set(inspect.signature(modelenv.save_model).parameters)


def test_every_command_is_shown() -> None:
    shown = [block for block in blocks("docs/commands.md") if block.language == "sh"]
    named = set(re.findall(r"^modelenv ([\w-]+)", shown[0].text, re.MULTILINE))
    assert named == set(COMMANDS)


def test_a_source_distribution_holds_what_its_tests_are_set_up_with() -> None:
    command = README.partition("<!-- tests")[2].partition("```sh\n")[2].partition("\n")[0]
    words = [word for word in command.split() if not word.startswith(".venv/")]  # it makes that
    files = [word for word in words if (ROOT / word).is_file()]
    assert files == ["constraints-dev.txt"]
    held = (ROOT / "pyproject.toml").read_text("utf-8").partition("targets.sdist]")[2]
    for name in (*files, ".ci", "tests", "docs", "examples", "benchmarks"):
        assert f'"/{name}"' in held.partition("\n\n")[0]


def test_every_name_that_the_page_of_the_library_lists_is_published() -> None:
    listed = re.split(r"\. All\s+published", page("library").partition("In Python: ")[2])[0]
    names = {name.removeprefix("modelenv.") for name in re.findall(r"`([\w.]+)`", listed)}
    assert len(names) > 10
    assert names <= set(dir(modelenv))


def test_there_is_an_example_for_each_rule() -> None:
    rules = re.split(r"^\*\*(\d+)\. ", page("rules"), flags=re.MULTILINE)
    assert rules[1::2] == [str(number) for number in range(1, 11)]
    assert all(">>>" in text for text in rules[2::2])


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


@pytest.mark.parametrize("page", PAGES)
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
    assert set(PAGES) <= reached


@pytest.mark.parametrize("page", PAGES)
def test_prose_is_wrapped(page: str) -> None:
    text = re.sub(r"(?ms)^```.*?^```$", "", (ROOT / page).read_text("utf-8"))
    long = [line for line in text.splitlines() if len(line) > 120 and not line.startswith("|")]
    assert long == []
