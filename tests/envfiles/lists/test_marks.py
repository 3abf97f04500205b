"""Markers as alternatives: they hold where the markers do that they were read from."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.markers import Marker

from envfiles.lists.marks import (
    ALWAYS,
    NEVER,
    Alternatives,
    TooManyAlternatives,
    both,
    either,
    read_marker,
    spell,
)

PYTHONS = ("3.9.18", "3.10.0", "3.10.13", "3.11.7", "3.12.1")
PLATFORMS = (("linux", "Linux"), ("win32", "Windows"), ("darwin", "Darwin"))
ENVIRONMENTS = [
    {"python_full_version": python, "sys_platform": name, "platform_system": system, "extra": ""}
    for python, (name, system) in product(PYTHONS, PLATFORMS)
]
COMPARISONS = (
    *(f"python_full_version {o} '{v}'" for o in ("<", ">=", "<=", ">") for v in ("3.10", "3.11")),
    *("python_full_version == '3.10.*'", "python_full_version == '3.11.*'"),
    *(f"sys_platform {o} '{p}'" for o in ("==", "!=") for p in ("linux", "win32")),
    *("'in' in platform_system", "'in' not in platform_system", "platform_system != 'Linux'"),
)
markers = st.recursive(
    st.sampled_from(COMPARISONS),
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner),
    max_leaves=8,
)


def truths(alternatives: Alternatives) -> list[bool]:
    """Tell in which environments they hold."""
    if alternatives in (ALWAYS, NEVER):
        return [alternatives == ALWAYS] * len(ENVIRONMENTS)
    return [Marker(spell(alternatives)).evaluate(each) for each in ENVIRONMENTS]


@given(markers)
def test_they_hold_where_the_marker_does(marker: str) -> None:
    asked = Marker(marker)
    assert truths(read_marker(marker)) == [asked.evaluate(each) for each in ENVIRONMENTS]


@given(markers, markers)
def test_joined_they_hold_where_both_do_and_where_either_does(one: str, other: str) -> None:
    left, right = read_marker(one), read_marker(other)
    pairs = list(zip(truths(left), truths(right), strict=True))
    assert truths(both(left, right)) == [a and b for a, b in pairs]
    assert truths(either((left, right))) == [a or b for a, b in pairs]


@pytest.mark.parametrize(
    "marker",
    [
        "python_full_version < '3.11' or python_full_version >= '3.11'",
        "python_full_version < '3.11' or python_full_version == '3.11.*'"
        " or python_full_version >= '3.12'",
        "sys_platform == 'linux' or sys_platform != 'linux'",
        "os_name == 'nt' or (os_name != 'nt' and os_name != 'x') or os_name == 'x'",
    ],
)
def test_what_parts_nothing_is_said_of_nothing(marker: str) -> None:
    assert read_marker(marker) == ALWAYS


def test_what_cannot_hold_together_is_no_alternative() -> None:
    assert read_marker("sys_platform == 'linux' and sys_platform == 'win32'") == NEVER
    assert read_marker("os_name == 'a' and os_name != 'a'") == NEVER


def test_what_is_known_is_gone() -> None:
    marker = "sys_platform == 'linux' and extra == 'x' or extra == 'y'"
    chosen = read_marker(marker, lambda each: '"x"' in each if "extra" in each else None)
    assert spell(chosen) == 'sys_platform == "linux"'


def test_more_than_any_list_parts_is_refused() -> None:
    parts = (f"('{n}' in platform_release or '{n}' in platform_version)" for n in range(12))
    with pytest.raises(TooManyAlternatives):
        read_marker(" and ".join(parts))
