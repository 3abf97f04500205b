"""The slow tests are cut into parts, and each of them is in one."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SLOW = ROOT / ".ci" / "slow"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it is a program of bash")


def slow(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([SLOW, *words], capture_output=True, text=True, check=False)


def paths() -> dict[str, list[str]]:
    """Return the paths of each part that names some, by its name."""
    rows = re.findall(r"^    (\w+)\) echo (tests/.*?) ;;$", SLOW.read_text("utf-8"), re.MULTILINE)
    return {part: words.split() for part, words in rows}


def test_the_parts_are_named() -> None:
    listed = slow("--list").stdout.split()
    assert {*paths(), "core", "lowest", "sid"} == {*listed}
    refused = slow("nope")
    assert refused.returncode != 0
    assert "there is no part nope" in refused.stderr


def test_every_path_of_a_part_is_there_and_in_no_other() -> None:
    named = [path for each in paths().values() for path in each]
    assert len(named) == len({*named}) > 7
    assert [path for path in named if not (ROOT / path).exists()] == []
    for part in paths():
        assert f" {part}" in SLOW.read_text("utf-8").partition("core) echo tests; for part in")[2]
