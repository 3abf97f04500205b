"""Requirement lines: the short way gives what packaging gives, or its error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import InvalidRequirement, Requirement

from resolver.requirements.parse import parse_requirement

PIECES = ["a", "A.b-c_d", "-", "[x]", "[x,Y-z]", "[]", "[,]", "[x y]", " ", "(", ")", ">=1", "<2.0"]
PIECES += [
    "==1.*",
    "!=1.5",
    "~=1.2",
    "===x",
    "~=1",
    ">1.*",
    "<=1!2+cu1",
    ",",
    "1",
    "==",
    "@",
    " @ ",
]
PIECES += [
    "https://host/a.whl",
    ";",
    '; extra == "x"',
    '; python_version >= "3" and os_name == "nt"',
]
PIECES += ["; bad", "# note", "\n", ">=1.0a1", "==1.0.post1", "é"]


def parsed(parse, line):
    try:
        made = parse(line)
    except InvalidRequirement:
        return None
    return made, str(made), made.name, made.extras, made.specifier, str(made.marker), made.url


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join))
def test_every_line_is_read_as_packaging_reads_it(line):
    assert parsed(parse_requirement, line) == parsed(Requirement, line)


@pytest.mark.parametrize(
    "line",
    [
        "numpy",
        "numpy>=1.26,<3",
        "a[x] (>=1)",
        'a<2; python_version < "4"',
        "a @ https://host/a.whl",
    ],
)
def test_common_lines_are_read(line):
    assert parse_requirement(line) == Requirement(line)


def test_two_lines_share_nothing_that_can_change():
    one, other = parse_requirement("a[x]"), parse_requirement("a[x]")
    one.extras.add("y")
    assert other.extras == {"x"}
