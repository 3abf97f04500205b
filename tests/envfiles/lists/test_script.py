"""Scripts that say what they need (PEP 723)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from envfiles import InvalidFile, has_block, read_requirements

if TYPE_CHECKING:
    from pathlib import Path

BLOCK = """#!/usr/bin/env -S uv run --script
# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "scikit-learn>=1.4",  # the model
#     "six",
# ]
#
# [tool.uv]
# exclude-newer = "2026-01-01"
# ///
import sklearn
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_a_block_asks_for_is_the_list(newline: str, tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(BLOCK, newline=newline)
    found = read_requirements(script)
    assert [each.text for each in found.requirements] == ["scikit-learn>=1.4", "six"]
    first = found.requirements[0].location
    assert (first.file, first.key) == (str(script), "script.dependencies[0]")
    assert found.conditions[0].text == ">=3.11"
    assert "--as-of 2026-01-01" in found.ignored[0].reason


def test_the_block_goes_on_to_the_last_line_that_can_end_it(tmp_path: Path) -> None:
    """The order of PEP 723: a line that could end it and is followed by another is content."""
    (tmp_path / "a.py").write_text(
        "# /// script\n# dependencies = ['six', '''\n# ///\n# ''']\n# ///\n"
    )
    with pytest.raises(InvalidFile, match=r"script\.dependencies\[1\]"):
        read_requirements(tmp_path / "a.py")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import six\n", "has no block of PEP 723"),
        ("# /// pyproject\n# a = 1\n# ///\n", "has no block of PEP 723"),
        ("# /// script\n# a = 1\nimport six\n# ///\n", "has no block of PEP 723"),
        ("# /// script\n# a = 1\n# ///\n\n# /// script\n# a = 1\n# ///\n", "more than one block"),
        ("# /// script\n# dependencies = 'six'\n# ///\n", "is no list of requirements"),
        ("# /// script\n# dependencies = ['six=']\n# ///\n", "'six='"),
        ("# /// script\n# a =\n# ///\n", "not TOML"),
    ],
)
def test_what_is_none_is_told(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(text)
    with pytest.raises(InvalidFile, match=said):
        read_requirements(tmp_path / "a.py")


def test_a_block_is_told_from_a_comment() -> None:
    assert has_block(BLOCK)
    assert not has_block("# /// scripts\n# ///\n")
