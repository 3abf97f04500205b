"""The smallest set that still predicts is found, with few proofs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelenv.base.siblings import resolver
from modelenv.save.inputs import Policy
from modelenv.save.proving.choose import Candidates, Choice, choose
from modelenv.save.proving.search import InstalledSearch
from modelenv.seal.leaks import Leak
from modelenv.worker.errors import NotProvenError
from modelenv.worker.verdict import Status, Verdict

VERSION = resolver.Target.current().python_version


def optional(name: str) -> resolver.Attributed:
    distribution = resolver.Distribution(f"/site/{name}-1.0.dist-info")
    evidence = (resolver.Evidence(f"{name}.core", "lib", "lib/compat.py", 1),)
    return resolver.Attributed(distribution, "optional", evidence, 1)


ABC = [optional(name) for name in "abc"]


class World:
    """A model that needs some of its optional distributions."""

    def __init__(
        self,
        needed: Iterable[str],
        *,
        tells: bool = False,
        declared: Iterable[str] = (),
        hopeless: bool = False,
        compares: bool = True,
        leaks: bool = False,
    ) -> None:
        self.needed = set(needed)
        self.tells = tells
        self.declared = set(declared)
        self.hopeless = hopeless
        self.compares = compares
        self.leaks = leaks
        self.proofs: list[set[str]] = []
        self.told: list[str] = []

    def resolve(self, kept: Sequence[resolver.Attributed]) -> resolver.Resolution:
        from packaging.version import Version

        names = {item.distribution.name for item in kept} | self.declared
        return resolver.Resolution(
            tuple(resolver.Pin(name, Version("1.0")) for name in sorted(names))
        )

    def prove(self, resolution: resolver.Resolution) -> Verdict:
        names = {pin.name for pin in resolution.pins}
        self.proofs.append(names)
        missing = sorted(self.needed - names)
        if not missing and not self.hopeless:
            status: Status = "reproduces" if self.compares else "runs"
            return Verdict(status=status, where="a world", reason="it does")
        if self.leaks and missing:
            leak = Leak("library", f"/site/{missing[0]}.so", f"{missing[0]}==1.0")
            return Verdict(status="fails", where="a world", reason="it does not", leaks=(leak,))
        told = tuple(missing[:1]) if self.tells else ()
        return Verdict(status="fails", where="a world", reason="it does not", missing=told)

    def choose(
        self,
        names: Iterable[str | resolver.Attributed],
        policy: Policy = Policy(),  # noqa: B008
        *,
        after: Mapping[str, Sequence[str]] = {},
        called: Iterable[str] = (),
        startup: Iterable[str] = (),
        installed: Iterable[str] = (),
        runs: int = 12,
    ) -> Choice:
        others = [optional(name) for name in installed]
        candidates = Candidates(
            called=[optional(name) for name in called],
            optional=[optional(each) if isinstance(each, str) else each for each in names],
            after=lambda failed: [optional(n) for m in failed.missing for n in after.get(m, ())],
            startup=[optional(name) for name in startup],
            search=InstalledSearch(others, self.told.append, seconds=60.0, runs=runs),
        )
        return choose(candidates, self.resolve, self.prove, policy)


def names(choice: Choice) -> set[str]:
    return {pin.name for pin in choice.resolution.pins}


def kept(choice: Choice) -> set[str]:
    return {item.distribution.name for item in choice.kept}


def test_where_nothing_optional_is_needed_one_proof_is_enough() -> None:
    world = World([])
    choice = world.choose(["pandas", "pyarrow"])
    assert (names(choice), kept(choice), world.proofs) == (set(), set(), [set()])
    assert choice.verdict is not None
    assert choice.verdict.good


def test_what_a_failure_names_is_added_at_once() -> None:
    world = World(["pandas"], tells=True)
    assert names(world.choose(["matplotlib", "pandas", "pyarrow"])) == {"pandas"}
    assert world.proofs == [set(), {"pandas"}]


def test_one_failure_after_the_other_is_followed() -> None:
    world = World(["pandas", "pyarrow"], tells=True)
    assert kept(world.choose(["matplotlib", "pandas", "pyarrow"])) == {"pandas", "pyarrow"}
    assert len(world.proofs) == 3


def test_what_is_declared_anyway_is_not_weighed() -> None:
    world = World([], declared=["numpy"])
    choice = world.choose(["numpy", "pandas"])
    assert (names(choice), kept(choice)) == ({"numpy"}, set())


def test_no_set_is_proven_twice() -> None:
    world = World(["c", "f"])
    world.choose("abcdefgh")
    assert len({frozenset(proof) for proof in world.proofs}) == len(world.proofs)


def test_where_not_even_all_are_enough_the_first_failure_is_told() -> None:
    world = World(["a"], hopeless=True)
    with pytest.raises(NotProvenError) as caught:
        world.choose(["a", "b"])
    assert caught.value.pins == 0
    assert world.proofs == [set(), {"a", "b"}]


def test_where_nothing_is_optional_a_failure_costs_one_proof() -> None:
    world = World([], hopeless=True)
    with pytest.raises(NotProvenError):
        world.choose([])
    assert world.proofs == [set()]


def test_keeping_all_proves_once_with_all() -> None:
    world = World([])
    choice = world.choose(["a", "b"], Policy(optional="keep"))
    assert (names(choice), kept(choice), world.proofs) == ({"a", "b"}, {"a", "b"}, [{"a", "b"}])
    assert not choice.needed  # so nobody can say that they are needed
    assert World(["a"]).choose(["a", "b"]).needed == {"a"}
    with pytest.raises(NotProvenError) as caught:
        World([], hopeless=True).choose(["a", "b"], Policy(optional="keep"))
    assert caught.value.pins == 2


def test_without_proof_all_are_kept_and_nothing_runs() -> None:
    world = World(["a"])
    choice = world.choose(["a", "b"], Policy(prove=False))
    assert (names(choice), world.proofs, choice.verdict) == ({"a", "b"}, [], None)


@given(
    count=st.integers(1, 40),
    chosen=st.sets(st.integers(0, 39), max_size=6),
    tells=st.booleans(),
)
def test_the_smallest_set_is_found_in_few_proofs(count: int, chosen: set[int], tells: bool) -> None:
    """ "The needed ones are found by halving, so that d needed among k cost about 1 + d log k." """
    candidates = [f"d{place}" for place in range(count)]
    needed = {f"d{place}" for place in chosen if place < count}
    world = World(needed, tells=tells)
    choice = world.choose(candidates)
    assert kept(choice) == names(choice) == needed
    assert choice.verdict is not None
    assert choice.verdict.good
    d, halvings = len(needed), math.ceil(math.log2(count)) if count > 1 else 0
    assert len(world.proofs) <= (1 + d if tells else 2 + 2 * d * max(halvings, 1))


def test_what_was_called_is_kept_though_the_example_is_the_same_without_it() -> None:
    world = World([])
    choice = world.choose(["pandas"], called=["bottleneck"])
    assert (kept(choice), world.proofs) == ({"bottleneck"}, [{"bottleneck"}])
    assert not choice.needed


def test_what_was_called_is_never_weighed_with_the_others() -> None:
    choice = World(["b", "d"]).choose("abcd", called=["fast"])
    assert (kept(choice), choice.needed) == ({"b", "d", "fast"}, {"b", "d"})


def test_where_nothing_can_be_compared_nothing_is_left_out() -> None:
    world = World(["a"], compares=False)
    choice = world.choose("abc")
    assert (kept(choice), choice.needed) == ({"a", "b", "c"}, {"a"})
    assert choice.nothing_left_out
    assert not World([]).choose("abc").nothing_left_out


def test_the_owner_of_a_leak_is_added_at_once() -> None:
    world = World(["kiln", "lathe"], leaks=True)
    assert kept(world.choose(["grinder", "kiln", "lathe"])) == {"kiln", "lathe"}
    assert world.proofs == [set(), {"kiln"}, {"kiln", "lathe"}]


def test_what_may_not_be_added_is_not_added_again_and_again() -> None:
    class Without(World):
        def resolve(self, kept: Sequence[resolver.Attributed]) -> resolver.Resolution:
            return super().resolve([item for item in kept if item.distribution.name != "kiln"])

    world = Without(["kiln"], leaks=True)
    with pytest.raises(NotProvenError):
        world.choose(["kiln"])
    assert world.proofs == [set()]


def test_what_would_fail_next_is_added_without_a_run_and_not_weighed() -> None:
    world = World(["b", "d"], tells=True)
    after = {"b": ["d"]}
    choice = world.choose("abcd", after=after)
    assert (kept(choice), choice.needed) == ({"b", "d"}, {"b", "d"})
    assert world.proofs == [set(), {"b", "d"}]


def test_what_was_called_without_compiled_code_is_tried_before_all() -> None:
    called = resolver.Evidence("b.core", "lib", "lib/core.py", 1)
    some = [replace(each, called=called if each.distribution.name == "b" else None) for each in ABC]
    world = World(["b"])
    assert kept(world.choose(some)) == {"b"}
    assert world.proofs == [set(), {"b"}]
    world = World(["a"])
    assert kept(world.choose(some)) == {"a"}
    assert world.proofs[:3] == [set(), {"b"}, {"a", "b", "c"}]


def test_what_begins_with_the_interpreter_is_tried_where_the_proof_fails() -> None:
    assert kept(World([]).choose("a", startup=["patches"])) == set()
    assert kept(World(["patches"]).choose("a", startup=["patches", "hooks"])) == {"patches"}


def test_before_a_refusal_all_that_is_installed_is_looked_through() -> None:
    world = World(["i77"])
    choice = world.choose("ab", installed=[f"i{place}" for place in range(100)])
    assert (kept(choice), choice.needed) == ({"i77"}, {"i77"})
    assert [item.distribution.name for item in choice.found.items] == ["i77"]
    assert (choice.found.tried, choice.found.suspects) == (100, ())
    assert choice.found.runs == len(world.told)
    assert choice.found.runs <= 12


def test_what_is_found_is_kept_with_what_of_the_trace_it_needs_besides() -> None:
    choice = World(["b", "i3"]).choose("abc", installed=[f"i{place}" for place in range(8)])
    assert kept(choice) == {"b", "i3"}


def test_a_search_has_an_end_and_names_who_may_be_needed() -> None:
    many = [f"i{place}" for place in range(64)]
    world = World(["i7", "i21", "i60"])
    with pytest.raises(NotProvenError, match="It needs i60, and perhaps some of") as caught:
        world.choose([], installed=many)
    assert caught.value.needed == ("i60",)
    assert {"i7", "i21"} <= set(caught.value.suspects) < set(many)
    assert len(world.told) == 12


def test_a_search_of_all_in_vain_is_a_refusal_that_says_so() -> None:
    world = World(["nobody"])
    with pytest.raises(NotProvenError, match="With the 2 other installed distributions"):
        world.choose("a", installed=["b", "c"])
    assert world.proofs[-1] == {"a", "b", "c"}


def test_what_of_the_machine_is_nobodys_ends_the_search_before_it_begins() -> None:
    class Kiln(World):
        def prove(self, resolution: resolver.Resolution) -> Verdict:
            failed = super().prove(resolution)
            return replace(failed, leaks=(Leak("file", "/home/me/words.txt"),))

    world = Kiln(["words"])
    with pytest.raises(NotProvenError):
        world.choose([], installed=["b", "c"])
    assert world.proofs == [set()]


def test_a_path_that_the_model_holds_is_mended_by_no_pin_of_its_owner() -> None:
    class Holder(World):
        def prove(self, resolution: resolver.Resolution) -> Verdict:
            leak = Leak("file", "/site/b/words.txt", "b==1.0", held=True)
            return replace(super().prove(resolution), leaks=(leak,))

    world = Holder(["words"])
    with pytest.raises(NotProvenError):
        world.choose([], installed=["b", "c"])
    assert world.proofs == [set()]


@given(count=st.integers(1, 200), chosen=st.sets(st.integers(0, 199), min_size=1, max_size=3))
def test_a_search_finds_what_is_needed_or_holds_it(count: int, chosen: set[int]) -> None:
    needed = {f"i{place % count}" for place in chosen}
    world = World(needed)
    try:
        found = set(kept(world.choose([], installed=[f"i{place}" for place in range(count)])))
        left: set[str] = set()
    except NotProvenError as refusal:
        found, left = set(refusal.needed), set(refusal.suspects)
    assert found <= needed <= found | left
    assert len(world.told) <= 12
