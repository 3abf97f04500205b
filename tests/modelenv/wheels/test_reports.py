"""Reports of pip-audit, of ``uv audit`` and of our own audit count as advisories."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import modelenv
from modelenv.base.errors import WrongUseError
from modelenv.wheels.advisories.databases import KnownAdvisories, read_databases
from modelenv.wheels.advisories.pinned_versions import KnownVersion, unasked, vulnerable

from ..audit.conftest import Pinned, pinned
from ..audit.worlds import advisory, below, put

__all__ = ["pinned"]

NAMES = {"aliases": ["CVE-1"], "fix_versions": ["1.19.9", "1.22.2"]}


def of_pip_audit(*names: str) -> dict[str, Any]:
    """Return what pip-audit 2.10 writes; some names were passed over."""
    vuln = {"id": "GHSA-1", **NAMES, "description": "It reads.\n\nAll of it."}
    skipped = [{"name": name, "skip_reason": "not found on PyPI"} for name in names]
    found = [{"name": "numpy", "version": "1.21.0", "vulns": [vuln]}]
    clean = [{"name": "scipy", "version": "1.9", "vulns": []}]
    return {"dependencies": [*found, *clean, *skipped], "fixes": []}


def of_uv() -> dict[str, Any]:
    """Return what ``uv audit --output-format json`` of uv 0.13.9 writes."""
    found = {
        "dependency": {"name": "numpy", "version": "1.21.0"},
        "id": "GHSA-1",
        "display_id": "CVE-1",
        "summary": "It reads.",
        **NAMES,
    }
    summary = {"audited_packages": 2, "vulnerabilities": 1, "adverse_statuses": 0}
    told = {"vulnerabilities": [found], "adverse_statuses": []}
    return {"schema": {"version": "preview"}, "summary": summary, **told}


def of_ours() -> dict[str, Any]:
    found = {"name": "numpy", "version": "1.21.0", "ecosystem": "PyPI", "ids": ["GHSA-1", "CVE-1"]}
    found |= {"summary": "It reads.", "severity": "high", "fixed": ["1.22.2"]}
    return {"schema": 1, "vulnerable": [found], "ignored": [{**found, "ids": ["GHSA-2"]}]}


def read(place: Path, document: Mapping[str, Any]) -> KnownAdvisories:
    file = place / "report.json"
    file.write_text(json.dumps(document))
    return read_databases([file], {"numpy", "scipy", "six"})


@pytest.mark.parametrize("form", [of_pip_audit, of_uv, of_ours])
def test_what_a_report_names_is_affected_up_to_its_fix(
    tmp_path: Path, form: Callable[[], dict[str, Any]]
) -> None:
    known = read(tmp_path, form())
    (found,) = vulnerable([KnownVersion("numpy", "1.21.0")], known)
    assert (found.ids, found.fixed, found.summary) == (
        ("GHSA-1", "CVE-1"),
        ("1.22.2",),
        "It reads.",
    )
    pins = [KnownVersion("numpy", each) for each in ("1.19.9", "1.21.5", "1.22.1", "1.22.2", "2.0")]
    said = [str(each.pin) for each in vulnerable(pins, known)]
    assert said == ["numpy==1.21.5", "numpy==1.22.1"]


@pytest.mark.parametrize(
    ("fixes", "yes", "no"),
    [
        ([], ["4.2.1", "99"], ["4.2"]),
        (["4.2.9", "5.0.4"], ["4.2.8", "5.0", "5.0.3", "4.3"], ["4.2.9", "4.2.10", "5.0.4", "6"]),
        (["4.2.9", "4.2.11"], ["4.2.1"], ["4.2.11"]),
        (["4.0.2", "5.0rc1"], ["4.9", "5.0b1"], ["5.0rc1", "5.0"]),
        (["no version"], ["4.2.1", "4.2.2"], ["4.2"]),
    ],
)
def test_each_of_several_fixes_stands_for_its_own_minor_version(
    tmp_path: Path, fixes: list[str], yes: list[str], no: list[str]
) -> None:
    vuln = {"id": "A", "fix_versions": fixes}
    listed = [{"name": "Num_Py", "version": "4.2.1", "vulns": [vuln]}]
    file = tmp_path / "report.json"
    file.write_text(json.dumps({"dependencies": listed}))
    known = read_databases([file], {"num-py"})
    found = {each.pin.version for each in vulnerable(_pins("num-py", *yes, *no), known)}
    assert found == {*yes}


def _pins(name: str, *versions: str) -> list[KnownVersion]:
    return [KnownVersion(name, each) for each in versions]


def test_what_a_report_does_not_speak_of_is_told(tmp_path: Path) -> None:
    pins = [*_pins("numpy", "1.21.0+cu1"), *_pins("scipy", "1.8"), *_pins("six", "1.17.0")]
    assert [*unasked(pins, read(tmp_path, of_pip_audit("six")))] == [
        "the report says nothing of scipy, six as pinned here: audit these pins too"
    ]
    assert [*unasked(pins, read(tmp_path, of_uv()))] == []  # which names what it found alone
    put(tmp_path / "osv", advisory(below("1")))
    both = read_databases([tmp_path / "report.json", tmp_path / "osv"], {"numpy"})
    assert [*unasked(pins, both)] == []


def test_a_report_that_found_nothing_is_one(tmp_path: Path) -> None:
    assert read(tmp_path, {"dependencies": [], "fixes": []}).found == {}
    with pytest.raises(WrongUseError, match="or the JSON report of pip-audit, uv audit or"):
        read(tmp_path, {"dependencies": {"numpy": "1"}})


@pytest.mark.parametrize(
    "vuln",
    [
        {"id": "A", "aliases": 5, "fix_versions": "2"},
        {"id": "A", "aliases": [None, ["B"]], "fix_versions": [2, None]},
        {"id": ["B"], "ids": ["A", 1], "fix_versions": {"2": 1}, "description": 3},
    ],
)
def test_what_is_of_another_kind_than_a_report_has_says_nothing(
    tmp_path: Path, vuln: dict[str, Any]
) -> None:
    known = read(tmp_path, {"dependencies": [{"name": "six", "version": "1", "vulns": [vuln]}]})
    (found,) = vulnerable(_pins("six", "1"), known)
    assert (found.ids, found.fixed) == (("A",), ())
    with pytest.raises(WrongUseError, match="holds no advisory"):
        read(tmp_path, {"summary": 5, "vulnerabilities": []})
    assert read(tmp_path, {"dependencies": [{"name": 5, "vulns": "x"}]}).found == {}


def test_our_own_audit_is_read_back(pinned: Pinned, tmp_path: Path) -> None:
    folder = pinned({"numpy==1.21.0": "", "scipy==1.9": ""})
    known = advisory(below("1.22.2"), summary="bad", aliases=["CVE-1"])
    first = modelenv.audit_model(folder, advisories=put(tmp_path / "osv", known))
    file = tmp_path / "audit.json"
    file.write_text(json.dumps(first.to_json()))
    again = modelenv.audit_model(folder, advisories=file)
    assert again.vulnerable == first.vulnerable
    said = "a report names only what it found: it may be of other pins than these"
    assert (first.notes, again.notes) == ((), (said,))
    file.write_text(json.dumps(of_pip_audit()))
    assert modelenv.audit_model(folder, advisories=file).notes == ()
    file.write_text(json.dumps(first.to_json()))
    assert again.ways_out == (f"modelenv upgrade -m {folder} --security --advisories {file}",)
