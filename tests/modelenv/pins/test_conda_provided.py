"""Conda's packages provide distributions, and the other way round."""

from __future__ import annotations

from typing import Any

import pytest

from modelenv.base.siblings import resolver
from modelenv.environments.interpreter import Python
from modelenv.pins.conda_provided import Provided

NOTHING = resolver.Resolution(())


@pytest.fixture
def installed(own_site: Any) -> resolver.Installed:
    own_site.install("lib-base", version="1.5")
    own_site.install("lib-top", requires=["lib-base", "lib-low>=2"], version="3.0")
    own_site.install("lib-low", version="2.1")
    return Python.current().installed()


def pins(found: resolver.Resolution) -> list[str]:
    return [str(pin.requirement) for pin in found.pins]


def test_the_packages_of_conda_have_their_names_in_pips_words() -> None:
    found = Provided.by(["conda-forge::pytorch=2.1", "lib_base >=1,<2", "libgomp", "*[build=x]"])
    assert found.names == {"torch", "lib-base", "libgomp"}
    assert [str(each) for each in found.requirements] == [
        "torch==2.1.*",
        "lib-base<2,>=1",
        "libgomp",
    ]


def test_nothing_stands_for_what_is_no_distribution_and_for_pip(installed: Any) -> None:
    assert Provided.by(["libgomp=14", "pip=23"]).stand_ins(NOTHING, installed, installed) == NOTHING
    assert Provided().stand_ins(NOTHING, installed, installed) == NOTHING


def test_a_distribution_stands_in_at_its_version_with_what_it_requires(installed: Any) -> None:
    found = Provided.by(["lib-top=3.0"]).stand_ins(NOTHING, installed, installed)
    assert pins(found) == ["lib-base==1.5", "lib-low==2.1", "lib-top==3.0"]


def test_what_is_pinned_already_stays_as_it_is_pinned(installed: Any) -> None:
    lines = resolver.merge((), pip_requirements=["lib-low"], target=installed.target)
    pinned = resolver.resolve(lines, installed)
    found = Provided.by(["lib-top"]).stand_ins(pinned, installed, installed)
    assert pins(found) == ["lib-base==1.5", "lib-top==3.0"]
