"""The distribution version that changed a prediction, between two environments."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import modelenv
from modelenv import Indexes
from modelenv.base.errors import WrongUseError
from modelenv.cli.time.bisection import bisect as command

from ...small_worlds import write_wheel
from ..conftest import Project, Site

DOUBLE = "def value(x):\n    return x * 2.0\n"
TRIPLE = "def value(x):\n    return x * 3.0\n"
FAILS = "def value(x):\n    raise ValueError('no such thing')\n"
BOTH = "import own, other\nreturn own.value(data) + other.value(data)"
OWN = "import own\nreturn own.value(data)"
THROUGH = "import other\ndef value(x):\n    return other.value(x)\n"


class History:
    """A model, and a folder of all releases of what it is made of."""

    def __init__(self, root: Path, site: Site, project: Project) -> None:
        self.root, self.site, self.project = root, site, project
        self.places = Indexes(find_links=str(root / "wheels"), no_index=True)

    def release(self, name: str, versions: str, text: str, *needs: str) -> None:
        """Release some versions of the same code; 1.0 is what the model is saved with."""
        for version in versions.split():
            modules = {f"{name}/__init__.py": f"version = {version!r}\n{text}"}
            write_wheel(self.root / "wheels", name, version, needs, modules=modules)
            if version == "1.0":
                self.site.install(name, modules, requires=needs)

    def save(self, body: str) -> Path:
        modelenv.save_model(self.project.model(body), self.root / "model", input_example=1.5)
        return self.root / "model"

    def bisect(self, folder: Path, *lines: str, **how: Any) -> modelenv.Bisection:
        return modelenv.bisect(folder, **{"bad": lines, "indexes": self.places, **how})


@pytest.fixture
def history(
    tmp_path: Path, own_site: Site, project: Project, monkeypatch: pytest.MonkeyPatch
) -> History:
    for name in [each for each in os.environ if each.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("MODELENV_CACHE_DIR", str(tmp_path / "cache"))
    return History(tmp_path, own_site, project)


def steps(found: modelenv.Bisection) -> list[tuple[str, str, str]]:
    return [(each.name, each.good, each.bad) for each in found.culprits]


def test_the_release_is_found_among_those_between(history: History) -> None:
    history.release("own", "1.0 1.1 1.2", DOUBLE)
    history.release("own", "1.3 1.4 1.5", TRIPLE)
    history.release("other", "1.0 1.1 2.0", DOUBLE)
    folder = history.save(BOTH)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    found = history.bisect(folder, "own==1.5", "other==2.0")

    assert found
    assert found.outcome == "found"
    assert steps(found) == [("own", "1.2", "1.3")]
    assert "own 1.2 -> 1.3 changed the prediction\n  prediction: 6.0 became 7.5" in str(found)
    assert found.differing == 2
    assert found.culprits[0].companions == ()
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.slow
def test_each_of_two_that_changed_it_is_found(history: History) -> None:
    for name in ("own", "other"):
        history.release(name, "1.0 1.1", DOUBLE)
        history.release(name, "1.2", TRIPLE)
    found = history.bisect(history.save(BOTH), "own==1.2", "other==1.2")
    assert sorted(steps(found)) == [("other", "1.1", "1.2"), ("own", "1.1", "1.2")]


def test_what_can_only_move_together_is_parted_by_the_releases_between(history: History) -> None:
    history.release("other", "1.0", DOUBLE)
    history.release("other", "2.0", TRIPLE)
    history.release("own", "1.0", THROUGH, "other<2")
    history.release("own", "1.5", THROUGH, "other")
    history.release("own", "2.0", THROUGH, "other>=2")
    found = history.bisect(history.save(OWN), "own==2.0", "other==2.0")
    assert steps(found) == [("other", "1.0", "2.0")]


def test_what_nothing_parts_is_told_with_what_moved_with_it(history: History) -> None:
    history.release("other", "1.0", DOUBLE)
    history.release("other", "2.0", TRIPLE)
    history.release("own", "1.0", THROUGH, "other<2")
    history.release("own", "2.0", THROUGH, "other>=2")
    (culprit,) = history.bisect(history.save(OWN), "own==2.0", "other==2.0").culprits
    assert (culprit.name, culprit.good, culprit.bad) == ("other", "1.0", "2.0")
    assert culprit.companions == ("own==1.0 -> own==2.0",)


def test_releases_that_fail_tell_nothing_of_a_prediction_that_differs(history: History) -> None:
    history.release("own", "1.0", DOUBLE)
    history.release("own", "1.1 1.2", FAILS)
    history.release("own", "1.3 1.4", TRIPLE)
    (culprit,) = history.bisect(history.save(OWN), "own==1.4").culprits
    assert (culprit.good, culprit.bad) == ("1.0", "1.3")
    assert [each.partition(":")[0] for each in culprit.skipped] == ["own 1.1", "own 1.2"]
    assert "undecided: own 1.1: ValueError: no such thing" in str(culprit)


@pytest.mark.slow
def test_what_made_it_fail_is_found_too(history: History) -> None:
    history.release("own", "1.0", DOUBLE)
    history.release("own", "1.1", TRIPLE)
    history.release("own", "1.2 1.3", FAILS)
    found = history.bisect(history.save(OWN), "own==1.3")
    assert steps(found) == [("own", "1.1", "1.2")]
    assert "own 1.1 -> 1.2 made it fail" in str(found)


@pytest.mark.slow
def test_what_is_merely_there_may_change_it(history: History) -> None:
    history.release("own", "1.0", DOUBLE)
    history.release("other", "1.0", DOUBLE)
    body = "import own\ntry:\n    import faster\nexcept ImportError:\n    return own.value(data)\n"
    folder = history.save(f"{body}return 0.5")
    history.release("faster", "3.1", "")
    found = history.bisect(folder, "faster", "other")
    assert steps(found) == [("faster", "", "3.1")]
    assert "faster 3.1, which was not there, changed the prediction" in str(found)


@pytest.mark.slow
def test_an_older_side_is_gone_through_backwards(history: History) -> None:
    history.release("own", "0.8", TRIPLE)
    history.release("own", "0.9 1.0", DOUBLE)
    found = history.bisect(history.save(OWN), "own==0.8")
    assert steps(found) == [("own", "0.9", "0.8")]


def test_the_command_reads_files_and_an_input(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    history.release("own", "1.0 1.1", "def value(x):\n    return min(x, 2.0)\n")
    history.release("own", "1.2", DOUBLE.replace("2.0", "1.0"))
    folder = history.save(OWN)
    (history.root / "today.txt").write_text("own==1.2\n")
    (history.root / "input.json").write_text('{"inputs": 7.5}')
    words = ["-m", str(folder), "--bad", str(history.root / "today.txt"), "--json"]
    words += ["--find-links", str(history.root / "wheels")]

    ended = CliRunner().invoke(command, words)
    assert ended.exit_code == 1, ended.output  # on the example nothing is different
    assert json.loads(ended.stdout)["outcome"] == "same"

    ended = CliRunner().invoke(command, [*words, "-i", str(history.root / "input.json")])
    told = json.loads(ended.stdout)
    assert (ended.exit_code, told["outcome"]) == (0, "found")
    (culprit,) = told["culprits"]
    assert (culprit["name"], culprit["good"], culprit["bad"]) == ("own", "1.1", "1.2")
    assert "2.0 became 7.5" in culprit["reason"]


def test_a_side_that_does_not_run_is_told_and_nothing_looked_for(history: History) -> None:
    history.release("own", "1.0", DOUBLE)
    history.release("own", "1.1", FAILS)
    found = history.bisect(history.save(OWN), "own==1.0", good=["own==1.1"])
    assert found.outcome == "bad good side"
    assert len(found.tried) == 1
    assert "it does not predict with own==1.1" in str(found)


def test_what_is_no_side_and_no_input_is_an_error(history: History) -> None:
    history.release("own", "1.0", DOUBLE)
    folder = history.save(OWN)
    with pytest.raises(WrongUseError, match="nowhere/MLmodel: there is no such file or folder"):
        history.bisect(folder, "nowhere/MLmodel")
    with pytest.raises(WrongUseError, match=r"absent\.json: there is no such file"):
        history.bisect(folder, "own==1.0", data=Path("absent.json"))
