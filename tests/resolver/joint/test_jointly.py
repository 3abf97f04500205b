"""One answer for several targets."""

from __future__ import annotations

import pickle
from typing import TypeAlias

import pytest
from packaging.version import Version

from resolver import (
    ConflictError,
    Installed,
    Pin,
    Target,
    TargetQuestion,
    WheelFolder,
    merge,
    resolve,
    resolve_jointly,
)
from resolver.errors import AlikeTargetsError

from ..index.index_server import sdist, wheel
from ..memory_source import MemorySource

Packages: TypeAlias = "dict[str, dict[str, list[str]]]"
OLD, NEW = "3.10-linux", "3.13-linux"
TARGETS = {
    OLD: Target.of("3.10", "linux/x86_64"),
    NEW: Target.of("3.13", "linux/x86_64"),
    "3.13-mac": Target.of("3.13", "macos/arm64"),
}


def answer(universe, *lines, targets=TARGETS, pythons=None, **options):
    """Resolve lines for targets; `universe` may be made by target."""
    questions = {
        name: TargetQuestion(
            merge([], pip_requirements=lines, target=target),
            Installed([], target),
            [
                universe(name)
                if callable(universe)
                else MemorySource(universe, requires_python=pythons)
            ],
        )
        for name, target in targets.items()
    }
    return resolve_jointly(questions, index="never", **options)


def pins(found):
    return [str(pin) for pin in found.pins]


def test_a_name_has_one_version_where_one_suits_all_though_some_could_have_a_newer_one():
    universe: Packages = {"a": {"1": [], "2": []}}
    found = answer(universe, "a", pythons={("a", "2"): ">=3.12"})
    assert (pins(found), found.forked, found.notes) == (["a==1"], (), ())
    assert [str(each.pins[0].version) for each in found.answers.values()] == ["1", "1", "1"]


def test_a_name_is_parted_where_no_version_suits_all():
    universe: Packages = {"a": {"1": ["b"], "2": ["b"]}, "b": {"1": [], "2": []}}
    found = answer(universe, "a", pythons={("a", "1"): "<3.12", ("a", "2"): ">=3.12"})
    assert pins(found) == [
        'a==1; python_version < "3.13"',
        'a==2; python_version >= "3.13"',
        "b==2",
    ]
    assert [pin.targets for pin in found.versions("A")] == [(OLD,), (NEW, "3.13-mac")]
    assert found.notes == (
        "a has several versions, as no one was found for all: 1 (3.10-linux), "
        "2 (3.13-linux, 3.13-mac)",
    )
    assert repr(found) == "<JointResolution of 3 pins for 3 targets>"


def test_the_one_that_forces_a_fork_is_parted_and_not_what_it_meets():
    universe: Packages = {
        "a": {"1": ["b<2; sys_platform == 'darwin'", "b>=2; sys_platform != 'darwin'"]},
        "b": {"1": ["c"], "2": ["c"]},
        "c": {"1": [], "2": []},
    }
    found = answer(universe, "a")
    assert found.forked == ("b",)
    assert [pin.marker for pin in found.versions("b")] == [
        "sys_platform == 'darwin'",
        "sys_platform == 'linux'",
    ]


def test_what_some_targets_do_not_need_has_a_marker_too():
    universe: Packages = {"a": {"1": ["b; sys_platform == 'darwin'"]}, "b": {"1": []}}
    assert pins(answer(universe, "a")) == ["a==1", 'b==1; sys_platform == "darwin"']


def test_extras_may_differ_by_target():
    universe: Packages = {"a": {"1": ["b; extra == 'x'"]}, "b": {"1": []}}
    found = answer(universe, "a", "a[x]; python_version >= '3.13'")
    assert pins(found) == ["a==1", 'b==1; python_version >= "3.13"']
    assert [sorted(pin.extras) for pin in found.pins[0].pins.values()] == [[], ["x"], ["x"]]


def test_preferences_count_for_every_target():
    universe: Packages = {"a": {"1": [], "2": [], "3": []}}
    found = answer(universe, "a", preferences=[Pin("a", Version("2"))])
    assert pins(found) == ["a==2"]
    parted = {("a", "2"): ">=3.12", ("a", "1"): "<3.12", ("a", "3"): ">=3.13"}
    found = answer(universe, "a", preferences=[Pin("a", Version("2"))], pythons=parted)
    assert pins(found) == ['a==1; python_version < "3.13"', 'a==2; python_version >= "3.13"']


def test_a_refusal_names_the_target_that_it_is_for():
    universe: Packages = {"a": {"1": []}}
    with pytest.raises(ConflictError, match=r"cannot all be met for 3.10-linux:\n- a: ") as caught:
        answer(universe, "a", pythons={("a", "1"): ">=3.12"})
    assert caught.value.target == OLD
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


# Targets that no marker tells apart

ALIKE = {
    "glibc": Target.of("3.12", "manylinux_2_28_x86_64"),
    "musl": Target.of("3.12", "musllinux_1_2_x86_64"),
}


def for_alike(by_name):
    return lambda target: MemorySource({"a": {version: [] for version in by_name[target]}})


def test_targets_that_no_marker_tells_apart_share_every_version():
    found = answer(for_alike({"glibc": ["1", "2"], "musl": ["1"]}), "a", targets=ALIKE)
    assert pins(found) == ["a==1"]


def test_they_are_refused_where_they_cannot():
    with pytest.raises(AlikeTargetsError, match="glibc and musl need different versions of a"):
        answer(for_alike({"glibc": ["2"], "musl": ["1"]}), "a", targets=ALIKE)


# What has to be built


@pytest.fixture
def folder(tmp_path):
    """Releases of one name: a wheel, then a source distribution alone."""
    tmp_path.joinpath("own-1-py3-none-any.whl").write_bytes(wheel("own", "1"))
    tmp_path.joinpath("own-2.tar.gz").write_bytes(sdist("own", "2"))
    return tmp_path


def test_what_would_have_to_be_built_comes_after_every_wheel(folder):
    found = answer(lambda name: WheelFolder(folder, TARGETS[name]), "own")
    assert pins(found) == ["own==1"]
    target = TARGETS[OLD]
    asked = merge([], pip_requirements=["own"], target=target)
    alone = resolve(
        asked, Installed([], target), sources=[WheelFolder(folder, target)], index="never"
    )
    assert str(alone.pins[0].version) == "2"


def test_it_is_taken_where_there_is_no_wheel(folder):
    folder.joinpath("own-1-py3-none-any.whl").unlink()
    found = answer(lambda name: WheelFolder(folder, TARGETS[name]), "own")
    assert pins(found) == ["own==2"]
