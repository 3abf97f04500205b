"""The rules of merging, where what is merged was observed in any way that there is."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import resolver
from envfiles import Entry, EnvSpec, check_agreement, read_folder, write_files
from resolver.errors import ContradictoryLinesError

from . import observed
from .observed import attributed, heres, made
from .requirement_lines import merge
from .test_rules import TARGET, limits
from .test_rules import roots as lines_of_the_user

kept = st.lists(st.booleans(), max_size=5)
randoms = st.randoms(use_true_random=False)


def names(requirements):
    return [root.name for root in requirements.roots]


def merged(traced, **given_lines):
    """Merge, or skip the example whose lines contradict each other."""
    try:
        return merge(traced, target=TARGET, **given_lines)
    except ContradictoryLinesError:
        return None


def resolved(requirements, installed, **options):
    """Resolve with what is installed alone; None where it is refused."""
    try:
        return resolver.resolve(requirements, installed, sources=[], index="never", **options)
    except resolver.ConflictError:
        return None


def pins(resolution):
    return resolution and [str(pin.requirement) for pin in resolution.pins]


def needed(here, starts):
    """Follow what is required by metadata, with the extras that are asked for."""
    waiting = [(name, "") for name in starts]
    reached = set(waiting)
    while waiting:
        name, extra = waiting.pop()
        _, requires, _ = here.world.get(name, ("", (), ""))
        for need in map(Requirement, requires):
            if need.marker is None or need.marker.evaluate({"extra": extra}):
                found = {(need.name, each) for each in ("", *need.extras)} - reached
                reached |= found
                waiting += found
    return {name for name, _ in reached}


class TestKinds:
    """Direct is what the model imported, input what only its example did; whatever else was seen is
    declared where it is required, else optional; what only runs at the start is told apart.
    """

    @given(heres())
    def test_each_follows_from_what_was_seen(self, here):
        with made(here) as installed:
            found = attributed(here, installed)
        kinds = {each.distribution.name: each.kind for each in found.distributions}
        by_model = [each for each in here.seen if each.way == "module" and each.importer is None]
        direct = {each.of for each in by_model if each.phase != "input"}
        of_input = {each.of for each in by_model} - direct
        listed = {name for name, (_, _, form) in here.world.items() if form == "listed"}
        seen = {each.of for each in here.seen if each.way == "module"}
        seen |= {
            each.of
            for each in here.seen
            if each.way in ("file", "library", "metadata") and not each.is_own
        }
        programs = {each.of for each in here.seen if each.way == "program" and not each.is_own}
        seen |= programs & listed
        declared = needed(here, direct | of_input)
        rest = seen - direct - of_input
        assert kinds == {
            **dict.fromkeys(direct, "direct"),
            **dict.fromkeys(of_input, "input"),
            **dict.fromkeys(rest & declared, "declared"),
            **dict.fromkeys(rest - declared, "optional"),
        }
        at_start = {each.of for each in here.seen if each.way == "startup"} & listed
        assert {each.distribution.name for each in found.startup} == at_start - seen - declared
        assert found.first_party == ()
        assert found.unlisted == ()

    @given(heres(), randoms)
    def test_none_depends_on_the_order_in_which_it_was_seen(self, here, random):
        shuffled = replace(here, seen=random.sample(here.seen, len(here.seen)))
        with made(here) as installed:
            one, other = attributed(here, installed), attributed(shuffled, installed)
        assert [(each.distribution, each.kind) for each in one.distributions] == [
            (each.distribution, each.kind) for each in other.distributions
        ]
        assert one.startup == other.startup

    @given(heres())
    def test_imports_are_shown_before_all_else_and_nothing_is_evidence_of_itself(self, here):
        with made(here) as installed:
            found = attributed(here, installed)
        for each in (*found.distributions, *found.startup):
            shown = [evidence.kind for evidence in each.evidence]
            assert shown == sorted(shown, key=observed.WAYS.index)
            own = f"{each.distribution.name}/__init__.py"
            assert own not in {evidence.file for evidence in each.evidence}


class TestRule2PipRequirements:
    """`pip_requirements` replaces what was traced, in whatever way it was."""

    @given(heres(), lines_of_the_user, kept)
    def test_nothing_observed_is_left(self, here, lines, kept):
        with made(here) as installed:
            traced = observed.roots(attributed(here, installed), kept)
            requirements = merged(traced, pip_requirements=lines)
        if requirements is not None:
            assert names(requirements) == sorted({Requirement(line).name for line in lines})
            assert {root.name for root in requirements.replaced} == {each.name for each in traced}


class TestRule3ExtraPipRequirements:
    """On the same name the user's word replaces the traced pin. Other roots keep their `==`."""

    @given(heres(), lines_of_the_user, kept)
    def test_the_users_word_wins_on_its_names_and_no_other(self, here, lines, kept):
        with made(here) as installed:
            traced = observed.roots(attributed(here, installed), kept)
            requirements = merged(traced, extra_pip_requirements=lines)
        if requirements is None:
            return
        asked = {Requirement(line).name for line in lines}
        for root in requirements.roots:
            version = here.world.get(root.name, ("",))[0]
            if root.name not in asked:
                assert root.requirement.specifier == SpecifierSet(f"=={version}")
            if root.name in {each.name for each in traced}:
                assert str(root.traced) == version
        assert set(names(requirements)) == asked | {each.name for each in traced}


