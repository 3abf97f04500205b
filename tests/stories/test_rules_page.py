"""The page of the rules tells the truth: it has ten, and every example runs."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

PAGE = Path(__file__).parent.parent.parent / "docs" / "rules.md"


def test_the_examples_of_the_rules_run():
    found = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert found.attempted > 20
    assert found.failed == 0


def test_there_is_an_example_for_each_rule():
    rules = re.split(r"^\*\*(\d+)\. ", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    assert rules[1::2] == [str(number) for number in range(1, 11)]
    assert all(">>>" in text for text in rules[2::2])
