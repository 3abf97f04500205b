"""The smallest set that still predicts is found, with few proofs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelenv.base.siblings import resolver
from modelenv.save.inputs import Policy
from modelenv.save.prove import Choice, choose
from modelenv.worker.errors import NotProvenError
from modelenv.worker.verdict import Verdict

VERSION = resolver.Target.current().python_version


def optional(name: str) -> resolver.Attributed:
    distribution = resolver.Distribution(f"/site/{name}-1.0.dist-info")
    evidence = (resolver.Evidence(f"{name}.core", "lib", "lib/compat.py", 1),)
    return resolver.Attributed(distribution, "optional", evidence, 1)


class World:
    """A model that needs some of its optional distributions."""

    def __init__(
        self,
        needed: Iterable[str],
        *,
        tells: bool = False,
        declared: Iterable[str] = (),
        hopeless: bool = False,
    ) -> None:
        self.needed = set(needed)
        self.tells = tells
        self.declared = set(declared)
        self.hopeless = hopeless
        self.proofs: list[set[str]] = []

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
            return Verdict(status="reproduces", where="a world", reason="it does")
        told = tuple(missing[:1]) if self.tells else ()
        return Verdict(status="fails", where="a world", reason="it does not", missing=told)

    def choose(self, names: Iterable[str], policy: Policy = Policy()) -> Choice:  # noqa: B008
        return choose([optional(name) for name in names], self.resolve, self.prove, policy)


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
    assert not choice.tried  # so nobody can say that they are needed
    assert World(["a"]).choose(["a", "b"]).tried
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
