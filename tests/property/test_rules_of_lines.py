"""The rules of merging, each proved for lines that reach the corners of what may be written.

They are handed in as they stand, and through every form of a list that says lines.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from resolver.errors import ContradictoryLinesError
from resolver.target import Target

from .doors import AT_HAND, DOORS, read, shows
from .requirement_lines import (
    NAMES,
    SPECIFIERS,
    URLS,
    VERSIONS,
    by_name,
    merge,
    said,
    spellings,
    texts,
)

TARGET = Target.current()
lines = st.lists(said(), max_size=5)
plain = st.lists(said(urls=False), max_size=4)
versions = st.sampled_from(VERSIONS)
specifiers = st.sampled_from(SPECIFIERS)


@pytest.fixture(
    scope="module",
    autouse=True,
    params=[
        None,
        *(pytest.param(each, marks=pytest.mark.slow, id=each.__name__) for each in DOORS),
    ],
)
def door(request):
    """Hand lines in through a door; what is slow are the files of it."""
    before = AT_HAND.set(request.param)
    yield
    AT_HAND.reset(before)


@dataclass
class Ran:
    name: str
    version: Version


@st.composite
def traces(draw):
    """What ran: names in any spelling, versions of any kind."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=4))
    return [Ran(draw(spellings(name)), Version(draw(versions))) for name in names]


def merged(ran=(), **given_lines):
    """Merge; None where the lines contradict each other."""
    try:
        return merge(ran, target=TARGET, **given_lines)
    except ContradictoryLinesError:
        return None


def pinned(ran):
    return {canonicalize_name(each.name): each.version for each in ran}


def admits(specifier, version):
    return specifier.contains(version, prereleases=True)


def roots(requirements):
    """Write the roots as data: several where a name has a URL beside a specifier."""
    return [
        (root.name, root.requirement.url, root.requirement.specifier, root.requirement.extras)
        for root in requirements.roots
    ]


class TestTheLines:
    """What is proved below is proved of these lines: they are what they are said to be."""

    @given(said())
    def test_a_line_is_read_as_it_is_meant(self, line):
        (found,) = read([line.text], "x").requirements
        asked = found.requirement
        assert canonicalize_name(asked.name) == line.name
        assert frozenset(map(canonicalize_name, asked.extras)) == line.extras
        assert asked.specifier == SpecifierSet(line.specifier)
        assert (asked.url, TARGET.admits(asked.marker)) == (line.url, line.counts)


class TestRule1Names:
    """Names compare normalised (PEP 503). Markers are evaluated for the target environment; a false
    one drops the entry, and the result says so.
    """

    @given(lines)
    def test_one_name_has_one_root_however_it_is_spelled_and_false_ones_are_listed(self, given_):
        found = merged(pip_requirements=texts(given_))
        if found is None:
            return
        counted = by_name(given_)
        assert {root.name for root in found.roots} == set(counted)
        for root in found.roots:
            assert root.requirement.marker is None
            assert root.requirement.extras <= {
                e for each in counted[root.name] for e in each.extras
            }
        dropped = sorted(line.origin.text for line in found.dropped)
        assert dropped == sorted(each.text for each in given_ if not each.counts)

    @given(spellings("d-e-f"), spellings("d-e-f"), spellings("d-e-f"))
    def test_constraints_overrides_and_exclusions_know_a_name_in_any_spelling(
        self, one, two, three
    ):
        found = merge([], pip_requirements=[one], constraints=[f"{two}<2"], target=TARGET)
        assert found.constraints[0].requirement.name == found.roots[0].name == "d-e-f"
        found = merge([], pip_requirements=[one], overrides=[f"{two}==3"], target=TARGET)
        assert str(found.roots[0].requirement) == "d-e-f==3"
        assert merge([], pip_requirements=[one], exclude=[three], target=TARGET).roots == ()


class TestRule2PipRequirements:
    """`pip_requirements` replaces what was traced."""

    @given(traces(), lines)
    def test_nothing_traced_is_left_but_what_the_list_asks_for(self, ran, given_):
        found = merged(ran, pip_requirements=texts(given_))
        if found is None:
            return
        alone = merged((), pip_requirements=texts(given_))
        assert roots(found) == roots(alone)
        assert {root.name for root in found.replaced} == set(pinned(ran))
        assert all(root.traced == pinned(ran).get(root.name) for root in found.roots)


