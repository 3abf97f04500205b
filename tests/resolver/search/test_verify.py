"""The independent check: it names every fault of an answer."""

from __future__ import annotations

import pytest

from resolver import merge
from resolver.search.backjump_search import search
from resolver.search.graph import Node
from resolver.search.universe import Universe
from resolver.search.verify import check

from ..memory_source import MemorySource

WORLD: dict[str, dict[str, list[str]]] = {
    "a": {"1": ["b[x]>=1"], "2": ["b"]},
    "b": {"1": ['c; extra == "x"'], "2": []},
    "c": {"1": []},
}


@pytest.fixture
def universe(world):
    installed = world.installed()
    requirements = merge([], pip_requirements=["a<2"], constraints=["b<2"], target=installed.target)
    return Universe(requirements, installed, [MemorySource(WORLD)])


@pytest.fixture
def choice(universe):
    return search(universe, universe.roots)


def test_a_sound_answer_has_no_fault(universe, choice):
    assert sorted(choice) == ["a", "b", "b[x]", "c"]
    assert check(choice, universe) == ()


def test_a_missing_name_is_a_fault(universe, choice):
    del choice["c"]
    assert check(choice, universe) == ('b 1 requires c; extra == "x", which is missing',)


def test_a_missing_extra_is_a_fault(universe, choice):
    del choice["b[x]"]
    assert "a 1 requires b[x]>=1, and b[x] is missing" in check(choice, universe)


def test_a_superfluous_name_is_a_fault(universe, choice):
    source = MemorySource({"d": {"1": []}})
    choice["d"] = universe.node(source.candidates("d")[0])
    assert check(choice, universe) == ("nothing requires d",)


def test_a_version_that_nobody_asked_for_is_a_fault(universe, choice):
    (newest,) = (n for n in universe.nodes("a") if str(n.candidate) == "a 2")
    faults = check({**choice, "a": newest}, universe)
    assert "a root requires a<2, not 2" in faults


def test_a_version_that_a_constraint_excludes_is_a_fault(universe, choice):
    everything = choice["b"].candidate.source.candidates("b")
    (newest,) = (each for each in everything if str(each) == "b 2")
    faults = check({**choice, "b": Node("b", newest)}, universe)
    assert "b 2 may not be chosen: a constraint says <2" in faults
    assert "b[x] is not tied to the choice for b" in faults


def test_a_candidate_from_nowhere_is_a_fault(universe, choice):
    (stranger,) = MemorySource({"c": {"1": []}}).candidates("c")
    other = choice["c"].candidate
    fake = type(other)(stranger.name, stranger.version, other.source)
    assert "c 1 does not exist" in check({**choice, "c": Node("c", fake)}, universe)
