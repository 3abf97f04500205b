"""The audit of many models: vulnerabilities, the models that share them, newer versions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import modelenv
from modelenv.audit.errors import PipAuditFailedError, PipAuditMissingError

from ..audit.worlds import advisory, events, put, write_program
from ..wheels.test_advisories import ALL

if TYPE_CHECKING:
    from .conftest import Fleet

OLD = ("numpy==1.21.0", "Scikit_Learn==1.0")


@pytest.fixture
def advisories(tmp_path: Path) -> Path:
    mended = events(("introduced", "0"), ("fixed", "1.22.0"))
    grave: dict[str, Any] = {"database_specific": {"severity": "HIGH"}}
    return put(
        tmp_path / "advisories",
        advisory(mended, aliases=["CVE-1"], summary="bad", **grave),
        advisory(ALL, name="scikit-learn", id="GHSA-2", withdrawn="2026-01-01T00:00:00Z"),
        advisory(ALL, name="nothing-here", id="GHSA-3"),
    )


def test_the_models_that_hold_a_version_are_named(fleet: Fleet, advisories: Path) -> None:
    old = [fleet.add(f"old{number}", OLD) for number in range(7)]
    fleet.add("new")
    fleet.add("open", ("pandas>=2", "numpy==1.21.0"))
    audit = modelenv.audit_fleet(fleet.root, advisories=advisories)
    assert not audit
    (found,) = audit.vulnerable
    assert (found.pin.name, found.pin.version, found.ids) == (
        "numpy",
        "1.21.0",
        ("GHSA-1", "CVE-1"),
    )
    assert (found.severity, found.fixed, found.models) == ("high", ("1.22.0",), 8)
    assert found.examples == tuple(map(str, old[:5]))
    assert audit.affected == 8
    assert audit.groups[0].models == 7
    assert {(group.models, group.floating) for group in audit.groups[1:]} == {
        *((1, ("pandas",)), (1, ())),
    }
    outcomes = {Path(each.path).name: each for each in audit.outcomes()}
    assert (outcomes["old0"].status, outcomes["old0"].good) == ("affected", False)
    assert (outcomes["new"].status, outcomes["new"].good) == ("nothing known", True)
    text = str(audit)
    assert text.startswith("9 models with 3 pin sets: 8 affected, by 1 version")
    assert "numpy==1.21.0: GHSA-1, CVE-1 (high): bad; mended in 1.22.0" in text
    assert "8 models: " in text
    assert "1 model leaves versions open" in text
    assert "9 models pin no whole environment: of what the pins require besides nothing" in text
    said = audit.to_json()
    assert said["vulnerable"][0]["models"] == 8
    json.dumps(said)


def test_without_advisories_nothing_is_claimed(fleet: Fleet) -> None:
    fleet.add("a", OLD)
    audit = modelenv.audit_fleet(fleet.root)
    assert audit.asked == ()
    assert "no advisories were named" in str(audit)


def test_of_a_lock_the_versions_count(fleet: Fleet, advisories: Path) -> None:
    model = fleet.add("a", ("scikit-learn==1.5.2",))
    packages = "".join(
        f'[[packages]]\nname = "{name}"\nversion = "{version}"\n[[packages.wheels]]\n'
        f'url = "https://h/{name.replace("-", "_")}-{version}-py3-none-any.whl"\n'
        f'hashes = {{sha256 = "{"0" * 64}"}}\n'
        for name, version in (("numpy", "1.21.0"), ("scikit-learn", "1.5.2"))
    )
    (model / "pylock.toml").write_text(f'lock-version = "1.0"\ncreated-by = "t"\n{packages}')
    audit = modelenv.audit_fleet(fleet.root, advisories=advisories)
    assert [each.pin.name for each in audit.vulnerable] == ["numpy"]


def test_a_model_that_cannot_be_read_is_told(fleet: Fleet, advisories: Path) -> None:
    (fleet.add("a") / "MLmodel").write_text("flavors: [")
    audit = modelenv.audit_fleet(fleet.root, advisories=advisories)
    assert not audit
    assert audit.report.counts == {"error": 1}
    assert "a/MLmodel" in str(audit) or "MLmodel" in str(audit)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Put a program in the place of pip-audit; return what starts it, and its log."""

    def put_there(*, fails: bool = False, unknown: tuple[str, ...] = ()) -> Path:
        monkeypatch.setenv("PATH", str(tmp_path / "bin"))
        return write_program(tmp_path / "bin", fails=fails, unknown=unknown)

    return put_there


