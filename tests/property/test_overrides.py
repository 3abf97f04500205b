"""Overrides, exclusions and what is provided: each rule proved for small random worlds."""

from __future__ import annotations

import copy

from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from resolver.errors import ContradictoryLinesError

from .requirement_lines import merge
from .test_rules import (
    NAMES,
    NOTHING,
    TARGET,
    Here,
    Ran,
    answer,
    installs,
    pins,
    ran,
    requires,
    roots,
    specifiers,
    universes,
)

some_names = st.lists(st.sampled_from(NAMES), max_size=2, unique=True)
spellings = st.sampled_from([str.lower, str.upper])
overriding = st.dictionaries(st.sampled_from(NAMES), specifiers)


def merged(lines, **given_lines):
    try:
        return merge((), extra_pip_requirements=lines, target=TARGET, **given_lines)
    except ContradictoryLinesError:
        return None


def texts(overrides):
    return [f"{name}{specifier}" for name, specifier in overrides.items()]


def relieved(universe, overrides, dropped):
    """Rewrite a universe by hand, as the rules say."""

    def counts(text):
        need = Requirement(text)
        if need.name in dropped:
            return None
        if need.name in overrides:
            extras = f"[{','.join(sorted(need.extras))}]" if need.extras else ""
            marker = f"; {need.marker}" if need.marker else ""
            return f"{need.name}{extras}{overrides[need.name]}{marker}"
        return text

    return {
        name: {version: [t for t in map(counts, needs) if t] for version, needs in each.items()}
        for name, each in universe.items()
    }


class TestRule4Overrides:
    """An override replaces every requirement on its name, transitive ones too, and adds nothing by
    itself.
    """

    @given(universes, roots, overriding)
    def test_it_is_as_if_everybody_had_said_so(self, universe, lines, overrides):
        requirements = merged(lines, overrides=texts(overrides))
        if requirements is None:
            return
        by_hand = relieved({"root": {"1": lines}}, overrides, ())["root"]["1"]
        plain = merged(by_hand)
        if plain is None:
            return
        found = answer(requirements, universe=universe)
        expected = answer(plain, universe=relieved(universe, overrides, ()))
        assert pins(found) == pins(expected)

    @given(roots, overriding)
    def test_it_adds_no_name(self, lines, overrides):
        requirements = merged(lines, overrides=texts(overrides))
        if requirements is not None:
            assert {root.name for root in requirements.roots} == {
                Requirement(line).name for line in lines
            }

    @given(installs, overriding)
    def test_a_traced_pin_is_replaced_and_still_says_what_ran(self, installed, overrides):
        requirements = merge(ran(installed), overrides=texts(overrides), target=TARGET)
        for root in requirements.roots:
            wanted = overrides.get(root.name, f"=={installed[root.name][0]}")
            assert root.requirement == Requirement(f"{root.name}{wanted}")
            assert root.traced == Version(installed[root.name][0])


class TestRule4Exclude:
    """`exclude` drops every requirement on its name, whoever stated it, and what only it needed."""

    @given(universes, roots, some_names, spellings)
    def test_it_is_as_if_nobody_had_asked(self, universe, lines, names, spelling):
        requirements = merged(lines, exclude=list(map(spelling, names)))
        if requirements is None:
            return
        kept = relieved({"root": {"1": lines}}, {}, names)["root"]["1"]
        plain = merged(kept)
        if plain is None:
            return
        found = answer(requirements, universe=universe)
        expected = answer(plain, universe=relieved(universe, {}, names))
        assert pins(found) == pins(expected)
        assert found is None or not {pin.name for pin in found.pins} & set(names)

    @given(universes, roots, some_names)
    def test_the_account_lists_who_had_declared_it(self, universe, lines, names):
        requirements = merged(lines, exclude=names)
        found = requirements and answer(requirements, universe=universe)
        for name in names if found else ():
            (note,) = [each for each in found.notes if f": {name} drops: " in each]
            for pin in found.pins:
                needs = map(Requirement, universe[pin.name][str(pin.version)])
                declares = any(need.name == name and need.marker is None for need in needs)
                assert (f"{pin.name} {pin.version} requires {name}" in note) >= declares


class TestRule9CondaEnvironment:
    """Its pip section acts as `pip_requirements`; conda packages that are a known distribution
    count as provided and are not repeated under pip.
    """

    @given(installs, roots, some_names)
    def test_the_pip_section_acts_as_pip_requirements(self, installed, lines, names):
        def roots_of(**section):
            try:
                found = merge(ran(installed), provided=names, target=TARGET, **section)
            except ContradictoryLinesError:
                return None
            return [(str(root.requirement), root.traced) for root in found.roots]

        assert roots_of(conda_env=lines) == roots_of(pip_requirements=lines)

    @given(universes, roots, some_names)
    def test_what_conda_provides_is_never_pinned(self, universe, lines, names):
        try:
            requirements = merge((), conda_env=lines, provided=names, target=TARGET)
        except ContradictoryLinesError:
            return
        found = answer(requirements, universe=universe)
        assert found is None or not {pin.name for pin in found.pins} & set(names)


class TestRule10Moves:
    """Every pin that differs from the version that was traced is listed in the account."""

    @given(installs, roots, universes)
    def test_what_differs_is_listed_and_nothing_else(self, installed, lines, universe):
        try:
            requirements = merge(ran(installed), extra_pip_requirements=lines, target=TARGET)
        except ContradictoryLinesError:
            return
        found = answer(requirements, Here(installed), universe)
        if found is not None:
            different = {
                pin.name
                for pin in found.pins
                if pin.name in installed and str(pin.version) != installed[pin.name][0]
            }
            assert {move.name for move in found.moves} == different


class TestProjects:
    """The requirements of an editable project are pinned; it travels by itself."""

    @given(installs, st.sampled_from(NAMES), requires)
    def test_its_requirements_are_asked_for_and_it_is_not(self, installed, name, needs):
        project = Ran(name, Version("1"), tuple(map(Requirement, needs)))
        before = copy.deepcopy(installed)
        found = merge(ran(installed), projects=[project], target=TARGET)
        asked = {need.name for need in project.needs(TARGET)} | set(installed)
        assert {root.name for root in found.roots} == asked - {name}
        assert found.provided == (name,)
        for root in found.roots:
            if root.name in installed:
                assert root.requirement.specifier.contains(installed[root.name][0])
        assert installed == before


def test_names_of_exclusions_are_compared_normalised():
    found = merge((), pip_requirements=["a-b", "c"], exclude=["A_B"], target=TARGET)
    assert [root.name for root in found.roots] == [canonicalize_name("c")]
    assert answer(found, NOTHING, {"c": {"1": ["a.b>=2"]}}).pins[0].name == "c"