class TestRule3ExtraPipRequirements:
    """It is added to what was traced. On the same name the user's specifier or URL replaces the
    traced pin; extras are united. Other traced roots keep their `==`.
    """

    @given(traces(), lines)
    def test_the_users_word_replaces_the_pins_of_its_names_alone(self, ran, given_):
        found = merged(ran, extra_pip_requirements=texts(given_))
        if found is None:
            return
        counted = by_name(given_)
        assert {root.name for root in found.roots} == set(counted) | set(pinned(ran))
        for name, version in pinned(ran).items():
            mine = [root for root in found.roots if root.name == name]
            words = counted.get(name, [])
            told = [each for each in words if each.url or each.specifier]
            extras = {extra for each in words for extra in each.extras}
            assert set().union(*(root.requirement.extras for root in mine)) == extras
            assert all(root.traced == version for root in mine)
            if not told:
                assert [str(root.requirement.specifier) for root in mine] == [f"=={version}"]
            else:
                assert {root.requirement.url for root in mine} - {None} == {
                    each.url for each in told if each.url
                }
                assert name in {root.name for root in found.replaced}


class TestRule4Constraints:
    """A constraint narrows and never adds."""

    @given(traces(), plain, plain)
    def test_it_never_adds_a_name_nor_changes_what_is_asked(self, ran, given_, limits):
        narrowed = [f"{line.name}{line.specifier}" for line in limits]
        free = merged(ran, extra_pip_requirements=texts(given_))
        found = merged(ran, extra_pip_requirements=texts(given_), constraints=narrowed)
        assert (free is None) == (found is None)
        if found is not None:
            assert roots(found) == roots(free)
            assert {line.requirement.name for line in found.constraints} == {
                line.name for line in limits
            }


class TestRule4Overrides:
    """An override replaces every requirement on its name and adds nothing by itself."""

    @given(traces(), lines, st.dictionaries(st.sampled_from(NAMES), specifiers), st.data())
    def test_it_replaces_specifiers_and_urls_and_keeps_extras(self, ran, given_, said_, data):
        over = [data.draw(spellings(name)) + specifier for name, specifier in said_.items()]
        free = merged(ran, extra_pip_requirements=texts(given_))
        found = merged(ran, extra_pip_requirements=texts(given_), overrides=over)
        if free is None or found is None:
            return
        assert {root.name for root in found.roots} == {root.name for root in free.roots}
        for root in found.roots:
            before = [each.requirement for each in free.roots if each.name == root.name]
            assert root.requirement.extras == set().union(*(each.extras for each in before)) or (
                root.name not in said_
            )
            if root.name in said_:
                assert root.requirement.specifier == SpecifierSet(said_[root.name])
                assert root.requirement.url is None

    @given(lines, st.sampled_from(URLS))
    def test_a_url_overrides_as_well(self, given_, url):
        found = merged(pip_requirements=texts(given_), overrides=[f"b_C @ {url}"])
        for root in found.roots if found else ():
            assert root.name != "b-c" or root.requirement.url == url


class TestRule4Exclude:
    """`exclude` drops every requirement on its name, whoever stated it."""

    @given(traces(), lines, st.lists(st.sampled_from(NAMES), max_size=2, unique=True), st.data())
    def test_the_others_stay_as_they_were(self, ran, given_, names, data):
        out = [data.draw(spellings(name)) for name in names]
        free = merged(ran, extra_pip_requirements=texts(given_))
        found = merged(ran, extra_pip_requirements=texts(given_), exclude=out)
        if free is not None:
            assert roots(found) == [each for each in roots(free) if each[0] not in names]


class TestRule5SameNameTwice:
    """Twice the same name in one layer: the intersection; an empty one is an error that shows both
    lines and where they stand. Two different URLs for one name are an error.
    """

    @given(st.data(), specifiers, specifiers, versions)
    def test_the_intersection_admits_what_both_admit(self, data, one, other, version):
        pair = [data.draw(spellings("b-c")) + one, data.draw(spellings("b-c")) + other]
        both = all(admits(SpecifierSet(each), version) for each in (one, other))
        found = merged(pip_requirements=pair)
        if found is None:
            assert not both
        else:
            assert admits(found.roots[0].requirement.specifier, version) == both

    @given(st.data(), st.sampled_from(URLS), st.sampled_from(URLS))
    def test_two_urls_are_an_error_that_shows_both_unless_they_are_one(self, data, one, other):
        pair = [f"{data.draw(spellings('b-c'))} @ {url}" for url in (one, other)]
        if one == other:
            assert merge([], pip_requirements=pair, target=TARGET).roots[0].requirement.url == one
            return
        with pytest.raises(ContradictoryLinesError) as caught:
            merge([], pip_requirements=pair, target=TARGET)
        assert all(
            any(shows(said_, "pip_requirements", i, pair[i]) for said_ in caught.value.lines)
            for i in (0, 1)
        )

    @given(lines)
    def test_whatever_contradicts_is_shown_with_its_places(self, given_):
        if merged(pip_requirements=texts(given_)) is not None:
            return
        with pytest.raises(ContradictoryLinesError) as caught:
            merge([], pip_requirements=texts(given_), target=TARGET)
        mine = [
            (index, line.text)
            for index, line in enumerate(given_)
            if line.counts and line.name == caught.value.name
        ]
        assert len(caught.value.lines) > 1
        assert all(
            any(shows(each, "pip_requirements", *line) for line in mine)
            for each in caught.value.lines
        )


