"""Facts in a folder are known, and missing ones are no fault."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from modelenv.base.siblings import resolver
from modelenv.repair.context import Knowledge, versions_in
from modelenv.repair.data import FOLDER, read_table
from modelenv.repair.owners.facts import PYTHON, Fact, all_facts, fact_about
from modelenv.repair.owners.modules import owner_of, shared_names, well_known


def test_a_record_may_leave_out_who_asked() -> None:
    known = Knowledge(imports=({"name": "own", "loaded": True, "phase": "load", "how": "ran"},))
    assert known.asked_by("own") == ""
    assert known.was_loaded("own")


def test_who_asked_is_told_with_the_line() -> None:
    record = {"name": "own", "loaded": True, "importer_file": "a.py", "line": 3}
    assert Knowledge(imports=(record,)).asked_by("own") == "a.py:3"


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.json")), ids=lambda file: file.stem)
def test_no_table_says_a_thing_twice(file: Path) -> None:
    """JSON would take the last of two in silence."""

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        names = [name for name, _ in pairs]
        assert len(set(names)) == len(names), names
        return dict(pairs)

    json.loads(file.read_text("utf-8"), object_pairs_hook=once)


def test_every_fact_is_stated_once() -> None:
    table = read_table("version_facts")
    names = [name for by in table.values() for names in by.values() for name in names]
    assert len(names) == len(set(names)) == len(all_facts()) > 100


@pytest.mark.parametrize("fact", all_facts().values(), ids=lambda fact: fact.name)
def test_every_fact_can_be_read(fact: Fact) -> None:
    assert SpecifierSet(fact.versions)
    assert fact.distribution == PYTHON or canonicalize_name(fact.distribution)
    assert fact_about(fact.name) == fact


@pytest.mark.parametrize("module", well_known())
def test_a_well_known_module_is_no_guess(module: str) -> None:
    owner = owner_of(module, None)
    assert owner.certain
    assert owner.name == canonicalize_name(well_known()[module][0])


def test_the_owners_are_names_of_distributions() -> None:
    owners = {owner for each in well_known().values() for owner in each}
    assert all(Requirement(owner).name == owner for owner in owners)
    assert not shared_names() & well_known().keys()


def test_another_module_s_own_name_is_a_guess_and_says_so() -> None:
    owner = owner_of("frobnicate.core", None)
    assert (owner.name, owner.certain) == ("frobnicate", False)
    assert owner_of("frobnicate.core", None, ["Frobnicate"]).certain


def test_the_pickle_s_word_goes_before_what_is_installed() -> None:
    known = Knowledge(pins={"scikit-learn": "1.2"}, pickled={"scikit-learn": "1.9.1"})
    assert known.original_version("scikit-learn") == "1.9.1"
    assert Knowledge(pins={"x": "1"}).original_version("x") == ""


@pytest.mark.parametrize(("python", "expected"), [("", "2.0"), ("here", "2.0"), ("3.8.18", "")])
def test_what_is_installed_says_nothing_of_another_python(
    site: Any, python: str, expected: str
) -> None:
    site.install("kiln", version="2.0")
    installed = resolver.Installed([str(site.root)], resolver.Target.current())
    wanted = python.replace("here", installed.target.python_version)
    known = Knowledge(pins={"kiln": "1.0"}, python=wanted, installed=installed)
    assert known.original_version("kiln") == expected


@pytest.mark.parametrize("versions", [("1.2.2", "1.5.0"), ("1.2.2", "1.10.0")])
def test_a_model_that_is_saved_anew_in_its_place_is_read_anew(
    tmp_path: Path, versions: tuple[str, str]
) -> None:
    file = tmp_path / "model.pkl"
    for version in versions:
        new = tmp_path / "new"
        new.write_bytes(pickle.dumps({"_sklearn_version": version}))
        new.replace(file)
        assert versions_in(file) == {"scikit-learn": version}
    file.unlink()
    assert versions_in(file) == {}
