"""What a folder says is known, and what it leaves out is not missed."""

from __future__ import annotations

import pytest
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from modelenv.repair.context import Knowledge
from modelenv.repair.module_owners import WELL_KNOWN, owner_of
from modelenv.repair.rules.facts import FACTS, PYTHON, fact_about


def test_a_record_may_leave_out_who_asked() -> None:
    known = Knowledge(imports=({"name": "own", "loaded": True, "phase": "load", "how": "ran"},))
    assert known.asked_by("own") == ""
    assert known.was_loaded("own")


def test_who_asked_is_told_with_the_line() -> None:
    record = {"name": "own", "loaded": True, "importer_file": "a.py", "line": 3}
    assert Knowledge(imports=(record,)).asked_by("own") == "a.py:3"


@pytest.mark.parametrize("fact", FACTS.values(), ids=lambda fact: fact.name)
def test_every_fact_can_be_read(fact) -> None:
    assert SpecifierSet(fact.versions)
    assert fact.distribution == PYTHON or canonicalize_name(fact.distribution)
    assert fact_about(fact.name) == fact


@pytest.mark.parametrize("module", WELL_KNOWN)
def test_a_well_known_module_is_no_guess(module: str) -> None:
    owner = owner_of(module, None)
    assert owner.certain
    assert owner.name == canonicalize_name(WELL_KNOWN[module][0])


def test_another_module_s_own_name_is_a_guess_and_says_so() -> None:
    owner = owner_of("frobnicate.core", None)
    assert (owner.name, owner.certain) == ("frobnicate", False)
    assert owner_of("frobnicate.core", None, ["Frobnicate"]).certain


def test_the_pickle_s_word_goes_before_what_is_installed() -> None:
    known = Knowledge(pins={"scikit-learn": "1.2"}, pickled={"scikit-learn": "1.9.1"})
    assert known.better("scikit-learn") == "1.9.1"
    assert Knowledge(pins={"x": "1"}).better("x") == ""
