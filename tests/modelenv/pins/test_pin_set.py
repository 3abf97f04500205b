"""The interpreter that a folder is for."""

from __future__ import annotations

from envfiles import EnvSpec
from modelenv.pins.pin_set import PinSet
from resolver import Target


def target(python: str) -> Target:
    return PinSet(EnvSpec(python=python, requirements=())).target()


def test_another_patch_release_is_this_interpreter() -> None:
    here = Target.current()
    other = f"{here.markers['python_version']}.99"
    assert target(other) == here
    assert target(here.markers["python_version"]) == here


def test_another_python_is_the_one_that_is_said() -> None:
    assert target("3.8.20") == Target.of("3.8.20") != Target.current()