class TestRule4Constraints:
    """A constraint narrows and never adds; an exclusion drops whoever stated it."""

    @given(heres(), limits, kept)
    def test_a_constraint_never_adds_what_was_not_observed(self, here, lines, kept):
        with made(here) as installed:
            traced = observed.roots(attributed(here, installed), kept)
            limited, free = merged(traced, constraints=lines), merged(traced)
        if limited is not None:
            assert limited.roots == free.roots

    @given(heres(), kept, st.sampled_from("abcde"))
    def test_what_is_excluded_is_no_root_however_it_was_observed(self, here, kept, name):
        with made(here) as installed:
            traced = observed.roots(attributed(here, installed), kept)
            requirements = merged(traced, exclude=[name])
        assert set(names(requirements)) == {each.name for each in traced} - {name}


class TestRule6Order:
    """The result does not depend on the order; merging it with itself changes nothing; resolving
    its own pins gives the same pins.
    """

    @given(heres(), lines_of_the_user, kept, randoms)
    def test_neither_of_what_was_observed_nor_of_the_lines(self, here, lines, kept, random):
        with made(here) as installed:
            traced = observed.roots(attributed(here, installed), kept)
            one = merged(traced, extra_pip_requirements=lines)
            other = merged(
                random.sample(traced, len(traced)),
                extra_pip_requirements=random.sample(lines, len(lines)),
            )
            assert (one is None) == (other is None)
            if one is not None:
                assert names(one) == names(other)
                assert pins(resolved(one, installed)) == pins(resolved(other, installed))

    @given(heres(), kept)
    def test_what_was_observed_twice_is_once(self, here, kept):
        with made(here) as installed:
            traced = observed.roots(attributed(here, installed), kept)
            once = merged(traced)
            lines = [str(root.requirement) for root in once.roots]
            assert names(merged(traced * 2)) == names(once)
            assert names(merged(traced, extra_pip_requirements=lines)) == names(once)

    @given(heres(), kept)
    def test_its_own_pins_give_the_same_pins(self, here, kept):
        with made(here) as installed:
            found = resolved(merged(observed.roots(attributed(here, installed), kept)), installed)
            if found is not None:
                own = merged([], pip_requirements=pins(found))
                assert pins(resolved(own, installed)) == pins(found)


class TestRule7Arguments:
    """What was observed is never changed."""

    @given(heres(), lines_of_the_user)
    def test_it_is_as_it_was(self, here, lines):
        with made(here) as installed:
            attribution = attributed(here, installed)
            traced = observed.roots(attribution)
            before = list(traced)
            requirements = merged(traced, extra_pip_requirements=lines)
            if requirements is not None:
                resolved(requirements, installed)
            assert traced == before
            assert attributed(here, installed) == attribution


class TestTheWalkIsTheSearch:
    """The walk over what is installed gives the same answer, with lists of files and without."""

    @given(heres(), kept)
    def test_both_give_the_same_pins_or_refuse(self, here, kept):
        with made(here) as installed:
            requirements = merged(observed.roots(attributed(here, installed), kept))
            assert resolved(requirements, installed) == resolved(
                requirements, installed, walk=False
            )


class TestTheFilesAgree:
    """requirements.txt, conda.yaml and python_env.yaml say the same of every set."""

    @given(heres(), kept)
    def test_each_states_all_pins(self, here, kept):
        with made(here) as installed:
            attribution = attributed(here, installed)
            found = resolved(merged(observed.roots(attribution, kept)), installed)
        if found is None:
            return
        evidence = {
            each.distribution.name: " ".join(f"{item.kind} {item}" for item in each.evidence)
            for each in (*attribution.distributions, *attribution.startup)
        }
        entries = [Entry(str(pin.requirement), evidence.get(pin.name, "")) for pin in found.pins]
        spec = EnvSpec(python="3.11.7", requirements=tuple(entries))
        with tempfile.TemporaryDirectory() as folder:
            for file, text in write_files(spec).items():
                Path(folder, file).write_text(text, "utf-8")
            check_agreement(folder)
            assert read_folder(folder).requirements == spec.requirements
            conda = Path(folder, "conda.yaml").read_text("utf-8")
            assert all(f"- {line}\n" in conda for line in pins(found))
