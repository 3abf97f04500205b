from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.revive.account import faults
from benchmarks.revive.make import NoPythonError, find_python, make
from benchmarks.revive.old_model import OldModel
from benchmarks.revive.stories import STORIES
from benchmarks.revive.ways import Revive, tried

INSIDE = Path(__file__).parent.parent.parent / "benchmarks" / "revive" / "inside"


@pytest.fixture
def old(tmp_path: Path) -> OldModel:
    """Return an old model of MLflow's, with a pin that has no wheel and a name without a pin."""
    folder = tmp_path / "old"
    (folder / "model").mkdir(parents=True)
    (folder / "model" / "requirements.txt").write_text("mlflow\nregex==2020.7.14\nPandas>=1\n")
    conda = [
        "python=3.9.5",
        "pip<=22.3",
        "scikit-learn=1.0",
        {"pip": ["mlflow", "regex==2020.7.14"]},
    ]
    (folder / "model" / "conda.yaml").write_text(yaml.safe_dump({"dependencies": conda}))
    (folder / "prediction.json").write_text('{"predictions": [1, 0.25]}')
    story = {
        "name": "08", "model": "model", "states": "3.9.5", "changes": ["regex"],
        "rules": ["wheel"], "verdict": "runs",
    }  # fmt: skip
    (folder / "story.json").write_text(json.dumps(story))
    return OldModel.read(folder)


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """Return a new folder whose files agree."""
    folder = tmp_path / "new"
    folder.mkdir()
    pins = {"pandas": "1.3.4", "regex": "2020.9.27", "scikit-learn": "1.0.2"}
    lines = [f"{name}=={version}" for name, version in pins.items()]
    (folder / "requirements.txt").write_text("# told\n" + "  # why\n".join([*lines, ""]))
    conda = {"dependencies": ["python=3.9.18", "pip", {"pip": lines}]}
    (folder / "conda.yaml").write_text(yaml.safe_dump(conda))
    (folder / "python_env.yaml").write_text("python: 3.9.18\n")
    flavors = {"flavors": {"python_function": {"python_version": "3.9.18"}}}
    (folder / "MLmodel").write_text(yaml.safe_dump(flavors))
    entry = '[[packages]]\nname = "{}"\nversion = "{}"\nwheels = [{{hashes = {{sha256 = "0"}}}}]\n'
    (folder / "pylock.toml").write_text("".join(entry.format(*each) for each in pins.items()))
    return folder


def account(**changed: str) -> dict[str, Any]:
    """Return a true account of them, but for the changes of some rules."""
    changes = {"date": "", "python": "", "loader": "without mlflow", "conda": "scikit-learn=1.0"}
    changes |= {"wheel": "regex 2020.7.14 -> 2020.9.27", **changed}
    rules = [{"name": name, "reason": "so it is", "change": text} for name, text in changes.items()]
    return {"python": "3.9.18", "rules": rules, "proof": {"status": "runs"}}


def test_a_true_account_has_no_faults(old: OldModel, new: Path) -> None:
    assert not list(faults(old, account(), new))


def test_a_pin_that_was_changed_and_not_told_is_a_fault(old: OldModel, new: Path) -> None:
    assert list(faults(old, account(wheel=""), new)) == [
        "regex 2020.7.14 became 2020.9.27, silently"
    ]


def test_a_change_that_the_list_does_not_have_is_a_fault(old: OldModel, new: Path) -> None:
    said = account(wheel="regex 2020.7.14 -> 2020.10.11", list="pandas -> pandas<1.3")
    assert len(list(faults(old, said, new))) == 2
    assert list(faults(old, account(loader="without mlflow, pandas"), new)) == [
        "loader tells 'without mlflow, pandas', which is not so"
    ]
    assert list(faults(old, account(python="Python 3.9.5 -> 3.10.13"), new)) == [
        "python tells 'Python 3.9.5 -> 3.10.13', which is not so"
    ]


def test_a_pin_that_could_be_had_must_not_change(old: OldModel, new: Path) -> None:
    old.story["changes"].clear()
    assert list(faults(old, account(), new)) == [
        "regex 2020.7.14 became 2020.9.27, and could be had"
    ]


def test_a_rule_that_is_not_told_and_another_verdict_are_faults(old: OldModel, new: Path) -> None:
    said = account()
    said["rules"] = [rule for rule in said["rules"] if rule["name"] not in ("date", "python")]
    said["proof"]["status"] = "reproduces"
    assert list(faults(old, said, new)) == [
        "rule date is not told",
        "rule python is not told",
        "the verdict is reproduces, and should be runs",
    ]


def test_files_that_disagree_are_faults(old: OldModel, new: Path) -> None:
    lock = new / "pylock.toml"
    lock.write_text(lock.read_text().replace("1.3.4", "1.3.5").replace("hashes", "sizes", 1))
    (new / "python_env.yaml").write_text("python: 3.9.5\n")
    assert list(faults(old, account(), new)) == [
        "pylock.toml lists others than requirements.txt",
        "pylock.toml has a file of pandas without a hash",
        "the Python is told as 3.9.18, 3.9.5",
    ]


def test_a_version_of_conda_is_one_or_a_line(old: OldModel) -> None:
    conda = ["scikit-learn=0.22.2.post1", "pip<=22.3", "pandas=1.5", "numpy==1.19.2=py38h_0"]
    (old.model / "conda.yaml").write_text(yaml.safe_dump({"dependencies": conda}))
    assert old.pins == {
        "scikit-learn": "0.22.2.post1",
        "pandas": "1.5.*",
        "numpy": "1.19.2.*",
        "regex": "2020.7.14",
    }


@pytest.mark.parametrize(
    ("answer", "same"),
    [
        ({"predictions": [1, 0.25]}, True),
        ([{"price": 1}, {"price": 0.25 + 1e-9}], True),
        ({"predictions": [1, 0.26]}, False),
        ({"predictions": [1]}, False),
        ({"predictions": [1, "0.25"]}, False),
    ],
)
def test_predictions_are_compared_as_plain_data(old: OldModel, answer: object, same: bool) -> None:
    assert old.is_prediction(answer) is same


def test_a_touched_model_has_another_fingerprint(old: OldModel) -> None:
    before = old.fingerprint()
    (old.model / "conda.yaml").touch()
    assert old.fingerprint() == before
    (old.model / "conda.yaml").write_text("")
    assert old.fingerprint() != before


@pytest.mark.slow
def test_an_old_model_is_made_and_revived(
    tmp_path: Path, uv: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = next(each for each in STORIES if each.name == "12-frozen-by-conda")
    try:
        find_python(story.python, {})
    except NoPythonError as error:
        pytest.skip(str(error))
    # The one index that tells when it received a file, whatever this machine has beside it.
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    made = OldModel.read(make(story, tmp_path / "made", tmp_path / "environments", {}, uv))
    outcome = tried(Revive(), made, tmp_path / "scratch")
    assert (outcome.good, outcome.said) == (True, "")
    assert any(note.startswith("list: scikit-learn @ file:") for note in outcome.notes)


def test_every_story_has_a_maker_and_a_name_of_its_own() -> None:
    assert len({story.name for story in STORIES}) == len(STORIES) == 20
    for story in STORIES:
        script, function = story.maker.split()
        assert f"\ndef {function}(folder):" in (INSIDE / script).read_text("utf-8")


def test_a_given_python_goes_before_those_that_are_found() -> None:
    assert find_python("3.9", {"3.9": "/opt/python"}) == "/opt/python"
