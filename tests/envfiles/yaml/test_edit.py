"""Items of a list are replaced and taken away where they stand, whatever the style of the list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envfiles import Entry, EnvSpec
from envfiles.formats.update_yaml import update_conda
from envfiles.yaml.edit import apply, rewrite_items
from envfiles.yaml.nodes import parse_yaml

ITEMS = st.lists(st.sampled_from(["numpy==2.4.6", "six", "a b", "é", "1"]), min_size=1, max_size=6)
STYLES = {
    "block": lambda items: "a:\n" + "".join(f"- {each}\n" for each in items),
    "further in": lambda items: "a:\n" + "".join(f"    - {each}  # kept\n" for each in items),
    "flow": lambda items: f"a: [{', '.join(items)}]\n",
    "flow over lines": lambda items: "a: [\n  " + ",\n  ".join(items) + ",\n]\n",
}


@pytest.mark.parametrize("ends", ["", "b: 1\n"])
@pytest.mark.parametrize("style", STYLES)
@given(items=ITEMS, data=st.data())
def test_what_is_read_back_is_what_was_meant(
    style: str, ends: str, items: list[str], data: st.DataObject
) -> None:
    changed = st.sampled_from([None, "other", "kept"])
    told = {each: data.draw(changed) for each in dict.fromkeys(items)}

    def change(before: str) -> str | None:
        return before if told[before] == "kept" else told[before]

    text = STYLES[style](items) + ends
    after = apply(text, rewrite_items(text, parse_yaml(text).mapping()["a"], change))
    read = parse_yaml(after).mapping()
    assert [each.text() for each in read["a"].items()] == [
        meant for each in items if (meant := change(each)) is not None
    ]
    assert ("b" in read) == bool(ends)


def test_what_stays_keeps_its_comments() -> None:
    text = "a:\n- x  # first\n# above y\n- y\n- z # last\n"
    node = parse_yaml(text).mapping()["a"]
    without = apply(text, rewrite_items(text, node, lambda each: None if each == "y" else each))
    assert without == "a:\n- x  # first\n# above y\n- z # last\n"


def test_an_environment_in_one_line_keeps_its_comments_where_its_last_pins_go() -> None:
    text = (
        "# of ours\nname: own\nchannels: [conda-forge]\n"
        "dependencies: [python=3.11.7, pip, {pip: [six==1.17.0, idna==3.10, attrs==25.1.0]}]\n"
    )
    spec = EnvSpec(python="3.11.7", requirements=(Entry("six==1.17.0"),), name="own")
    expected = text.replace("six==1.17.0, idna==3.10, attrs==25.1.0", "six==1.17.0")
    assert update_conda(text, spec) == expected
