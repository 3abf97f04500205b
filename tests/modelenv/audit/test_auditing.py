"""Vulnerabilities of a model's pins: by OSV files, by pip-audit, by the index."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

import modelenv
from modelenv.audit.errors import PipAuditFailedError, PipAuditMissingError
from modelenv.base.errors import WrongUseError
from modelenv.cli.run.audit import audit as command
from modelenv.cli.time.upgrading import upgrade

from ..fleet.conftest import Fleet
from .worlds import advisory, below, events, put, write_program

if TYPE_CHECKING:
    from .conftest import Pinned

PINS = {"numpy==1.21.0": "imported by the model", "scikit-learn==1.5.2": "imported by the model"}
ONE = advisory(
    below("1.22.0"),
    aliases=["CVE-1"],
    summary="reads more than it should",
    database_specific={"severity": "HIGH"},
)


@pytest.fixture
def folder(pinned: Pinned) -> Path:
    return pinned(PINS)


def test_what_an_advisory_names_is_told_with_its_way_out(folder: Path, tmp_path: Path) -> None:
    again = advisory(below("1.21.6"), id="PYSEC-1", aliases=["CVE-1"])
    gone = advisory(below("9"), name="scikit-learn", id="GHSA-9", withdrawn="2026-01-01T00:00:00Z")
    places = put(tmp_path / "osv", ONE, again, gone)
    audit = modelenv.audit_model(folder, advisories=places)
    assert not audit
    (found,) = audit.vulnerable
    assert (str(found.pin), found.severity, found.within) == ("numpy==1.21.0", "high", ())
    assert {*found.ids} == {"GHSA-1", "CVE-1", "PYSEC-1"}
    assert found.fixed == ("1.21.6", "1.22.0")
    assert audit.ways_out == (f"modelenv upgrade -m {folder} --security --advisories {places}",)
    first, second, *_ = str(audit).splitlines()
    assert first == f"{folder}: 2 pins: 1 affected (3 advisories, 1 withdrawn)"
    assert second.startswith("  numpy==1.21.0: GHSA-1, CVE-1, PYSEC-1 (high): reads more")
    assert json.loads(json.dumps(audit.to_json()))["vulnerable"][0]["fixed"] == ["1.21.6", "1.22.0"]


def test_the_way_out_is_a_line_that_the_other_command_takes(folder: Path, tmp_path: Path) -> None:
    (way,) = modelenv.audit_model(folder, advisories=put(tmp_path / "osv", ONE)).ways_out
    words = way.split()
    assert words[:2] == ["modelenv", "upgrade"]
    made = upgrade.make_context("upgrade", words[2:])
    assert made.params["security"] is True


def test_what_is_ignored_counts_as_nothing_by_any_of_its_names(
    folder: Path, tmp_path: Path
) -> None:
    places = put(tmp_path / "osv", ONE)
    audit = modelenv.audit_model(folder, advisories=places, ignore=["CVE-1", "CVE-404"])
    assert audit
    assert [each.ids[0] for each in audit.ignored] == ["GHSA-1"]
    assert audit.ways_out == ()
    assert audit.notes == ("CVE-404 is to be ignored, and nothing has that id",)
    assert "ignored: numpy==1.21.0: GHSA-1" in str(audit)


def test_what_cannot_be_compared_is_no_good_answer(folder: Path, tmp_path: Path) -> None:
    places = put(tmp_path / "osv", advisory(events(("introduced", "x")), aliases=["CVE-1"]))
    ignoring = modelenv.audit_model(folder, advisories=places, ignore="CVE-1")
    assert (ignoring.good, ignoring.undecided, ignoring.notes) == (True, (), ())
    audit = modelenv.audit_model(folder, advisories=places)
    assert not audit
    assert "numpy==1.21.0: GHSA-1 cannot be compared with it" in audit.undecided[0]
    assert "nothing known, not all could be decided" in str(audit).splitlines()[0]


def test_what_no_advisory_can_speak_of_is_named(
    pinned: Pinned, wheels: Any, tmp_path: Path
) -> None:
    folder = pinned(
        {
            "numpy==1.21.0": "",
            "own-lib==1.0": "",
            "pandas>=2": "",
            "theirs @ git+https://host.example/theirs@0123456789": "",
            "torch @ https://host.example/torch-2.5.1%2Bcu121-cp311-cp311-linux_x86_64.whl": "",
        }
    )
    wheels.add("own_lib", "1.0").rename(folder / "own_lib-1.0-py3-none-any.whl")
    (folder / "wheels").mkdir()
    (folder / "own_lib-1.0-py3-none-any.whl").rename(
        folder / "wheels" / "own_lib-1.0-py3-none-any.whl"
    )
    places = put(tmp_path / "osv", ONE, advisory(below("2.6"), name="torch", id="GHSA-7"))
    audit = modelenv.audit_model(folder, advisories=places)
    assert [str(each.pin) for each in audit.vulnerable] == ["numpy==1.21.0", "torch==2.5.1+cu121"]
    said = "\n".join(audit.unjudged)
    assert "pandas>=2: it leaves its version open; `modelenv lock` pins one" in said
    assert "theirs @ git+https://host.example/theirs@0123456789: it is a reference" in said
    assert "own-lib==1.0: a wheel of it travels with the model, and advisories are about" in said
    assert "torch" not in said.partition("not installed here")[0]


def test_versions_that_only_a_lock_names_are_looked_up(pinned: Pinned, tmp_path: Path) -> None:
    folder = pinned({"scikit-learn==1.5.2": "", "numpy": ""})
    (folder / "pylock.toml").write_text(
        'lock-version = "1.0"\ncreated-by = "t"\n[[packages]]\nname = "numpy"\nversion = "1.21.0"\n'
        '[[packages.wheels]]\nurl = "https://h/numpy-1.21.0-py3-none-any.whl"\n'
        f'hashes = {{sha256 = "{"0" * 64}"}}\n'
    )
    (folder / "uv.lock").write_text(
        'version = 1\n[[package]]\nname = "numpy"\nversion = "1.20.0"\n'
        'source = { registry = "https://h/simple" }\n'
    )
    audit = modelenv.audit_model(folder, advisories=put(tmp_path / "osv", ONE))
    assert [(str(each.pin), each.within) for each in audit.vulnerable] == [
        ("numpy==1.20.0", ("uv.lock",)),
        ("numpy==1.21.0", ("pylock.toml",)),
    ]
    assert not any("leaves its version open" in each for each in audit.unjudged)
    (folder / "pylock.toml").write_text("packages = 7")
    audit = modelenv.audit_model(folder, advisories=tmp_path / "osv")
    assert any(each.startswith("pylock.toml cannot be read") for each in audit.unjudged)


def test_of_an_open_list_it_is_told_that_more_is_installed(tmp_path: Path) -> None:
    folder = Fleet(tmp_path / "models").add("theirs", ("numpy==1.26.4",))
    places = put(tmp_path / "osv", ONE)
    (said,) = [e for e in modelenv.audit_model(folder, advisories=places).unjudged if "lock" in e]
    assert said == (
        "further requirements of the pins are in no list and no lock: `modelenv lock -m"
        f" {folder}` pins it"
    )


# By pip-audit


def test_without_advisories_pip_audit_is_asked_and_told_of_nothing_that_travels(
    pinned: Pinned, wheels: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = pinned({**PINS, "own-lib==1.0": ""})
    (folder / "wheels").mkdir()
    wheels.add("own_lib", "1.0").rename(folder / "wheels" / "own_lib-1.0-py3-none-any.whl")
    log = write_program(tmp_path / "bin", unknown=("scikit-learn",))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    audit = modelenv.audit_model(folder)
    assert json.loads(log.read_text())[1] == ["numpy==1.21.0", "scikit-learn==1.5.2"]
    (found,) = audit.vulnerable
    assert (found.ids, found.said_by) == (("CVE-1", "GHSA-1"), "pip-audit")
    assert found.fixed == ("1.22.0",)  # it lists those of older release lines, too
    assert audit.ways_out == (f"modelenv upgrade -m {folder} numpy",)
    (skipped,) = audit.undecided
    assert skipped == (
        "pip-audit can tell nothing of scikit-learn==1.5.2: Dependency not found on PyPI and could"
        " not be audited"
    )
    both = modelenv.audit_model(folder, advisories=put(tmp_path / "osv", ONE), pip_audit=True)
    assert both.vulnerable[0].said_by == "advisories, pip-audit"
    assert both.asked == ("1 advisory", "pip-audit")


def test_pip_audit_that_is_missing_or_fails_says_what_to_do(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(PipAuditMissingError, match=r"pip install 'modelenv\[audit\]'"):
        modelenv.audit_model(folder)
    write_program(tmp_path / "bin", fails=True)
    with pytest.raises(PipAuditFailedError, match="no network; it asks a service on the network"):
        modelenv.audit_model(folder)


# By the index


def test_the_index_says_what_became_of_the_pins(
    pinned: Pinned, index: Any, wheels: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    for name in ("alpha", "beta", "gamma"):
        index.add(file := wheels.add(name, "1.0"))
        file.unlink()
    index.yanked["alpha-1.0-py3-none-any.whl"] = "loses rows"
    index.statuses["beta"] = {"status": "deprecated", "reason": "take alpha"}
    folder = pinned({"alpha==1.0": "", "beta==1.0": "", "gamma==1.0": ""})
    indexes = modelenv.Indexes(index_url=f"{index.url}/simple")
    places = put(tmp_path / "osv", ONE)
    audit = modelenv.audit_model(folder, advisories=places, index=True, indexes=indexes)
    assert audit
    assert audit.told is not None
    assert [(each.pin.name, each.standing.reason) for each in audit.told] == [
        ("alpha", "loses rows"),
        ("beta", ""),
    ]
    assert 'index: alpha 1.0 was withdrawn (yanked: "loses rows")' in str(audit)
    assert 'beta/: the project is deprecated: another may have taken its place ("take alpha")' in (
        str(audit)
    )
    index.statuses["gamma"] = {"status": "quarantined", "reason": "it steals"}
    monkeypatch.setenv("MODELENV_CACHE_DIR", str(tmp_path / "another"))  # the page is still fresh
    assert not modelenv.audit_model(folder, advisories=places, index=True, indexes=indexes)


# At the command line


def test_the_command_exits_with_1_where_something_is_known(folder: Path, tmp_path: Path) -> None:
    places = put(tmp_path / "osv", ONE)
    words = ["-m", str(folder), "--advisories", str(places)]
    ended = CliRunner().invoke(command, [*words, "--json"])
    assert ended.exit_code == 1
    assert json.loads(ended.stdout)["vulnerable"][0]["ids"] == ["GHSA-1", "CVE-1"]
    assert CliRunner().invoke(command, [*words, "--ignore", "CVE-1"]).exit_code == 0


def test_a_place_that_holds_no_advisory_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(WrongUseError, match="holds no advisory"):
        modelenv.audit_model(folder, advisories=tmp_path / "empty")
