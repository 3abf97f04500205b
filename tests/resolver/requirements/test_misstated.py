"""Old metadata that is not valid any more, and what it means."""

from __future__ import annotations

import pytest
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from resolver.requirements.misstated import pythons_as_meant, requirement_as_meant

# As uv 0.13.9 chooses among the versions of b that stand round the bounds; None: it refuses.
MEANT = {
    "b (>=7.*)": "b>=7",
    "b (<=0.29.*)": "b<=0.29",
    "b (>7.*)": "b>7",
    "b (<7.*)": "b<7",
    "b >= 3.0.*": "b>=3.0",
    "b2 (>=1.0.0.*,<2)": "b2>=1.0.0,<2",
    "b[x]>=7.*,!=9.0.*": "b[x]>=7,!=9.0.*",
    "b !=9.0*,>=7": "b!=9.0.*,>=7",
    "b (!=~9.0)": "b!=9.0.*",
    "b (>=7.2.0<8.0.0)": "b>=7.2.0,<8.0.0",
    "b (>=7.*,<8.*) ; python_version > '3'": "b>=7,<8; python_version > '3'",
    "b (>dev)": "b>=0.dev0",
    "b >='7.2'": "b>=7.2",
    "b (>='2.0','<8.0')": "b>=2.0,<8.0",
    "b (~=1.2.*)": None,
    "b (~=1.*)": None,
    "b (>=2.0*)": None,
    "b ==9.0.": None,
    "b (=>7)": None,
    "b (>=7 <8)": None,
    "b >7.0;<8": None,
    "b c": None,
    "b (" + ">=7.*," * 2_000 + "<8)": None,
}
PYTHONS = {
    ">=3.6.*": ">=3.6",
    ">3.*": ">3",
    ">= 3.5.*, !=3.6.*": ">=3.5,!=3.6.*",
    ">=2.7,!=3.0*": ">=2.7,!=3.0.*",
    ">=3.6<4": ">=3.6,<4",
    ">='3.6'": ">=3.6",
    "~=3.6.*": None,
    "3.6": None,
}


@pytest.mark.parametrize("line", MEANT, ids=lambda line: line[:40])
def test_a_line_that_is_valid_no_more_is_read_as_by_uv(line):
    with pytest.raises(InvalidRequirement):
        Requirement(line)
    expected = MEANT[line]
    assert requirement_as_meant(line) == (Requirement(expected) if expected else None)


@pytest.mark.parametrize("text", PYTHONS)
def test_so_are_the_pythons_of_a_release(text):
    with pytest.raises(InvalidSpecifier):
        SpecifierSet(text)
    expected = PYTHONS[text]
    assert pythons_as_meant(text) == (SpecifierSet(expected) if expected else None)