def test_pip_audit_is_asked_of_each_version_once(
    fleet: Fleet, advisories: Path, program: Any
) -> None:
    fleet.add("a", OLD)
    fleet.add("b", ("numpy==1.26.4", "torch==2.5.1+cu121"))
    fleet.add("c", ("numpy==1.26.4", "pandas==2.2.3"))
    log = program()
    audit = modelenv.audit_fleet(fleet.root, pip_audit=True, advisories=advisories)
    asked = [json.loads(line)[1] for line in log.read_text().splitlines()]
    assert sorted(line for lines in asked for line in lines) == [
        *("numpy==1.21.0", "numpy==1.26.4", "pandas==2.2.3", "scikit-learn==1.0", "torch==2.5.1"),
    ]
    assert len(asked) == 2  # it refuses two versions of one name
    (found,) = audit.vulnerable
    assert found.ids == ("GHSA-1", "CVE-1")
    assert found.said_by == "advisories, pip-audit"
    assert found.models == 1


def test_pip_audit_that_fails_is_no_answer(fleet: Fleet, program: Any) -> None:
    fleet.add("a", OLD)
    program(fails=True)
    with pytest.raises(PipAuditFailedError) as failed:
        modelenv.audit_fleet(fleet.root, pip_audit=True)
    assert "no network" in str(failed.value)


def test_pip_audit_that_is_missing_is_named(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet.add("a", OLD)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(PipAuditMissingError):
        modelenv.audit_fleet(fleet.root, pip_audit=True)


def test_what_pip_audit_does_not_know_is_no_good_answer(fleet: Fleet, program: Any) -> None:
    fleet.add("a", ("numpy==1.26.4", "own-lib==1.0"))
    program(unknown=("own-lib",))
    audit = modelenv.audit_fleet(fleet.root, pip_audit=True)
    assert not audit
    assert audit.undecided == (
        "pip-audit can tell nothing of own-lib==1.0: Dependency not found on PyPI and could not be"
        " audited",
    )


def test_the_indexes_say_what_became_of_the_pins_of_all(
    fleet: Fleet, index: Any, wheels: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    for name in ("alpha", "beta"):
        index.add(file := wheels.add(name, "1.0"))
        file.unlink()
    index.yanked["alpha-1.0-py3-none-any.whl"] = "loses rows"
    index.statuses["beta"] = {"status": "quarantined", "reason": "it steals"}
    fleet.add("a", ("alpha==1.0",))
    fleet.add("b", ("alpha==1.0", "gone==1.0"))
    indexes = modelenv.Indexes(index_url=f"{index.url}/simple")
    audit = modelenv.audit_fleet(fleet.root, index=True, indexes=indexes)
    assert audit
    assert audit.told is not None
    assert [(str(each.pin), each.models, each.standing.reason) for each in audit.told] == [
        ("alpha==1.0", 2, "loses rows"),
    ]
    assert (
        'index: alpha 1.0 was withdrawn (yanked: "loses rows"): it is taken as a line pins it'
        " (2 models)"
    ) in str(audit).splitlines()
    assert audit.to_json()["index"][0]["yanked"] is True
    fleet.add("c", ("beta==1.0",))
    audit = modelenv.audit_fleet(fleet.root, index=True, indexes=indexes)
    assert not audit
    assert [each.is_harmful for each in audit.told or ()] == [False, True]


def test_an_index_that_does_not_answer_is_told(
    fleet: Fleet, wheels: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_RETRIES", "0")
    fleet.add("a", ("alpha==1.0",))
    indexes = modelenv.Indexes(index_url="http://127.0.0.1:9/simple")
    audit = modelenv.audit_fleet(fleet.root, index=True, indexes=indexes)
    assert not audit
    assert "its index does not tell" in audit.unanswered[0]
