"""The rules of merging and resolving, each proved for small random worlds."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from itertools import product
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from resolver import ConflictError, Installed
from resolver.errors import ContradictoryLinesError, MovedError
from resolver.search.backjump_search import search
from resolver.search.provider import ask_resolvelib
from resolver.search.universe import Universe
from resolver.search.verify import check
from resolver.solving import resolve
from resolver.target import Target

from ..resolver.memory_source import MemorySource, StatedMetadata
from .requirement_lines import merge

TARGET = Target.current()
NAMES = "abcde"

# Worlds as data


@dataclass
class Here:
    """What is installed: `Installed` as far as a resolution asks it, without a disk."""

    world: dict[str, tuple[str, list[str]]]
    target: Target = TARGET
    paths: tuple[str, ...] = ("site-packages",)
    asked: dict[str, Any] = field(default_factory=dict)

    def get(self, name):
        if name not in self.world:
            return None
        version, requires = self.world[name]
        return Ran(name, Version(version), tuple(map(Requirement, requires)))


@dataclass
class Ran:
    name: str
    version: Version
    requires: tuple[Requirement, ...] = ()
    direct_url: None = None
    extras: frozenset[str] = frozenset("x")
    requires_python: SpecifierSet = field(default_factory=SpecifierSet)

    def needs(self, target, extra=""):
        return StatedMetadata(self.requires).needs(target, extra)


NOTHING = Here({})

# Releases, and what PEP 440 has beside them: an epoch, local, pre- and post-releases.
VERSIONS = ("1", "2", "3", "2+cpu", "2rc1", "1.post1", "1!1")
SPECIFIERS: tuple[str, ...] = ("", "", "==1", "==2", ">=2", "<2", "<=2", "!=2", ">2", ">=1,<3")
SPECIFIERS += ("~=1.0", "==2.*", "!=1.*", "===2", "==2+cpu", ">=2rc1", ">1!0", "<3")
specifiers = st.sampled_from(SPECIFIERS)
versions = st.sampled_from(VERSIONS)
extras = st.sampled_from(["", "", "", "[x]"])
markers = st.sampled_from(["", "", '; extra == "x"'])
asks = st.builds("{}{}{}".format, st.sampled_from(NAMES), extras, specifiers)
requires = st.lists(st.builds("{}{}".format, asks, markers), max_size=3)
universes = st.dictionaries(
    st.sampled_from(NAMES),
    st.dictionaries(versions, requires, min_size=1, max_size=3),
    min_size=2,
)
roots = st.lists(asks, min_size=1, max_size=3)
limits = st.lists(st.builds("{}{}".format, st.sampled_from(NAMES), specifiers), max_size=2)
installs = st.dictionaries(st.sampled_from(NAMES), st.tuples(versions, requires))


def wanted(lines, *, traced=(), constraints=()):
    """Merge, or skip the example whose lines contradict each other."""
    try:
        return merge(traced, extra_pip_requirements=lines, constraints=constraints, target=TARGET)
    except ContradictoryLinesError:
        return None


def answer(requirements, here=NOTHING, universe=None, **options):
    """Resolve; None where it is refused."""
    sources = [MemorySource(universe)] if universe is not None else []
    try:
        return resolve(requirements, here, sources=sources, index="never", **options)
    except ConflictError:
        return None


def pins(resolution):
    return resolution and [str(pin.requirement) for pin in resolution.pins]


# The exhaustive oracle


def closure(universe, lines, constraints, choice):
    """Follow the lines through one choice of versions; None where something is not met."""
    reached: dict[str, Any] = {}
    asked = [Requirement(line) for line in lines]
    while asked:
        need = asked.pop()
        if need.name not in choice:
            return None
        version = choice[need.name]
        if not need.specifier.contains(version, prereleases=True):
            return None
        known = reached.setdefault(need.name, set())
        for extra in {"", *need.extras} - known:
            known.add(extra)
            each = [Requirement(text) for text in universe[need.name][version]]
            asked += [r for r in each if r.marker is None or (extra and "extra" in str(r.marker))]
    if any(
        limit.name in reached and not limit.specifier.contains(choice[limit.name], prereleases=True)
        for limit in map(Requirement, constraints)
    ):
        return None
    return {name: (choice[name], found - {""}) for name, found in reached.items()}


def solutions(universe, lines, constraints):
    names = sorted(universe)
    for versions in product(*(universe[name] for name in names)):
        choice = dict(zip(names, versions, strict=True))
        found = closure(universe, lines, constraints, choice)
        if found is not None:
            yield found


class TestSoundAndComplete:
    """resolvelib is not trusted alone: every answer passes an independent check and every refusal
    in a cyclic universe a complete search.
    """

    @given(universes, roots, limits)
    def test_answers_exactly_when_an_exhaustive_search_finds_one(self, universe, lines, limits):
        requirements = wanted(lines, constraints=limits)
        truth = list(solutions(universe, lines, limits))
        found = requirements and answer(requirements, universe=universe)
        assert (found is not None) == bool(truth)
        if found:
            got = {pin.name: (str(pin.version), set(pin.extras)) for pin in found.pins}
            assert got in truth

    @given(universes, roots, limits)
    def test_the_complete_search_alone_is_sound_and_complete(self, universe, lines, limits):
        requirements = wanted(lines, constraints=limits)
        if requirements is None:
            return
        everything = Universe(requirements, cast(Installed, NOTHING), [MemorySource(universe)])
        found = search(everything, everything.roots)
        assert (found is not None) == any(solutions(universe, lines, limits))
        assert found is None or check(found, everything) == ()

    @given(universes, roots, installs)
    def test_is_sound_whatever_is_installed(self, universe, lines, installed):
        requirements = wanted(lines, traced=ran(installed))
        if requirements is not None:
            here = Here(installed)
            everything = Universe(requirements, cast(Installed, here), [MemorySource(universe)])
            found = search(everything, everything.roots)
            refused = answer(requirements, here, universe, walk=False)
            assert (found is None) == (refused is None)
            assert found is None or check(found, everything) == ()


def ran(installed):
    return [Ran(name, Version(version)) for name, (version, _) in installed.items()]


class TestResolvelibWithCycles:
    """With cyclic dependencies it was seen to crash, to miss solutions and to return unsound ones.

    Minimal worlds of that kind.
    """

    def test_an_answer_that_lacks_a_name_is_not_believed(self):
        universe = {
            "b": {"1": [], "2": ["c>=2"]},
            "c": {"1": [], "3": ["a<=2", "b==1"]},
            "a": {"2": ["c==1"]},
        }
        found = answer(wanted(["b"]), universe=universe)
        assert pins(found) == ["b==1"]

    def test_a_recursion_error_ends_in_the_right_answer(self):
        universe = {
            "d": {"1": [], "2": ["c==1"]},
            "c": {"1": ["a==1"]},
            "a": {"1": ["b==1"]},
            "b": {"1": ["c==1", "d==1"]},
        }
        assert pins(answer(wanted(["d"]), universe=universe)) == ["d==1"]

    def test_resolvelib_alone_still_fails_on_one_of_them(self):
        """Else the complete search would have no reason to be."""
        universe = {
            "d": {"1": [], "2": ["c==1"]},
            "c": {"1": ["a==1"]},
            "a": {"1": ["b==1"]},
            "b": {"1": ["c==1", "d==1"]},
        }
        everything = Universe(wanted(["d"]), cast(Installed, NOTHING), [MemorySource(universe)])
        alone = ask_resolvelib(everything, everything.roots)
        assert alone is None or isinstance(alone, tuple) or check(alone, everything)


class TestRule1Names:
    """Names compare normalised (PEP 503).

    Markers are evaluated for the target; a false one drops the entry, and the result says so.
    """

    @given(st.sampled_from(["Foo.Bar", "foo_bar", "FOO-BAR", "foo--bar"]), specifiers)
    def test_spellings_are_one_name(self, spelling, specifier):
        merged = wanted([f"{spelling}{specifier}"], traced=[Ran("foo-bar", Version("1"))])
        assert [root.name for root in merged.roots] == ["foo-bar"]

    @given(asks)
    def test_a_false_marker_drops_the_entry_and_is_listed(self, ask):
        merged = wanted([f'{ask}; python_version < "3"'])
        assert merged.roots == ()
        assert [line.origin.text for line in merged.dropped] == [f'{ask}; python_version < "3"']


class TestRule2PipRequirements:
    """`pip_requirements` replaces what was traced."""

    @given(installs, roots)
    def test_nothing_traced_is_left(self, installed, lines):
        try:
            merged = merge(ran(installed), pip_requirements=lines, target=TARGET)
        except ContradictoryLinesError:
            return
        assert {root.name for root in merged.roots} == {Requirement(line).name for line in lines}
        assert all(root.by_user for root in merged.roots)
        assert {root.name for root in merged.replaced} == set(installed)


class TestRule3ExtraPipRequirements:
    """It is added to what was traced. On the same name the user's specifier or URL replaces the
    traced pin; extras are united. Other traced roots keep their `==`.
    """

    @given(installs, roots)
    def test_the_users_word_wins_on_its_names_and_no_other(self, installed, lines):
        merged = wanted(lines, traced=ran(installed))
        if merged is None:
            return
        by_name = {root.name: root for root in merged.roots}
        asked: dict[str, list[Requirement]] = {}
        for line in map(Requirement, lines):
            asked.setdefault(line.name, []).append(line)
        assert set(by_name) == set(installed) | set(asked)
        for name, root in by_name.items():
            said = asked.get(name, [])
            specifier = SpecifierSet(
                ",".join(str(line.specifier) for line in said if line.specifier)
            )
            kept = SpecifierSet(f"=={installed[name][0]}") if name in installed else specifier
            assert root.requirement.specifier == (specifier if len(specifier) else kept)
            assert root.requirement.extras == set().union(*(line.extras for line in said))
            assert root.traced == (Version(installed[name][0]) if name in installed else None)

    @given(installs, roots, universes)
    def test_what_moves_is_listed_and_strict_refuses_it(self, installed, lines, universe):
        requirements = wanted(lines, traced=ran(installed))
        found = requirements and answer(requirements, Here(installed), universe)
        if found:
            differing = {
                pin.name
                for pin in found.pins
                if pin.name in installed and pin.version != Version(installed[pin.name][0])
            }
            assert {move.name for move in found.moves} == differing
            assert all(move.because for move in found.moves)
            try:
                strictly = resolve(
                    requirements,
                    cast(Installed, Here(installed)),
                    sources=[MemorySource(universe)],
                    index="never",
                    strict=True,
                )
            except MovedError:
                assert differing
            else:
                assert not differing
                assert strictly == found


class TestRule4Constraints:
    """A constraint narrows and never adds."""

    @given(roots, limits)
    def test_a_constraint_never_adds_a_name_to_the_merged_set(self, lines, limits):
        merged, free = wanted(lines, constraints=limits), wanted(lines)
        if merged is not None:
            assert merged.roots == free.roots

    @given(universes, roots, limits)
    def test_a_constraint_that_already_holds_changes_nothing(self, universe, lines, limits):
        requirements = wanted(lines)
        found = requirements and answer(requirements, universe=universe)
        if found:
            same = [str(Requirement(f"{pin.name}=={pin.version}")) for pin in found.pins]
            again = answer(wanted(lines, constraints=same), universe=universe)
            assert pins(again) == pins(found)


class TestRule5SameNameTwice:
    """Twice the same name in one layer: the intersection; an empty one is an error that shows both
    lines and where they stand. Two different URLs for one name are an error.
    """

    @pytest.mark.skipif(
        not hasattr(SpecifierSet, "is_unsatisfiable"),
        reason="packaging 26.2 can tell, older cannot",
    )
    @given(st.integers(1, 9), st.integers(1, 9))
    def test_an_empty_one_shows_both_lines(self, low, gap):
        with pytest.raises(ContradictoryLinesError) as caught:
            merge([], pip_requirements=[f"a<{low}", f"A>={low + gap}"], target=TARGET)
        assert f"pip_requirements[0]: a<{low}" in str(caught.value)
        assert f"pip_requirements[1]: A>={low + gap}" in str(caught.value)


def has_local_sibling(pin, universe):
    others = map(Version, universe.get(pin.name, ()))
    return any(each.local and each.public == str(pin.version) for each in others)


class TestRule6Order:
    """The result does not depend on the order of entries, in the merge or in the resolution.

    Merging a result with itself changes nothing; resolving its own pins gives the same pins.
    """

    @given(roots, limits, st.randoms(use_true_random=False))
    def test_the_merge_does_not_depend_on_it(self, lines, limits, random):
        merged = wanted(lines, constraints=limits)
        shuffled = wanted(
            random.sample(lines, len(lines)), constraints=random.sample(limits, len(limits))
        )
        assert (merged is None) == (shuffled is None)
        if merged:
            assert [str(r.requirement) for r in merged.roots] == [
                str(r.requirement) for r in shuffled.roots
            ]

    @given(universes, roots, limits, installs, st.randoms(use_true_random=False))
    def test_the_resolution_does_not_depend_on_it(self, universe, lines, limits, installed, random):
        def shuffled(world):
            return {name: world[name] for name in random.sample(sorted(world), len(world))}

        here, traced = Here(installed), ran(installed)
        first = wanted(lines, traced=traced, constraints=limits)
        second = wanted(
            random.sample(lines, len(lines)),
            traced=random.sample(traced, len(traced)),
            constraints=random.sample(limits, len(limits)),
        )
        if first:
            one = answer(first, here, universe)
            other = answer(
                second, here, shuffled({name: shuffled(all_) for name, all_ in universe.items()})
            )
            assert pins(one) == pins(other)

    @given(roots)
    def test_merging_a_result_with_itself_changes_nothing(self, lines):
        merged = wanted(lines)
        if merged:
            itself = [str(root.requirement) for root in merged.roots]
            again = wanted(itself * 2)
            assert [str(root.requirement) for root in again.roots] == itself

    @given(universes, roots, installs)
    def test_resolving_its_own_pins_gives_the_same_pins(self, universe, lines, installed):
        requirements = wanted(lines, traced=ran(installed))
        here = Here(installed)
        found = requirements and answer(requirements, here, universe)
        # `==2` means 2+cpu too, and that is preferred (PEP 440, pip, uv): such a pin is not exact.
        if found and not any(has_local_sibling(pin, universe) for pin in found.pins):
            own = merge([], pip_requirements=pins(found), target=TARGET)
            assert pins(answer(own, here, universe)) == pins(found)


class TestRule7Arguments:
    """The caller's arguments are never changed."""

    @given(installs, roots, limits, universes)
    def test_lists_are_as_they_were(self, installed, lines, limits, universe):
        traced = ran(installed)
        given_before = copy.deepcopy((traced, lines, limits, universe))
        requirements = wanted(lines, traced=traced, constraints=limits)
        if requirements:
            answer(requirements, Here(installed), universe)
        assert (traced, lines, limits, universe) == given_before


class TestTheWalkIsTheSearch:
    """Where every root is installed at a version that satisfies, a walk gives the same answer.

    An optimisation of the same rules, held equal by a property test.
    """

    @given(installs, roots, limits)
    def test_both_give_the_same_pins_or_refuse(self, installed, lines, limits):
        requirements = wanted(lines, traced=ran(installed), constraints=limits)
        if requirements:
            here = Here(installed)
            walked = answer(requirements, here)
            assert walked == answer(requirements, here, walk=False)

    @given(installs, roots, universes)
    def test_other_versions_elsewhere_change_nothing(self, installed, lines, universe):
        requirements = wanted(lines, traced=ran(installed))
        here = Here(installed)
        walked = requirements and answer(requirements, here)
        if walked:
            assert answer(requirements, here, universe) == walked
            assert answer(requirements, here, universe, walk=False) == walked
