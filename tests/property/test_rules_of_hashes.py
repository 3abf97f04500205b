"""The rules of lines, for hashes: an oracle of sets, and files that agree."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

import resolver
from envfiles import Entry, EnvSpec, check_agreement, knows_pylock, read_folder, write_files
from modelenv.pins.lock_entries import lock_at_hand, requiring_hashes, with_hashes
from modelenv.pins.package_sources import PackageSources
from modelenv.pins.user_hashes import HashesMissingError, HashMismatchError, UserHashes
from resolver.errors import ContradictoryLinesError

from .requirement_lines import merge

TARGET = resolver.Target.current()
NAMES = ("a", "b-c", "numpy")
HASHES = tuple(
    f"{kind}:{digit * length}"
    for kind, length in (("sha256", 64), ("sha384", 96), ("sha512", 128))
    for digit in "012"
)
LAYERS = ("pip_requirements", "constraints", "overrides")
Said = tuple[str, str, frozenset[str]]
"""A layer, a name, and the hashes behind it."""

hashes = st.frozensets(st.sampled_from(HASHES), max_size=4)
# A file has one hash of each algorithm.
of_a_file = hashes.map(
    lambda found: frozenset({each.partition(":")[0]: each for each in sorted(found)}.values())
)
said = st.tuples(st.sampled_from(LAYERS), st.sampled_from(NAMES), hashes)


def texts(lines: list[Said]) -> dict[str, list[str]]:
    """Write lines as a user does, those of each layer in their order."""
    layers: dict[str, list[str]] = {layer: [] for layer in LAYERS}
    for layer, name, behind in lines:
        options = "".join(f" --hash={each}" for each in sorted(behind))
        layers[layer].append(f"{name}{options}")
    return layers


def expected(lines: list[Said]) -> dict[str, frozenset[str]] | None:
    """Return by name what its files may hash to; None where lines contradict each other."""
    overridden = {name for layer, name, _ in lines if layer == "overrides"}
    asked = {name for layer, name, _ in lines if layer == "pip_requirements"}
    found: dict[str, frozenset[str]] = {}
    for layer, name, behind in lines:
        if behind and not (layer == "pip_requirements" and name in overridden):
            found[name] = found.get(name, behind) & behind
    return None if any(not found.get(name, {""}) for name in asked) else found


@given(st.lists(said, max_size=8))
def test_lines_narrow_each_other_overrides_replace_and_what_is_left_empty_is_refused(
    lines: list[Said],
) -> None:
    rules = expected(lines)
    if rules is None:
        with pytest.raises(ContradictoryLinesError):
            merge([], target=TARGET, **texts(lines))
    else:
        assert merge([], target=TARGET, **texts(lines)).hashes == rules


@given(
    st.lists(said, max_size=6).flatmap(
        lambda lines: st.tuples(st.just(lines), st.permutations(lines))
    )
)
def test_neither_the_order_nor_what_is_said_twice_matters(
    both: tuple[list[Said], list[Said]],
) -> None:
    lines, others = both
    if expected(lines) is not None:
        found = merge([], target=TARGET, **texts(lines))
        again = merge([], target=TARGET, **texts([*others, *lines]))
        assert again.hashes == found.hashes
        assert [str(root.requirement) for root in again.roots] == [
            str(root.requirement) for root in found.roots
        ]


@given(st.lists(said, max_size=6), said)
def test_a_line_more_never_admits_more_but_for_an_override(lines: list[Said], new: Said) -> None:
    if new[0] == "overrides" or None in (expected(lines), expected([*lines, new])):
        return
    before = merge([], target=TARGET, **texts(lines)).hashes
    after = merge([], target=TARGET, **texts([*lines, new])).hashes
    assert all(after[name] <= before[name] for name in before)
    assert after.keys() - before.keys() <= {new[1]}


files = st.lists(
    st.tuples(st.sampled_from(("py3-none-any.whl", "1-py3-none-any.whl", "tar.gz")), of_a_file),
    max_size=3,
    unique_by=lambda each: each[0],
)


def pin(name: str, found: list[tuple[str, frozenset[str]]], asked: frozenset[str]) -> resolver.Pin:
    """Make a pin of an index, with its files."""
    artifacts = tuple(
        resolver.Artifact(
            f"{name.replace('-', '_')}-1.0{'.' if end == 'tar.gz' else '-'}{end}",
            f"https://host/{end}",
            tuple(sorted(behind)),
            7,
        )
        for end, behind in found
    )
    return resolver.Pin(
        name, Version("1.0"), source="index", artifacts=artifacts, hashes=tuple(sorted(asked))
    )


worlds = st.dictionaries(st.sampled_from(NAMES), st.tuples(files, hashes), min_size=1)
World = dict[str, tuple[list[tuple[str, frozenset[str]]], frozenset[str]]]


def pins_of(world: World) -> tuple[resolver.Pin, ...]:
    return tuple(pin(name, *about) for name, about in sorted(world.items()))


def check(pins: tuple[resolver.Pin, ...]) -> tuple[resolver.Pin, ...]:
    nowhere = PackageSources(Path(os.devnull) / "wheels")
    checked = UserHashes(sources=nowhere, target=TARGET, index="never")
    return checked.checked(resolver.Resolution(pins)).pins


@given(worlds)
def test_pins_are_refused_exactly_where_no_file_can_be_meant_or_one_has_no_hash(
    world: World,
) -> None:
    pins = pins_of(world)
    wrong = {str(each.requirement) for each in pins if each.hashes and _excluded(each)}
    hashless = {
        str(each.requirement)
        for each in pins
        if not each.hashes and not any(file.hashes for file in each.artifacts)
    }
    if wrong:
        with pytest.raises(HashMismatchError) as caught:
            check(pins)
        assert caught.value.pin in wrong
    elif hashless and any(each.hashes for each in pins):
        with pytest.raises(HashesMissingError) as missing:
            check(pins)
        assert {each.partition(":")[0] for each in missing.value.missing} == hashless
    else:
        checked = check(pins)
        assert {bool(each.hashes) for each in checked} == {any(each.hashes for each in pins)}


@given(worlds)
def test_what_the_user_says_stands_and_all_files_agree(world: World) -> None:
    pins = pins_of(world)
    try:
        checked = check(pins)
    except (HashMismatchError, HashesMissingError):
        return
    for before, after in zip(pins, checked, strict=True):
        if before.hashes:
            assert after.hashes == before.hashes
            assert all(set(file.hashes) & set(after.hashes) for file in after.artifacts)
    entries = tuple(Entry(str(each.requirement), hashes=each.hashes) for each in checked)
    spec = requiring_hashes(EnvSpec(python="3.11.7", requirements=entries))
    assert ("--require-hashes" in spec.options) == any(each.hashes for each in checked)
    resolution = resolver.Resolution(checked)
    lock = lock_at_hand(resolution, dict.fromkeys(world, ""), Path("wheels"), TARGET)
    if lock is not None and knows_pylock():
        spec = with_hashes(spec, spec.requirements, lock)
    with TemporaryDirectory() as folder:
        for name, text in write_files(spec).items():
            (Path(folder) / name).write_text(text)
        check_agreement(folder)
        read = {each.name: each.hashes for each in read_folder(folder).requirements}
    assert all(read[each.name] == each.hashes for each in checked if each.hashes)


def _excluded(pin: resolver.Pin) -> bool:
    """Return whether the hashes of a pin surely are those of other files than it has."""
    known = [set(file.hashes) for file in pin.artifacts if file.hashes]
    kinds = {each.partition(":")[0] for each in pin.hashes}
    return bool(known) and all(
        not each & set(pin.hashes) and kinds <= {one.partition(":")[0] for one in each}
        for each in known
    )
