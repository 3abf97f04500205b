"""Files that code only lists are not used by the model."""

from __future__ import annotations

import ctypes.util
import os
import platform
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tracer import trace

World = Callable[[Mapping[str, str]], Path]

FONTS = """
import subprocess
class Manager:
    def __init__(self, *paths):
        for each in paths:
            self.addfont(each)
    def addfont(self, path):
        with open(path, "rb") as file:
            file.read()
def draw(path):
    with open(path, "rb") as file:
        return file.read()
def _get_fontconfig_fonts():
    subprocess.check_output(["./bin/lister"])
def convert():
    subprocess.check_output(["./bin/lister"])
"""


@pytest.fixture
def fonts(world: World) -> SimpleNamespace:
    """Make files, and what goes through them and opens them as matplotlib does."""
    files = dict.fromkeys(("a.ttf", "b.ttf", "c.ttf"), "font")
    (world({**files, "bin/lister": "#!/bin/sh\n"}) / "bin/lister").chmod(0o755)
    names: dict[str, Any] = {"__name__": "matplotlib.font_manager"}
    exec(compile(FONTS, "font_manager.py", "exec"), names)
    return SimpleNamespace(**names)


def touched(action: Callable[[], object]) -> list[str]:
    with trace(touched=True, executed=False, children=False) as seen:
        action()
    return [Path(each.name).name for each in seen.trace.touches if each.kind != "library"]


def test_of_fonts_that_are_gone_through_those_count_that_are_opened_to_draw(
    fonts: SimpleNamespace,
) -> None:
    assert touched(lambda: fonts.Manager("a.ttf", "b.ttf")) == []
    assert touched(lambda: (fonts.Manager("a.ttf", "b.ttf"), fonts.draw("b.ttf"))) == ["b.ttf"]
    assert touched(lambda: fonts.Manager().addfont("c.ttf")) == ["c.ttf"]


@pytest.mark.skipif(os.name == "nt", reason="programs are made of lines for the shell")
def test_a_program_that_lists_counts_where_the_code_starts_it_for_more(
    fonts: SimpleNamespace,
) -> None:
    assert touched(fonts._get_fontconfig_fonts) == []
    assert touched(fonts.convert) == ["lister"]


@pytest.mark.skipif(os.name == "nt", reason="nothing is started there")
def test_guesses_of_the_standard_library_start_what_they_do_without() -> None:
    assert "file" not in touched(platform.architecture)
    assert {"gcc", "ld", "ldconfig"}.isdisjoint(
        touched(lambda: ctypes.util.find_library("never-there"))
    )
