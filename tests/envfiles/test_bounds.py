"""No line and no file takes more than any of its kind does: it is refused, and quickly."""

from __future__ import annotations

import pytest

from envfiles import InvalidFile
from envfiles.credentials import protect
from envfiles.formats.conda_yaml import read_conda
from envfiles.requirements.lines import iter_lines
from envfiles.requirements.reader import parse_requirements

from .. import pip_parser

DEEP = "a==1; " + "(" * 20_000 + "os_name=='x'" + ")" * 20_000


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(DEEP, "f:1: .*nested (deeper|more) than", id="deep marker"),
        pytest.param("b\na" + " " * 200_000 + "x", "f:2: .*longer than any such line", id="long"),
        pytest.param("-f '" + "a" * 2_000_000, "f:1: .*longer than any such line", id="option"),
        pytest.param(
            "aaaaaaaaaaaaaaa \\\n" * 12_000, "f:1: .*longer than any such line", id="continued"
        ),
        pytest.param("\n" * 20_001, "f: has more lines than any", id="empty lines"),
        pytest.param("a\n" * 5_001, "f:5001: has more requirements", id="lines"),
        pytest.param(
            "".join(f"a>={n}\n" for n in range(60)), "f:41: .*narrows a more often", id="clauses"
        ),
    ],
)
def test_what_no_requirements_file_holds_is_refused_with_its_line(text: str, reason: str) -> None:
    with pytest.raises(InvalidFile, match=reason) as caught:
        parse_requirements(text, file="f").entries()
    assert len(str(caught.value)) < 20_000


def test_constraints_have_the_same_bounds() -> None:
    with pytest.raises(InvalidFile, match=r"f:1: .*longer than any such line"):
        parse_requirements(
            "a" + " " * 200_000 + "x", file="f", is_constraint=True
        ).spelled_constraints()
    with pytest.raises(InvalidFile, match="f:5001: has more"):
        parse_requirements("a\n" * 5_001, file="f", is_constraint=True).spelled_constraints()


def test_a_conda_dependency_has_an_end() -> None:
    text = "dependencies:\n- 'https://" + "a-" * 50_000 + "'"
    with pytest.raises(InvalidFile, match=r"f:2: dependencies\[0\]: .*longer than any"):
        read_conda(text, file="f")


def test_a_million_characters_are_looked_through_once() -> None:
    """Were it more than once, this would take hours."""
    assert protect("h" * 1_000_000) == "h" * 1_000_000
    assert protect("1https://me:pw@host") == "1https://${HOST_USERNAME}:${HOST_PASSWORD}@host"
    assert protect("https://me:pw@" + "a-" * 250_000 + "b").endswith("}@" + "a-" * 250_000 + "b")
    (line,) = iter_lines("a" + " " * 1_000_000 + "x")
    assert line.text.endswith("x")
    (line,) = iter_lines("a==1\n" + "  # x\n" * 100_000)
    assert len(line.below) == 100_000


@pytest.mark.parametrize("text", ["a  # b", "  # b", "#b", "a #b # c", "a#b", "a\t#b", " a # b"])
def test_a_comment_is_where_pip_has_it(text: str) -> None:
    theirs = [line for _, line in pip_parser.logical_lines(text)]
    assert [line.text for line in iter_lines(text)] == theirs
