"""The versions that a lock of floating lines chose, as of when, and the line in the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from envfiles import read_folder
from modelenv import lock_model
from modelenv.cli import main
from resolver import ConflictError

Model = Callable[..., Path]


@pytest.fixture(autouse=True)
def world(wheels: Any) -> None:
    wheels.add("alpha", "1.0", "beta>=1")
    wheels.add("beta", "1.0")
    wheels.add("beta", "2.0")
    wheels.add("gamma", "3.0")
    wheels.add("strict", "1.0", "beta<2")


@pytest.mark.parametrize(
    ("lines", "floating"),
    [
        (["alpha", "gamma==3.0"], ("alpha",)),
        (["alpha>=1", "beta", "gamma!=2"], ("alpha", "beta", "gamma")),
        (["alpha==1.0", "gamma==3.*"], ("gamma",)),
        (["alpha==1.0"], ()),
    ],
)
def test_what_floated_and_the_date_are_told(
    lines: list[str], floating: tuple[str, ...], model: Model
) -> None:
    before = datetime.now(timezone.utc)
    folder = model(dict.fromkeys(lines, ""), ours=False)
    locking = lock_model(folder)
    assert locking.floating == floating
    assert locking.resolved is not None
    when = datetime.fromisoformat(locking.resolved)
    assert before - timedelta(seconds=1) <= when <= datetime.now(timezone.utc)
    text = str(locking)
    assert f"resolved as of {locking.resolved}; unproven: nothing has predicted" in text
    assert (f"locked: {', '.join(floating)}" in text) == bool(floating)
    lock = read_folder(folder).lock
    assert lock is not None
    assert lock.resolved == locking.resolved
    told = locking.to_json()
    assert (told["floating"], told["proof"]) == (list(floating), {"status": "unproven"})


def test_a_closure_that_was_there_before_is_not_resolved(model: Model) -> None:
    locking = lock_model(model({"alpha==1.0": "imported by the model", "beta==2.0": "via alpha"}))
    assert (locking.resolved, locking.floating) == (None, ())
    assert locking.to_json()["proof"] is None
    assert "resolved as of" not in str(locking)
    assert locking.lock is not None
    assert locking.lock.resolved == ""


def test_for_another_target_even_a_closure_is_resolved(model: Model) -> None:
    locking = lock_model(model({"alpha==1.0": "imported by the model"}), target="3.12-win_amd64")
    assert locking.resolved is not None
    assert locking.floating == ()
    assert "unproven" in str(locking)


REQUIREMENTS = {"requirements.txt": "# a list\nalpha\n\nnobody==1.0\n"}
CONDA = """channels: [conda-forge]
dependencies:
- python=PYTHON
- pip:
  - alpha
  - nobody==1.0
"""


@pytest.mark.parametrize(
    ("files", "place"),
    [
        (REQUIREMENTS, "requirements.txt:4"),
        ({"requirements.txt": "alpha\n-r more.txt\n", "more.txt": "\nnobody==1.0"}, "more.txt:2"),
        ({"requirements.txt": 'nobody==1.0; python_version>"3"\n'}, "requirements.txt:1"),
        ({"conda.yaml": CONDA}, "conda.yaml:6"),
    ],
)
@pytest.mark.parametrize("ours", [True, False])
def test_the_line_that_cannot_be_met_is_named_by_its_file(
    files: dict[str, str], place: str, ours: bool, model: Model
) -> None:
    folder = model({"alpha": ""}, ours=ours)
    python = read_folder(folder).python
    for name in ("requirements.txt", "conda.yaml"):
        (folder / name).unlink()
    for name, text in files.items():
        (folder / name).write_text(text.replace("PYTHON", python))
    with pytest.raises(ConflictError) as caught:
        lock_model(folder, target="3.12")
    assert place in str(caught.value)
    assert "requirements.txt[" not in str(caught.value)
    assert "pip_requirements[" not in str(caught.value)


def test_two_lines_that_exclude_each_other_are_both_named(model: Model) -> None:
    folder = model({"alpha": ""}, ours=False)
    (folder / "conda.yaml").unlink()
    (folder / "requirements.txt").write_text("# top\nstrict\nbeta==2.0\n")
    with pytest.raises(ConflictError) as caught:
        lock_model(folder)
    assert "requirements.txt:2" in str(caught.value)
    assert "requirements.txt:3" in str(caught.value)


@pytest.mark.parametrize(
    ("line", "taken"),
    [
        ("gamma==3.0.post20210125", "gamma==3.0"),
        ("gamma==3.0+mkl", "gamma==3.0"),
        ("gamma==3.5.post1", "gamma==3.0"),
        ("gamma==2.9.post20200101", "gamma==3.0"),
    ],
)
def test_a_builders_own_number_goes(line: str, taken: str, model: Model) -> None:
    folder = model({line: ""}, ours=False)
    locking = lock_model(folder)
    assert locking.lock is not None
    assert locking.lock.by_name["gamma"].version == "3.0"
    assert f"{line} is on no index: {taken} is taken" in locking.notes


def test_one_that_can_be_had_stays(model: Model, wheels: Any) -> None:
    wheels.add("gamma", "3.0.post1")
    locking = lock_model(model({"gamma==3.0.post1": ""}, ours=False))
    assert locking.lock is not None
    assert locking.lock.by_name["gamma"].version == "3.0.post1"
    assert not any("is on no index" in note for note in locking.notes)


def test_what_takes_time_is_reported(model: Model) -> None:
    said: list[str] = []
    lock_model(model({"alpha": ""}, ours=False), report=said.append)
    assert said[0].startswith("resolving 1 requirement for Python 3.")
    assert said[1] == "looking for the files of 2 distributions"


def test_the_command_tells_it_as_json(model: Model, capsys: pytest.CaptureFixture[str]) -> None:
    main(["lock", "-m", str(model({"alpha": ""}, ours=False)), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["floating"] == ["alpha"]
    assert told["resolved"].endswith("+00:00")
