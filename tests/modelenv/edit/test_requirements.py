from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from envfiles import check_agreement, read_folder
from modelenv import update_requirements
from modelenv.base.errors import WrongUseError
from modelenv.cli.edit import requirements as command
from modelenv.folder.model_folder import ModelFolder
from resolver import ConflictError, ResolverError

Model = Callable[..., Path]
Site = Callable[..., None]
Snapshot = Callable[[Path], dict[str, bytes]]
PINS = {"alpha==1.0": "imported by the model", "beta==2.0": "via alpha"}

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture
def world(installed_site: Site, wheels: Any) -> None:
    installed_site("alpha", "1.0", "beta>=1")
    installed_site("beta", "2.0")
    installed_site("gamma", "1.0", "delta")
    installed_site("delta", "1.0")
    installed_site("strict", "1.0", "beta<2")


def lines(folder: Path) -> list[str]:
    return [entry.requirement for entry in read_folder(folder).requirements]


def reasons(folder: Path) -> dict[str, str]:
    return {entry.name: entry.comment for entry in read_folder(folder).requirements}


class TestAdding:
    def test_what_it_needs_comes_with_it_and_every_file_says_so(self, model: Model) -> None:
        folder = model(PINS)
        edited = update_requirements(folder, add=["Gamma"], index="never")
        assert lines(folder) == ["alpha==1.0", "beta==2.0", "delta==1.0", "gamma==1.0"]
        check_agreement(folder)
        assert [str(each) for each in edited.difference.changes] == ["+ delta==1.0", "+ gamma==1.0"]
        assert reasons(folder) == {
            "alpha": "imported by the model",
            "beta": "via alpha",
            "delta": "via gamma",
            "gamma": "asked for (Gamma)",
        }

    def test_the_evidence_and_unknown_keys_stay(self, model: Model) -> None:
        folder = model(PINS)
        update_requirements(folder, add=["gamma"], index="never")
        assert (folder / "trace.json").read_text() == '{"the": "evidence"}\n'
        assert (folder / "code" / "own.py").read_text() == "x = 1\n"
        document = yaml.safe_load((folder / "MLmodel").read_text())
        assert document["unknown"] == {"key": 1}
        assert document["flavors"]["modelenv"] == {
            "format": 1,
            "left_out": {},
            "proof": {"status": "unproven"},
            "theirs": ["kept"],
        }

    def test_a_line_wins_over_the_pin_on_the_same_name(self, model: Model, wheels: Any) -> None:
        pytest.importorskip("pip")
        wheels.add("beta", "1.5")
        folder = model(PINS)
        edited = update_requirements(folder, add=["beta<2"])
        assert lines(folder) == ["alpha==1.0", "beta==1.5"]
        assert "~ beta 2.0 -> 1.5 (major)" in str(edited)
        assert reasons(folder)["beta"] == "asked for (beta<2); via alpha"

    def test_only_what_has_to_move_moves(
        self, model: Model, wheels: Any, installed_site: Site
    ) -> None:
        """Pins that only follow keep their versions, though others are installed here."""
        pytest.importorskip("pip")
        wheels.add("beta", "1.5")
        wheels.add("delta", "0.9")
        folder = model(
            {
                "alpha==1.0": "imported by the model",
                "beta==2.0": "via alpha",
                "delta==0.9": "via gamma",
                "gamma==1.0": "imported by the model",
            }
        )
        update_requirements(folder, add=["strict"])
        assert lines(folder) == [
            "alpha==1.0",
            "beta==1.5",
            "delta==0.9",
            "gamma==1.0",
            "strict==1.0",
        ]

    def test_a_conflict_changes_nothing(self, model: Model, snapshot: Snapshot) -> None:
        folder = model(PINS)
        before = snapshot(folder)
        with pytest.raises(ConflictError, match="strict"):
            update_requirements(folder, add=["strict", "beta>=2"], index="never")
        assert snapshot(folder) == before
        assert sorted(path.name for path in folder.parent.glob(".model*")) == []

    def test_a_constraint_narrows_and_is_kept(self, model: Model) -> None:
        folder = model(PINS)
        update_requirements(
            folder, add=["gamma"], constraints=["delta<2", "nobody<1"], index="never"
        )
        assert read_folder(folder).constraints == ("delta<2", "nobody<1")
        assert "nobody" not in " ".join(lines(folder))
        with pytest.raises(ResolverError):
            update_requirements(folder, constraints=["alpha<1"], index="never")

    def test_twice_is_once(self, model: Model, snapshot: Snapshot) -> None:
        folder = model(PINS)
        update_requirements(folder, add=["gamma"], index="never")
        before = snapshot(folder)
        assert not update_requirements(folder, add=["gamma"], index="never").difference
        assert snapshot(folder) == before

    def test_extras_are_united(self, model: Model) -> None:
        folder = model({"alpha[x]==1.0": "imported by the model", "beta==2.0": "via alpha"})
        update_requirements(folder, add=["alpha[y]>=1"], index="never")
        assert lines(folder)[0].startswith("alpha")
        assert "==1.0" in lines(folder)[0]

    def test_hashes_and_locks_that_no_longer_hold_are_gone_with_a_note(self, model: Model) -> None:
        folder = model(PINS)
        text = (folder / "requirements.txt").read_text()
        hashed = text.replace("==1.0", "==1.0 --hash=sha256:" + "0" * 64)
        (folder / "requirements.txt").write_text(
            hashed.replace("==2.0", "==2.0 --hash=sha256:" + "1" * 64)
        )
        (folder / "pylock.toml").write_text(
            'lock-version = "1.0"\ncreated-by = "x"\npackages = []\n'
        )
        (folder / "pylock.py312.toml").write_text("")
        edited = update_requirements(folder, add=["gamma"], index="never")
        assert "--hash" not in (folder / "requirements.txt").read_text()
        assert list(folder.glob("pylock*")) == []
        assert sum("modelenv lock" in note for note in edited.notes) == 3


