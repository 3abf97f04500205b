"""The rules of preference as resolvelib hears them."""

from __future__ import annotations

import pytest
from resolvelib import RequirementsConflicted

from resolver import merge
from resolver.search.graph import extra_of, preference
from resolver.search.provider import Provider, ask_resolvelib
from resolver.search.universe import Universe

from ..memory_source import MemorySource


@pytest.fixture
def ask(world):
    """Build a universe for lines and data, with nothing installed."""

    def build(lines, data):
        installed = world.installed()
        requirements = merge([], pip_requirements=lines, target=installed.target)
        return Universe(requirements, installed, [MemorySource(data)])

    return build


def test_an_extra_is_a_node_of_its_own_tied_to_its_base(ask):
    universe = ask(["a[x]>=1"], {"a": {"1": ['b; extra == "x"'], "2": []}})
    assert [need.key for need in universe.roots] == ["a", "a[x]"]
    node = next(universe.nodes("a[x]"))
    tie = universe.needs(node)[0]
    assert (tie.key, tie.exact) == ("a", node.candidate)
    assert [str(n.candidate) for n in universe.nodes("a", [tie])] == [str(node.candidate)]


def test_one_node_is_one_object(ask):
    universe = ask(["a"], {"a": {"1": []}})
    assert next(universe.nodes("a")) is next(universe.nodes("a"))


def test_matches_satisfy_every_need_and_are_not_refused(ask):
    universe = ask(["a>=2", "a<4"], {"a": {str(i): [] for i in range(1, 6)}})
    provider = Provider(universe)
    three = next(universe.nodes("a", universe.roots))
    matches = provider.find_matches(
        identifier="a",
        requirements={"a": iter(universe.roots)},
        incompatibilities={"a": iter([three])},
    )
    assert [str(node.candidate) for node in matches()] == ["a 2"]
    assert list(matches()) == list(matches())


def test_a_match_for_an_extra_also_satisfies_what_is_asked_of_the_base(ask):
    universe = ask(["a<2", "b[x]"], {"a": {"1": []}, "b": {"1": [], "2": []}})
    provider = Provider(universe)
    needs = ask(["b<2"], {}).roots
    matches = provider.find_matches(
        identifier="b[x]",
        requirements={"b[x]": iter(universe.roots[2:]), "b": iter(needs)},
        incompatibilities={"b[x]": iter(())},
    )
    assert [node.candidate.version.major for node in matches()] == [1]


def test_what_leaves_the_least_choice_is_decided_first(ask):
    lines = ["a", "b>=1", "c<2", "d==1", "e @ https://host/e-1-py3-none-any.whl", "f==1.*"]
    ranked = sorted(ask(lines, {}).roots, key=lambda need: (preference(need), need.name))
    assert [need.name for need in ranked] == ["e", "d", "c", "f", "b", "a"]


def test_a_refusal_holds_the_clash(ask):
    universe = ask(["a", "b"], {"a": {"1": ["c<1"]}, "b": {"1": ["c>1"]}, "c": {"1": []}})
    refusal = ask_resolvelib(universe, universe.roots)
    assert isinstance(refusal, tuple)
    assert {str(need.requirement) for need in refusal} <= {"c<1", "c>1", "a", "b"}


def test_the_extra_of_a_key():
    assert [extra_of("a"), extra_of("a[x]")] == ["", "x"]


def test_a_choice_whose_metadata_is_unusable_is_refused_by_its_name(ask):
    """A refusal without a name makes resolvelib undo choices that have nothing to do with it."""
    universe = ask(["a"], {"a": {"1": ["not a requirement"]}})
    with pytest.raises(RequirementsConflicted) as caught:
        Provider(universe).get_dependencies(next(universe.nodes("a")))
    assert [need.key for need in caught.value.criterion.iter_requirement()] == ["a"]


def test_what_was_asked_for_is_decided_before_what_others_want(ask):
    universe = ask(["z"], {"z": {"1": ["a"]}})
    (asked,) = universe.roots
    (wanted,) = universe.needs(next(universe.nodes("z")))
    assert universe.rank([asked]) < universe.rank([wanted])
