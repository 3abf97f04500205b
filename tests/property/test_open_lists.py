"""Rule 8 on lists that are open: their lines are roots, held against all answers there are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from envfiles import Entry, EnvSpec
from modelenv.pins.change.repin import Repinned, repin
from modelenv.pins.pin_set import PinSet
from resolver import ConflictError, Installed

from ..modelenv.pins.test_policies import (
    NAMES,
    TARGET,
    Asked,
    Universe,
    lines,
    sources_of,
    universes,
    versions,
)

LISTS = st.dictionaries(
    st.sampled_from(NAMES), st.sampled_from(["", "==1.0", "==2.0", "<3"]), max_size=3
)
OVERRIDES = st.dictionaries(
    st.sampled_from(NAMES), st.sampled_from(["", "==1.0", "==3.0", "<2", ">=2"]), max_size=2
)


@pytest.fixture(scope="module", autouse=True)
def _offline() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_CONFIG_FILE", "/dev/null")
        patch.setenv("PIP_NO_INDEX", "1")
        patch.delenv("PIP_FIND_LINKS", raising=False)
        yield


def opened(asked: list[str]) -> PinSet:
    entries = tuple(map(Entry, asked))
    return PinSet(EnvSpec(python=TARGET.python_version, requirements=entries), closed=False)


def overridden(universe: Universe, overrides: Asked) -> Universe:
    """Rewrite a universe by hand: whoever asks for an overridden name asks for what is said."""
    return Universe(
        {
            pin: {name: overrides.get(name, said) for name, said in needs.items()}
            for pin, needs in universe.needs.items()
        }
    )


def answer(universe: Universe, listed: list[str], asked: Asked, **how: bool) -> Repinned | None:
    with TemporaryDirectory() as place:
        sources = sources_of(universe, Path(place))
        try:
            return repin(opened(listed), lines(asked), Installed((), TARGET), sources, **how)
        except ConflictError:
            return None


class TestRule8OpenLists:
    """In a folder whose list is open an override counts for everybody and becomes a root; the other
    lines are roots and are resolved with their dependencies.
    """

    @given(universe=universes(), listed=LISTS, overrides=OVERRIDES)
    @settings(max_examples=80, deadline=None)
    def test_it_is_as_if_everybody_had_said_so(
        self, universe: Universe, listed: Asked, overrides: Asked
    ) -> None:
        found = answer(universe, lines(listed), overrides)
        truth = list(overridden(universe, overrides).answers({**listed, **overrides}, {}))
        assert (found is not None) == bool(truth)
        if found is not None:
            assert versions(list(found.lines)) in truth

    @given(universe=universes(), listed=LISTS, overrides=OVERRIDES)
    @settings(max_examples=30, deadline=None)
    def test_the_list_gets_lines_for_what_was_asked_alone(
        self, universe: Universe, listed: Asked, overrides: Asked
    ) -> None:
        found = answer(universe, lines(listed), overrides)
        if found is None:
            return
        chosen = versions(list(found.lines))
        stated = {each.name: each.specifier for each in map(Requirement, found.stated)}
        kept = {name: SpecifierSet(listed[name]) for name in listed.keys() - overrides.keys()}
        pinned = {name: SpecifierSet(f"=={chosen[name]}") for name in overrides}
        assert stated == {**kept, **pinned}
        assert found.changes.keys() <= overrides.keys()

    @given(universe=universes(), listed=LISTS, overrides=OVERRIDES)
    @settings(max_examples=30, deadline=None)
    def test_the_order_of_its_lines_does_not_matter(
        self, universe: Universe, listed: Asked, overrides: Asked
    ) -> None:
        turned = dict(reversed([*overrides.items()]))
        assert answer(universe, lines(listed), overrides) == answer(
            universe, lines(listed)[::-1], turned
        )

    @given(universe=universes(), listed=LISTS, asked=OVERRIDES)
    @settings(max_examples=50, deadline=None)
    def test_what_is_to_be_written_agrees_with_all_others(
        self, universe: Universe, listed: Asked, asked: Asked
    ) -> None:
        found = answer(universe, lines(listed), asked, agreeing=True)
        truth = list(universe.answers({**listed, **asked}, {}))
        assert (found is not None) == bool(truth)
        if found is not None:
            assert versions(list(found.lines)) in truth
            again = answer(universe, list(found.stated), {})
            assert again is not None
            assert again.stated == found.stated