class TestRemoving:
    def test_what_only_it_needed_goes_too(self, model: Model) -> None:
        folder = model({**PINS, "gamma==1.0": "asked for (gamma)", "delta==1.0": "via gamma"})
        update_requirements(folder, remove=["Gamma"], index="never")
        assert lines(folder) == ["alpha==1.0", "beta==2.0"]

    def test_what_others_require_stays_and_is_named(self, model: Model) -> None:
        folder = model({**PINS, "beta==2.0": "imported by the model; via alpha"})
        edited = update_requirements(folder, remove=["beta"], index="never")
        assert "note: beta stays: alpha requires beta" in str(edited)
        assert reasons(folder)["beta"] == "via alpha"

    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("beta", r"others require it \(via alpha\)"),
            ("nobody", "is not among the requirements"),
            ("-", "is not the name"),
        ],
    )
    def test_what_cannot_be_taken_away_is_named(self, model: Model, name: str, reason: str) -> None:
        with pytest.raises(WrongUseError, match=reason):
            update_requirements(model(PINS), remove=[name], index="never")


class TestSetting:
    def test_a_list_takes_the_place_of_all(self, model: Model) -> None:
        folder = model(PINS)
        update_requirements(folder, replace_all=["gamma==1.0"], index="never")
        assert lines(folder) == ["delta==1.0", "gamma==1.0"]

    def test_it_stands_alone(self, model: Model) -> None:
        with pytest.raises(WrongUseError, match="beside it"):
            update_requirements(model(PINS), replace_all=["gamma"], add=["delta"])
        with pytest.raises(WrongUseError, match="nothing to change"):
            update_requirements(model(PINS, name="other"))


class TestOthersFolders:
    """A folder of another tool holds top-level lines: only those that are named change."""

    def test_only_the_named_lines_change(self, model: Model) -> None:
        folder = model({"alpha>=1": "", "beta": ""}, ours=False)
        mlmodel = (folder / "MLmodel").read_text()
        update_requirements(folder, add=["gamma"], remove=["beta"], index="never")
        assert lines(folder) == ["alpha>=1", "gamma==1.0"]
        assert (folder / "MLmodel").read_text() == mlmodel
        check_agreement(folder)

    def test_a_conflict_is_found_all_the_same(self, model: Model, snapshot: Snapshot) -> None:
        folder = model({"alpha==1.0": "", "beta==2.0": ""}, ours=False)
        before = snapshot(folder)
        with pytest.raises(ConflictError):
            update_requirements(folder, add=["strict"], index="never")
        assert snapshot(folder) == before

    def test_lines_for_other_pythons_stay(self, model: Model) -> None:
        old = 'beta==1.0; python_version < "3"'
        folder = model({"alpha==1.0": "", old: ""}, ours=False)
        update_requirements(folder, add=["gamma"], index="never")
        assert lines(folder) == ["alpha==1.0", old, "gamma==1.0"]

    def test_nothing_can_be_proven(self, model: Model) -> None:
        with pytest.raises(WrongUseError, match="no recorded prediction"):
            update_requirements(model({"alpha": ""}, ours=False), add=["gamma"], prove=True)


def test_the_command_takes_no_empty_list_for_all_that_is_to_stand(
    model: Model, snapshot: Snapshot
) -> None:
    folder = model(PINS)
    before = snapshot(folder)
    assert CliRunner().invoke(command, ["set", "-m", str(folder)]).exit_code == 2
    assert snapshot(folder) == before


def test_the_command_lists_and_edits(model: Model) -> None:
    folder = model(PINS)
    run = CliRunner()
    listed = run.invoke(command, ["list", "-m", str(folder)])
    assert listed.output.splitlines() == [
        "alpha==1.0  imported by the model",
        "beta==2.0   via alpha",
    ]
    added = run.invoke(command, ["add", "-m", str(folder), "gamma", "--no-index", "--json"])
    assert json.loads(added.output)["added"][1]["name"] == "gamma"
    removed = run.invoke(command, ["remove", "-m", str(folder), "gamma", "--no-index"])
    assert "- gamma==1.0" in removed.output
    file = folder.parent / "r.txt"
    file.write_text("delta\n")
    run.invoke(command, ["set", "-m", str(folder), "-r", str(file), "--no-index"])
    data = json.loads(run.invoke(command, ["list", "-m", str(folder), "--json"]).output)
    assert [(each["requirement"], each["root"]) for each in data["requirements"]] == [
        ("delta==1.0", True)
    ]


def test_a_line_without_reason_is_a_root(model: Model) -> None:
    folder = model({"alpha==1.0": "", "beta==2.0": "via alpha", "delta==1.0": "via somebody"})
    assert [entry.name for entry in ModelFolder.at(folder).pins.roots] == ["alpha", "delta"]