class TestRule6Order:
    """The result does not depend on the order of entries; merging a result with itself changes
    nothing; a constraint never adds a name to the merged set.
    """

    @given(traces(), lines, plain, st.randoms(use_true_random=False))
    def test_the_merge_does_not_depend_on_it(self, ran, given_, limits, random):
        def of(ran, given_, limits):
            narrowed = [f"{line.name}{line.specifier}" for line in limits]
            return merged(ran, extra_pip_requirements=texts(given_), constraints=narrowed)

        def shuffled(values):
            return random.sample(values, len(values))

        one, other = of(ran, given_, limits), of(shuffled(ran), shuffled(given_), shuffled(limits))
        assert (one is None) == (other is None)
        if one is not None:
            assert roots(one) == roots(other)
            assert [str(c.requirement) for c in one.constraints] == [
                str(c.requirement) for c in other.constraints
            ]
            assert sorted(line.origin.text for line in one.dropped) == sorted(
                line.origin.text for line in other.dropped
            )

    @given(lines)
    def test_merging_a_result_with_itself_changes_nothing(self, given_):
        found = merged(pip_requirements=texts(given_))
        if found is not None:
            itself = [str(root.requirement) for root in found.roots]
            again = merge([], pip_requirements=itself * 2, target=TARGET)
            assert roots(again) == roots(found)


class TestRule7Arguments:
    """The caller's arguments are never changed."""

    @given(traces(), lines, plain, plain)
    def test_they_are_as_they_were(self, ran, given_, limits, over):
        names = {line.name: line for line in over}.values()
        arguments = {
            "extra_pip_requirements": texts(given_),
            "constraints": [f"{line.name}{line.specifier}" for line in limits],
            "overrides": [f"{line.name}{line.specifier}" for line in names],
            "exclude": ["X1"],
            "provided": ["numpy"],
        }
        before = copy.deepcopy((ran, arguments))
        merged(ran, **arguments)
        assert (ran, arguments) == before


class TestRule8RunOverride:
    """`pip_requirements_override` counts as overrides plus roots. (That the folder's pins stay
    where they can is held for the whole change, against all answers there are.)
    """

    @given(st.lists(st.sampled_from(NAMES), unique=True), st.lists(said(), max_size=3))
    def test_its_lines_are_roots_and_overrides(self, pinned, given_):
        told = {line.name: line for line in given_ if line.counts}
        over = [each.text for each in told.values()]
        others = [name for name in pinned if name not in told]
        found = merged((), pip_requirements=[*over, *others], overrides=over)
        asked = {root.name: root.requirement for root in found.roots}
        assert set(asked) == set(pinned) | set(told)
        assert {each.name for each in found.overrides} == set(told)
        for name, line in told.items():
            assert asked[name].url == line.url
            assert asked[name].specifier == SpecifierSet(line.specifier)


class TestRule9CondaEnvironment:
    """Its pip section acts as `pip_requirements`; conda packages that are a known distribution
    count as provided.
    """

    @given(traces(), lines, st.lists(st.sampled_from(NAMES), max_size=2, unique=True), st.data())
    def test_the_pip_section_is_a_list_without_what_conda_provides(self, ran, given_, names, data):
        there = [data.draw(spellings(name)) for name in names]
        found = merged(ran, conda_env=texts(given_), provided=there)
        plain_ = merged(ran, pip_requirements=texts(given_))
        assert (found is None) == (plain_ is None)
        if found is not None:
            assert roots(found) == [each for each in roots(plain_) if each[0] not in names]


class TestRule10Traced:
    """Every pin that differs from the version that was traced is listed: the merge keeps both."""

    @given(traces(), lines)
    def test_each_root_remembers_the_version_that_ran(self, ran, given_):
        for layer in ("pip_requirements", "extra_pip_requirements"):
            found = merged(ran, **{layer: texts(given_)})
            for root in found.roots if found else ():
                assert root.traced == pinned(ran).get(root.name)


def test_the_lines_reach_every_corner():
    """A strategy that lost one would prove less, and no test would say so."""
    every = "".join((*SPECIFIERS, *VERSIONS))
    assert all(part in every for part in ("===", "~=", ".*", "!1", "+", "rc", ".dev", ".post"))
