from __future__ import annotations

import pytest

from envfiles import InvalidFile, load_yaml
from envfiles.formats.conda_yaml import read_conda
from envfiles.yaml.nodes import parse_yaml

LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join(['*' + old] * 9)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (LAUGHS, r"^c.yaml:\d: holds more than 30,000 values"),
        ("a: &a [*a]", r"^c.yaml:1: \*a names no value, or itself"),
        ("a: *b", r"^c.yaml:1: \*b names no value"),
        ("\n" + "[" * 60, r"^c.yaml:2: nested deeper"),
        ("a: " + "x" * 9_000_000, r"^c.yaml: is longer than"),
        ("- x\n" * 600_000, r"^c.yaml:30000: holds more than"),
        ("!!python/object/apply:os.system [ls]", "expected keys and values"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_a_document_that_would_take_too_much_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidFile, match=reason):
        read_conda(text, file="c.yaml")


def test_plain_values_are_read_by_the_safe_loader_alone() -> None:
    assert load_yaml("a: [1, x]") == {"a": [1, "x"]}
    with pytest.raises(InvalidFile):
        load_yaml("!!python/object/apply:os.system [ls]")
    with pytest.raises(InvalidFile):
        load_yaml("a: 2020-99-99")
    with pytest.raises(InvalidFile, match="holds more than"):
        load_yaml(LAUGHS)


def test_an_alias_within_the_bounds_is_followed() -> None:
    root = parse_yaml("a: &a [1, 2]\nb: *a").mapping()
    assert [item.text() for item in root["b"].items()] == ["1", "2"]
