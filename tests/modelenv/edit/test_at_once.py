"""Several edit one folder at the same time: every edit is there, or was refused."""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

from envfiles import TargetChanged, check_agreement, read_folder
from modelenv import lock_model, migrate_channels, update_requirements
from modelenv.cli.shared.answering import exit_code
from modelenv.folder.model_folder import ModelFolder
from modelenv.folder.rewrite import redone, rewriting

Model = Callable[..., Path]
PINS = {"alpha==1.0": "imported by the model"}
DONE, REFUSED, FAILED = range(3)

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that are forked")


@pytest.fixture
def folder(model: Model, installed_site: Callable[..., None], wheels: Any) -> Path:
    """A model, alone in a folder, and enough that can be added to it."""
    installed_site("alpha", "1.0")
    for number in range(50):
        installed_site(f"added{number}", "1.0")
    made = model(PINS, name="out/model")
    (made / "conda.yaml").write_text(
        (made / "conda.yaml").read_text().replace("conda-forge", "defaults")
    )
    return made


def add(folder: Path, number: int) -> None:
    update_requirements(folder, add=[f"added{number}"], index="never")


def migrate(folder: Path) -> None:
    (migrated,) = migrate_channels(folder)
    if migrated.status != "changed":
        raise TargetChanged(folder, str(migrated))


def at_once(*edits: Callable[[], object]) -> list[int]:
    """Make edits in processes that begin together; return how each of them ended."""
    start, gate = os.pipe()
    children = []
    for edit in edits:
        child = os.fork()
        if child == 0:
            os.close(gate)
            os.read(start, 1)  # until the gate is closed
            _end_after(edit)
        children.append(child)
    os.close(start)
    os.close(gate)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def _end_after(edit: Callable[[], object]) -> NoReturn:
    """Make an edit, and end this process with how it went."""
    outcome = FAILED
    try:
        edit()
        outcome = DONE
    except TargetChanged:
        outcome = REFUSED
    finally:
        if outcome == FAILED:
            traceback.print_exc(file=sys.stderr)
        os._exit(outcome)


def check_that_none_is_lost(folder: Path, writers: int) -> int:
    """Let so many add something at once; return how many were refused."""

    def edit(number: int) -> Callable[[], object]:
        return lambda: add(folder, number)

    outcomes = at_once(*map(edit, range(writers)))
    names = {entry.name for entry in read_folder(folder).requirements}
    done = {f"added{number}" for number, outcome in enumerate(outcomes) if outcome == DONE}
    assert names == {"alpha", *done}
    assert FAILED not in outcomes
    check_agreement(folder)
    assert [path.name for path in folder.parent.iterdir()] == ["model"]
    return outcomes.count(REFUSED)


def test_of_six_edits_none_is_lost(folder: Path) -> None:
    assert check_that_none_is_lost(folder, 6) == 0


@pytest.mark.slow
def test_of_fifty_edits_none_is_lost(folder: Path) -> None:
    assert check_that_none_is_lost(folder, 50) < 10


def test_of_edits_of_several_kinds_none_is_lost(folder: Path, wheels: Any) -> None:
    for name in ("alpha", "added1", "added2"):
        wheels.add(name, "1.0")
    outcomes = at_once(
        lambda: add(folder, 1),
        lambda: lock_model(folder, target="3.12"),
        lambda: migrate(folder),
        lambda: add(folder, 2),
    )
    assert outcomes == [DONE] * 4
    check_agreement(folder)
    spec = read_folder(folder)
    assert [entry.name for entry in spec.requirements] == ["added1", "added2", "alpha"]
    assert spec.channels == ("conda-forge",)
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


def edited_meanwhile(folder: Path, times: int, *, longest: float = 60.0) -> list[str]:
    """Edit a folder while somebody else does, some times; return what was reported."""
    said: list[str] = []
    left = iter(range(times))

    def edit(model: ModelFolder) -> None:
        text = (model.path / "requirements.txt").read_text()
        number = next(left, None)
        if number is not None:
            add(folder, number)
        with rewriting(model) as copy:
            copy.staging.write({"requirements.txt": f"{text}mine==1\n"})

    redone(folder, edit, said.append, longest=longest)
    return said


def test_an_edit_is_done_again_on_what_stands_there(folder: Path) -> None:
    said = edited_meanwhile(folder, 3)
    assert said == ["somebody else changed the folder meanwhile: doing it again"] * 3
    lines = (folder / "requirements.txt").read_text()
    assert all(f"added{number}==1.0" in lines for number in range(3))
    assert lines.endswith("mine==1\n")


def test_one_that_takes_long_is_refused_with_what_changed(folder: Path) -> None:
    with pytest.raises(TargetChanged, match="so nothing was written: do it again") as caught:
        edited_meanwhile(folder, 1, longest=0.0)
    assert caught.value.target == folder
    assert exit_code(caught.value) == 1
    assert "requirements.txt" in caught.value.changed
    assert [entry.name for entry in read_folder(folder).requirements] == ["added0", "alpha"]


def test_what_fails_over_a_mixture_of_two_states_is_done_again(folder: Path) -> None:
    times = []

    def edit(model: ModelFolder) -> str:
        times.append(model)
        if len(times) == 1:
            add(folder, 1)
            raise FileNotFoundError(2, "as where a folder is put away while it is read", "gone")
        return "done"

    assert redone(folder, edit, lambda _: None) == "done"
    with pytest.raises(FileNotFoundError):
        redone(folder, lambda _: (folder / "gone").read_text(), lambda _: None)


def test_who_thinks_for_long_keeps_nobody_waiting(folder: Path, tmp_path: Path) -> None:
    """The lock is held while the folder is put in place, not while its content is found."""
    thinks, added = tmp_path / "thinks", tmp_path / "added"

    def slowly(model: ModelFolder) -> None:
        text = (model.path / "requirements.txt").read_text()
        with rewriting(model) as copy:
            thinks.touch()
            wait_for(added)
            copy.staging.write({"requirements.txt": f"{text}slow==1\n"})

    def quickly() -> None:
        wait_for(thinks)
        add(folder, 1)
        added.touch()

    def wait_for(mark: Path) -> None:
        limit = time.monotonic() + 60
        while not mark.exists():
            assert time.monotonic() < limit, mark
            time.sleep(0.01)

    assert at_once(lambda: redone(folder, slowly, lambda _: None), quickly) == [DONE] * 2
    names = [entry.name for entry in read_folder(folder).requirements]
    assert sorted(names) == ["added1", "alpha", "slow"]
