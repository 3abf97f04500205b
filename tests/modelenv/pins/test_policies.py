"""The policies of a change: kept, moved and refused pins, against all possible answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from envfiles import Entry, EnvSpec
from modelenv.pins.change.repin import repin
from modelenv.pins.change.requested import RequestedChange
from modelenv.pins.change.reresolve import reresolve
from modelenv.pins.package_sources import PackageSources
from modelenv.pins.pin_set import PinSet
from resolver import ConflictError, Installed, Target

from ...small_worlds import write_wheel

NAMES = ("a", "b", "c", "d")
VERSIONS = ("1.0", "2.0", "3.0")
TARGET = Target.current()

Pins = Mapping[str, str]
"""Versions by name."""
Asked = Mapping[str, str]
"""Specifiers by name."""


@dataclass(frozen=True)
class Universe:
    """What each version of each name requires."""

    needs: Mapping[tuple[str, str], Asked]

    def answers(self, roots: Asked, limits: Asked) -> Iterator[Pins]:
        """Yield every choice in which roots, limits and what is chosen agree, and nothing idles."""
        for versions in product((None, *VERSIONS), repeat=len(NAMES)):
            pins = {name: each for name, each in zip(NAMES, versions, strict=True) if each}
            asked = [roots, *(self.needs[item] for item in pins.items())]
            wanted = {name for each in asked for name in each}
            met = all(
                name in pins and pins[name] in SpecifierSet(said)
                for each in asked
                for name, said in each.items()
            )
            allowed = all(pins[name] in SpecifierSet(limits.get(name, "")) for name in pins)
            if met and allowed and wanted == pins.keys():
                yield pins

    def has_answer(self, roots: Asked, limits: Asked) -> bool:
        return next(self.answers(roots, limits), None) is not None


@st.composite
def universes(draw: st.DrawFn) -> Universe:
    said = st.sampled_from(["", ">=2", "<2", "<3", "==1.0", ">=3"])
    return Universe(
        {
            (name, version): draw(
                st.dictionaries(st.sampled_from(NAMES[place + 1 :]), said, max_size=2)
                if name != NAMES[-1]
                else st.just({})
            )
            for place, name in enumerate(NAMES)
            for version in VERSIONS
        }
    )


asked_lines = st.dictionaries(
    st.sampled_from(NAMES), st.sampled_from(["", "==1.0", "==2.0", "==3.0", "<3"]), min_size=1,
    max_size=2,
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _offline() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_CONFIG_FILE", "/dev/null")
        patch.setenv("PIP_NO_INDEX", "1")
        patch.delenv("PIP_FIND_LINKS", raising=False)
        yield


def sources_of(universe: Universe, folder: Path) -> PackageSources:
    for (name, version), needs in universe.needs.items():
        write_wheel(folder, name, version, [f"{each}{said}" for each, said in needs.items()])
    return PackageSources(folder)


def pin_set(pins: Pins, roots: frozenset[str]) -> PinSet:
    reasons = {name: "imported by the model" if name in roots else "via a" for name in pins}
    entries = tuple(Entry(f"{name}=={version}", reasons[name]) for name, version in pins.items())
    return PinSet(EnvSpec(python=TARGET.python_version, requirements=entries))


def lines(asked: Asked) -> list[str]:
    return [f"{name}{said}" for name, said in asked.items()]


def equal(pins: Pins) -> Asked:
    return {name: f"=={version}" for name, version in pins.items()}


def versions(pins: list[str]) -> Pins:
    parsed = map(Requirement, pins)
    return {each.name: next(iter(each.specifier)).version for each in parsed}


@st.composite
def folders(draw: st.DrawFn) -> tuple[Universe, Pins]:
    """A universe, and one of the answers for the root ``a``."""
    universe = draw(universes())
    answers = list(universe.answers({"a": ""}, {}))
    assume(answers)
    return universe, draw(st.sampled_from(answers))


@given(folder=folders(), asked=asked_lines)
@settings(max_examples=60, deadline=None)
def test_repin_gives_the_new_lines_the_last_word(
    folder: tuple[Universe, Pins], asked: Asked
) -> None:
    universe, pins = folder
    firm = {
        name: said
        for name, said in equal(pins).items()
        if name not in asked or pins[name] in SpecifierSet(asked[name])
    }
    with TemporaryDirectory() as place:
        sources = sources_of(universe, Path(place))
        before = pin_set(pins, frozenset("a"))
        try:
            found = repin(before, lines(asked), Installed((), TARGET), sources)
        except ConflictError:
            assert not universe.has_answer({**dict.fromkeys(pins, ""), **asked}, {})
            return
    after = versions(list(found.lines))
    assert all(after[name] in SpecifierSet(said) for name, said in asked.items())
    assert pins.keys() <= after.keys()
    if universe.has_answer(asked, firm):
        assert {name: after[name] for name in firm} == {name: pins[name] for name in firm}
    else:
        assert dict(after) in list(universe.answers({**dict.fromkeys(pins, ""), **asked}, {}))


@given(folder=folders(), asked=asked_lines)
@settings(max_examples=60, deadline=None)
def test_reresolve_makes_all_agree_and_moves_no_more_than_it_must(
    folder: tuple[Universe, Pins], asked: Asked
) -> None:
    universe, pins = folder
    # A line that says no version leaves a root at its own.
    roots = {**asked, "a": asked.get("a") or f"=={pins['a']}"}
    following = {name: said for name, said in equal(pins).items() if name not in roots}
    change = RequestedChange.of(lines(asked), (), None, (), {})
    with TemporaryDirectory() as place:
        sources = sources_of(universe, Path(place))
        before = pin_set(pins, frozenset("a"))
        try:
            found = reresolve(before, change, Installed((), TARGET), sources, index="never")
        except ConflictError:
            assert not universe.has_answer(roots, {})
            return
    after = {pin.name: str(pin.version) for pin in found.pins}
    assert after in list(universe.answers(roots, {}))
    kept = {name: said for name, said in following.items() if f"=={after.get(name)}" == said}
    if universe.has_answer(roots, following):
        assert kept.keys() == following.keys() & after.keys()
    for name in following.keys() & after.keys() - kept.keys():
        assert not universe.has_answer(roots, {**kept, name: following[name]})


def test_of_what_follows_only_that_moves_which_clashes(tmp_path: Path) -> None:
    loose: dict[tuple[str, str], Asked] = {
        (name, version): {} for name in NAMES for version in VERSIONS
    }
    needs = {("a", version): {"b": "", "c": "", "d": ""} for version in VERSIONS}
    universe = Universe({**loose, **needs, ("d", "2.0"): {"b": ">=2"}})
    sources = sources_of(universe, tmp_path)
    before = pin_set(dict.fromkeys(NAMES, "1.0"), frozenset("a"))
    change = RequestedChange.of(["d==2.0"], (), None, (), {})
    found = reresolve(before, change, Installed((), TARGET), sources, index="never")
    after = {pin.name: str(pin.version) for pin in found.pins}
    assert after == {"a": "1.0", "b": "3.0", "c": "1.0", "d": "2.0"}
    assert repin(before, ["d==2.0"], Installed((), TARGET), sources).lines == tuple(
        lines(equal(after))
    )


@given(folder=folders())
@settings(max_examples=20, deadline=None)
def test_what_is_pinned_already_changes_nothing(folder: tuple[Universe, Pins]) -> None:
    universe, pins = folder
    change = RequestedChange.of(lines({"a": equal(pins)["a"]}), (), None, (), {})
    with TemporaryDirectory() as place:
        sources = sources_of(universe, Path(place))
        before, here = pin_set(pins, frozenset("a")), Installed((), TARGET)
        assert repin(before, lines(equal(pins)), here, sources).changes == {}
        found = reresolve(before, change, here, sources, index="never")
    assert {pin.name: str(pin.version) for pin in found.pins} == pins
