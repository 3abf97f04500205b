"""A search ends when it is told to, and an explanation is worth a while and no more."""

from __future__ import annotations

from math import inf

import pytest

from resolver import merge
from resolver.errors import UndecidedError
from resolver.explain.minimal_conflict import minimal_conflict
from resolver.explain.relaxations import parts_of, verified
from resolver.search.backjump_search import search
from resolver.search.decide import choose
from resolver.search.universe import Universe

from ..memory_source import MemorySource

CHAIN: dict[str, dict[str, list[str]]] = {
    "a": {"1": ["b"]},
    "b": {"1": ["c==2"]},
    "c": {"1": [], "2": []},
}


@pytest.fixture
def universe(world):
    def build(*lines):
        installed = world.installed()
        requirements = merge([], pip_requirements=list(lines), target=installed.target)
        return Universe(requirements, installed, [MemorySource(CHAIN)])

    return build


@pytest.mark.parametrize("lines", [("a",), ("a", "c==1"), ("b", "c<2")])
def test_after_its_moment_nothing_is_decided(universe, lines):
    with pytest.raises(UndecidedError):
        choose(universe(*lines), until=-inf)


def test_the_complete_search_ends_too(universe):
    asked = universe("a")
    with pytest.raises(UndecidedError):
        search(asked, asked.roots, until=-inf)


def test_before_it_the_answer_is_the_same(universe):
    found = choose(universe("a"), until=inf)
    assert found is not None
    assert [str(node.candidate) for node in found.values()] == ["a 1", "b 1", "c 2"]
    assert choose(universe("a", "c==1"), until=inf) is None


def test_what_is_not_decided_in_time_is_not_proposed_and_nothing_is_left_out(universe):
    asked = universe("a", "b", "c==1")
    parts = parts_of(asked.requirements)

    def late(other):
        return choose(other, until=-inf)

    assert minimal_conflict(asked, choose) != parts
    assert set(map(id, minimal_conflict(asked, late))) == set(map(id, parts))
    assert verified(asked, parts, choose) != ()
    assert verified(asked, parts, late) == ()
