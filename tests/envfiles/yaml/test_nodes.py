from __future__ import annotations

import pytest

from envfiles import InvalidFile
from envfiles.yaml.nodes import dump_yaml, parse_yaml


def test_long_lines_are_not_folded() -> None:
    text = "a @ https://host/" + "very-long-" * 40
    dumped = dump_yaml({"dependencies": [text]})
    assert len(dumped.splitlines()) == 2
    assert parse_yaml(dumped).mapping()["dependencies"].items()[0].text() == text


def test_a_value_knows_its_line_and_key() -> None:
    item = (
        parse_yaml("a:\n- b: [c,\n   d]", file="x.yaml")
        .mapping()["a"]
        .items()[0]
        .mapping()["b"]
        .items()[1]
    )
    assert str(item.location) == "x.yaml:3: a[0].b[1]"


def test_only_what_is_written_as_nothing_is_nothing() -> None:
    items = parse_yaml("[~, null, '', 'null', no]").items()
    assert [item.is_null for item in items] == [True, True, False, False, False]


def test_a_merge_key_is_refused_where_it_would_be_lost() -> None:
    text = "x: &x {channels: [bioconda]}\n<<: *x\n"
    with pytest.raises(InvalidFile, match="f:2: merge keys"):
        parse_yaml(text, file="f").mapping()
    assert parse_yaml("'<<': 1").mapping()["<<"].text() == "1"
