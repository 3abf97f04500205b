"""The examples in docstrings print what they say."""

from __future__ import annotations

import doctest
import importlib
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# They run in other interpreters, and cannot be imported.
ELSEWHERE = {"inside", "starter", "entry", "cases"}
MODULES = [
    ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for package in ("tracer", "resolver", "envfiles", "modelenv", "benchmarks")
    for file in sorted((ROOT / package).rglob("*.py"))
    if ">>>" in file.read_text("utf-8") and not ELSEWHERE & set(file.parts)
]


def test_there_are_examples() -> None:
    assert len(MODULES) > 150


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_print_what_they_say(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)  # some of them show its import
    outcome = doctest.testmod(importlib.import_module(name))
    assert outcome.attempted
    assert not outcome.failed
