"""A trial: one set of pins, built, run on the examples and compared, once."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from packaging.version import Version

from modelenv.environments.errors import PythonMissingError
from modelenv.environments.interpreter import Python
from modelenv.environments.pythons.discovery import find
from modelenv.folder.model_folder import ModelFolder
from modelenv.run.isolated import RunOptions
from modelenv.time.newest.between import Between
from modelenv.time.newest.limits import ReleaseLine, SetLimits
from modelenv.time.trials.pins import TrialPins
from modelenv.time.trials.trials import Trials

from ..conftest import Bench
from .test_upgrade import HERE, VALUE, World, world

__all__ = ["world"]


def line(number: int) -> ReleaseLine:
    return ReleaseLine(0, 1, number)


@pytest.mark.parametrize("last_good", range(9))
@pytest.mark.parametrize("known", [None, *range(9)])
def test_halving_ends_at_the_last_good_line_whatever_is_thought_to_be_known(
    last_good: int, known: int | None
) -> None:
    lines = [line(number) for number in range(10)]
    between = Between.of(lines, [known is not None and number > known for number in range(10)])
    tried = []
    while not between.is_closed:
        tried.append(between.middle)
        between.note(good=between.middle.minor <= last_good)
    assert between.last_good == line(last_good)
    assert len(set(tried)) == len(tried) <= 6
    if known == last_good:
        assert len(tried) <= 2


def test_what_is_good_again_above_what_is_broken_is_found() -> None:
    lines = [line(number) for number in range(10)]
    between = Between.of(lines, [number in (1, 2, 8, 9) for number in range(10)])
    tried = []
    while not between.is_closed and between.next_line is None:
        tried.append(between.middle)
        between.note(good=between.middle.minor not in (1, 2, 8, 9))
    assert tried == [line(7)]
    assert (between.last_good, between.next_line) == (line(7), line(8))


@pytest.mark.parametrize("absent", [1, 4, 5, 8])
def test_a_line_that_cannot_be_had_is_passed_over(absent: int) -> None:
    lines = [line(number) for number in range(10)]
    between = Between.of(lines, [number > 5 for number in range(10)])
    while not between.is_closed:
        if between.middle.minor == absent:
            between.drop()
        else:
            between.note(good=between.middle.minor <= 5)
    assert between.last_good == line(4 if absent == 5 else 5)


def test_limits_hold_a_name_to_a_line_and_narrow_others() -> None:
    limits = SetLimits().at("own", line(2)).narrowed("numpy", "<2").at("python", line(11))
    assert [*limits.lines] == ["numpy<2", "own==1.2.*"]
    assert limits.admits("own", Version("1.2.7"))
    assert not limits.admits("own", Version("1.3"))
    assert limits.python == "1.11"


def test_warnings_that_are_shown_are_reported_and_children_report_nothing(bench: Bench) -> None:
    ended = bench.run(
        """
        import os, warnings
        for _ in range(2):
            warnings.warn("twice", UserWarning)
        warnings.warn("hidden", DeprecationWarning)
        if os.fork() == 0:
            warnings.warn("of a child", UserWarning)
            os._exit(0)
        return data
        """,
        listen=True,
    )
    heard = [each for each in ended.report.events if each["event"] == "warned"]
    assert [(each["category"], each["message"]) for each in heard] == [("UserWarning", "twice")]
    assert heard[0]["place"].startswith("own_model.py:")
    assert "UserWarning: twice" in ended.output
    assert bench.run("import warnings; warnings.warn('x')\nreturn 1").report.last("warned") is None


def test_a_set_is_tried_once_and_another_can_be_the_reference(world: World) -> None:
    world.release("own", "1.0", VALUE)
    world.release("own", "1.1", "def value(x):\n    return x * 2.5\n")
    folder = ModelFolder.open(world.save())
    old, new, absent = (TrialPins.of([f"own=={each}"], HERE) for each in ("1.0", "1.1", "9"))
    with Trials.of(folder, RunOptions(indexes=world.places)) as trials:
        assert trials.run(old).outcome == "same"
        assert trials.run(old) is trials.run(old)
        assert trials.run(new).outcome == "differs"
        assert "3.0 became 3.75" in trials.run(new).verdict.reason
        assert trials.run(absent).outcome == "unbuilt"
        assert trials.builds == 3
        referred = trials.reference(new)
        assert referred.prediction is not None
        assert Path(referred.prediction["file"]).is_file()
        assert trials.run(new).outcome == "same"
        assert "3.75 became 3.0" in trials.run(old).verdict.reason


def test_hashes_are_asked_of_the_files_that_they_are_of(world: World) -> None:
    """They hold for the set of the folder, and not for another one, nor for another Python."""
    for version in ("1.0", "1.1", "1.2"):
        world.release("own", version, VALUE)
    path = world.save()
    of_another = f"own==1.1 --hash=sha256:{'0' * 64}\n"  # as of a wheel for another Python
    (path / "requirements.txt").write_text(of_another)
    folder = ModelFolder.open(path)
    other = "3.12" if HERE != "3.12" else "3.11"
    with Trials.of(folder, RunOptions(indexes=world.places)) as trials:
        with_hash = trials.run(TrialPins.of(["own==1.1"], HERE))
        assert with_hash.outcome == "unbuilt"
        assert "hash" in with_hash.verdict.detail.lower()
        assert trials.run(TrialPins.of(["own==1.2"], HERE)).outcome == "same"
        with suppress(PythonMissingError):
            find(other, Python.current(), trials.how.settings)
            assert trials.run(TrialPins.of(["own==1.1"], other)).outcome == "same"
