"""Pins that were proven take the place of a folder's, with all that belongs to them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from envfiles import read_folder
from modelenv.folder.model_folder import ModelFolder
from modelenv.folder.rewrite import update_pins
from modelenv.pins.package_sources import PIP_CONFIGURATION
from modelenv.pins.user_hashes import HashesMissingError
from modelenv.worker.verdict import Verdict

Model = Callable[..., Path]

PROVEN = Verdict(status="reproduces", where="a replica", reason="the prediction equals it")


@pytest.fixture
def folder(model: Model, wheels: Any) -> Path:
    """A folder that carries the wheels of both its pins."""
    made = model({"alpha==1.0": "imported by the model", "beta==2.0": "via alpha"})
    (made / "wheels").mkdir()
    for wheel in (wheels.add("alpha", "1.0"), wheels.add("beta", "2.0")):
        wheel.rename(made / "wheels" / wheel.name)
    text = (made / "requirements.txt").read_text()
    (made / "requirements.txt").write_text(f"--find-links wheels\n{text}")
    return made


def ours(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((folder / "MLmodel").read_text())
    return dict(found["flavors"]["modelenv"])


def test_the_wheel_of_a_pin_that_is_taken_out_goes_with_it(folder: Path) -> None:
    update_pins(
        ModelFolder.at(folder, to_change=True),
        ["alpha==1.0"],
        PROVEN,
        sources=PIP_CONFIGURATION,
        reasons={},
        left_out={"beta": "lib.py:3"},
    )
    assert [each.name for each in (folder / "wheels").iterdir()] == ["alpha-1.0-py3-none-any.whl"]
    assert read_folder(folder).options == ("--find-links wheels",)


def test_the_wheel_of_a_pin_that_moves_goes_and_no_line_leads_to_it(folder: Path) -> None:
    update_pins(
        ModelFolder.at(folder, to_change=True),
        ["alpha==1.1"],
        PROVEN,
        sources=PIP_CONFIGURATION,
        reasons={},
    )
    assert not (folder / "wheels").exists()
    assert read_folder(folder).options == ()


def test_the_proof_is_that_of_the_new_pins(folder: Path) -> None:
    update_pins(
        ModelFolder.at(folder, to_change=True),
        ["alpha==1.0"],
        PROVEN,
        sources=PIP_CONFIGURATION,
        reasons={},
        left_out={"beta": "lib.py:3"},
    )
    proof = {"status": "reproduces", "where": "a replica", "reason": "the prediction equals it"}
    assert ours(folder)["proof"] == proof
    assert ours(folder)["left_out"] == {"gamma": "lib.py:3", "beta": "lib.py:3"}
    assert ours(folder)["theirs"] == ["kept"]


def test_what_is_pinned_now_is_no_longer_left_out(folder: Path) -> None:
    update_pins(
        ModelFolder.at(folder, to_change=True),
        ["alpha==1.0", "gamma==1.0"],
        PROVEN,
        sources=PIP_CONFIGURATION,
        reasons={"gamma": "mended"},
    )
    assert ours(folder)["left_out"] == {}


def test_locks_of_other_pins_are_gone(folder: Path) -> None:
    (folder / "pylock.py312.toml").write_text("")
    update_pins(
        ModelFolder.at(folder, to_change=True),
        ["alpha==1.0"],
        PROVEN,
        sources=PIP_CONFIGURATION,
        reasons={},
    )
    assert list(folder.glob("pylock*")) == []


def test_in_a_folder_of_anothers_the_model_file_and_the_wheels_stay(
    model: Model, wheels: Any
) -> None:
    folder = model({"alpha==1.0": "", "beta==2.0": ""}, ours=False)
    (folder / "wheels").mkdir()
    wheel = wheels.add("beta", "2.0")
    wheel.rename(folder / "wheels" / wheel.name)
    before = (folder / "MLmodel").read_text()
    update_pins(
        ModelFolder.at(folder, to_change=True),
        ["alpha==1.1"],
        PROVEN,
        sources=PIP_CONFIGURATION,
        reasons={},
    )
    assert [each.requirement for each in read_folder(folder).requirements] == ["alpha==1.1"]
    assert (folder / "MLmodel").read_text() == before
    assert (folder / "wheels" / wheel.name).exists()


def test_where_hashes_are_asked_for_new_pins_get_theirs_or_nothing_is_written(
    model: Model, wheels: Any
) -> None:
    folder = model({"alpha==1.0": "imported by the model"})
    digest = "sha256:" + "1" * 64
    lines = f"--require-hashes\nalpha==1.0 --hash={digest}\n"
    (folder / "requirements.txt").write_text(lines)
    pins = ["alpha==1.0", "beta==2.0"]
    asked: dict[str, Any] = {"sources": PIP_CONFIGURATION, "reasons": {"beta": "mended"}}
    with pytest.raises(HashesMissingError, match=r"beta==2\.0: no index and no folder has it"):
        update_pins(ModelFolder.at(folder, to_change=True), pins, PROVEN, **asked)
    assert (folder / "requirements.txt").read_text() == lines
    wheel = wheels.add("beta", "2.0")
    update_pins(ModelFolder.at(folder, to_change=True), pins, PROVEN, **asked)
    spec = read_folder(folder)
    found = "sha256:" + hashlib.sha256(wheel.read_bytes()).hexdigest()
    assert [each.hashes for each in spec.requirements] == [(digest,), (found,)]
    assert spec.options == ("--require-hashes",)
