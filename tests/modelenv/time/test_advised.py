"""Only what an advisory names moves, with the proof that the prediction is the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from modelenv.base.errors import WrongUseError
from modelenv.cli.time.upgrading import upgrade as command

from ..audit.worlds import advisory, events
from ..wheels.test_advisories import ALL
from .test_upgrade import VALUE, World, pins, world

__all__ = ["world"]

BOTH = "import own, other\nreturn own.value(data) * other.old"
BEFORE_12 = events(("introduced", "0"), ("fixed", "1.2"))


def told(world: World, *documents: dict[str, Any]) -> Path:
    """Write some advisories; return their folder."""
    folder = world.root / "advisories"
    folder.mkdir()
    for number, each in enumerate(documents):
        (folder / f"{number}.json").write_text(json.dumps({**each, "id": f"GHSA-{number}"}))
    return folder


def test_what_is_named_moves_to_the_nearest_minor_version_that_is_mended(world: World) -> None:
    for version in ("1.0", "1.1", "1.2", "1.2.1", "1.3", "2.0"):
        world.release("own", version, VALUE)
        world.release("other", version, "old = 1\n")
    folder = world.save(BOTH)
    places = told(world, advisory(BEFORE_12, name="own", summary="it can be read by all"))

    found = world.upgrade(folder, security=True, advisories=places)

    assert found
    assert found.after.lines == ("other==1.0", "own==1.2.1")
    assert found.builds == 1
    assert pins(found.path) == ["other==1.0", "own==1.2.1"]
    assert [str(each.pin) for each in found.mended] == ["own==1.0"]
    assert found.left == ()
    assert "mended: own==1.0: GHSA-0: it can be read by all; mended in 1.2" in str(found)


@pytest.mark.slow
def test_what_a_report_of_pip_audit_names_moves_to_its_fix(world: World) -> None:
    for version in ("1.0", "1.1", "1.2", "1.2.1", "1.3"):
        world.release("own", version, VALUE)
    folder = world.save("import own\nreturn own.value(data)")
    vuln = {"id": "PYSEC-1", "fix_versions": ["1.2"], "aliases": [], "description": "it is bad"}
    report = world.root / "report.json"
    listed = [{"name": "own", "version": "1.0", "vulns": [vuln]}]
    report.write_text(json.dumps({"dependencies": listed, "fixes": []}))
    found = world.upgrade(folder, security=True, advisories=report)
    assert found.after.lines == ("own==1.2.1",)
    assert [each.ids for each in found.mended] == [("PYSEC-1",)]
    assert found.left == ()


def test_what_predicts_otherwise_is_not_taken_and_what_can_be_mended_is(world: World) -> None:
    for version in ("1.0", "1.2"):
        world.release("own", version, VALUE if version == "1.0" else VALUE.replace("2.0", "3.0"))
        world.release("other", version, "old = 1\n")
    folder = world.save(BOTH)
    places = told(world, *(advisory(BEFORE_12, name=name) for name in ("own", "other")))

    found = world.upgrade(folder, security=True, advisories=places)

    assert found.after.lines == ("other==1.2", "own==1.0")
    assert [str(each.pin) for each in found.mended] == ["other==1.0"]
    assert [str(each.pin) for each in found.left] == ["own==1.0"]
    assert "not mended: own==1.0" in str(found)
    assert "note: own stays: with own>=1.2 prediction: 3.0 became 4.5" in str(found)


def test_what_no_release_mends_is_told_and_nothing_tried(world: World) -> None:
    world.release("own", "1.0", VALUE)
    world.release("own", "1.1", VALUE)
    found = world.upgrade(
        world.save(), security=True, advisories=told(world, advisory(ALL, name="own"))
    )
    assert not found
    assert found.builds == 0
    assert found.notes == ("no release mends own",)


@pytest.mark.slow
def test_an_upgrade_of_all_tells_what_is_known_too(world: World) -> None:
    for version in ("1.0", "1.1", "1.2"):
        world.release("own", version, VALUE)
    places = told(world, advisory(BEFORE_12, name="own"))
    words = ["-m", str(world.save()), "--advisories", str(places)]
    refused = CliRunner().invoke(command, [*words, "--security", "own"])
    assert isinstance(refused.exception, WrongUseError)
    found = world.upgrade(world.root / "model", advisories=places)
    assert found.after.lines == ("own==1.2",)
    assert [each.ids for each in found.mended] == [("GHSA-0",)]


def test_without_advisories_nothing_can_be_named(world: World) -> None:
    world.release("own", "1.0", VALUE)
    with pytest.raises(WrongUseError, match="moves what advisories name"):
        world.upgrade(world.save(), security=True)
