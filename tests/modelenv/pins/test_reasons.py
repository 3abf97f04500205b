"""The reasons in a pin's comment: its own, its dependents, the user's line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from envfiles import read_folder
from modelenv import update_requirements
from modelenv.environments.interpreter import Python
from modelenv.folder.model_folder import ModelFolder
from modelenv.pins.reasons import Reasons
from modelenv.repair.evidence.import_graph import ImportGraph

Model = Callable[..., Path]


@pytest.mark.parametrize(
    ("comment", "own", "parents", "lines"),
    [
        ("", (), (), ()),
        ("via a, b-c", (), ("a", "b-c"), ()),
        ("imported by the model; via a", ("imported by the model",), ("a",), ()),
        (
            "asked for (x<1; os_name == 'nt'); via b",
            ("asked for (x<1; os_name == 'nt')",),
            ("b",),
            (),
        ),
        (
            "via a, pip_requirements[0]: x<3,>=1",
            (),
            ("a",),
            ("pip_requirements[0]: x<3,>=1",),
        ),
        ("via pip_requirements[1]: x >=1, <3", (), (), ("pip_requirements[1]: x >=1, <3",)),
        (
            "imported by the model; via a, r.txt:3: x; os_name == 'nt'",
            ("imported by the model",),
            ("a",),
            ("r.txt:3: x; os_name == 'nt'",),
        ),
        ("via requirements.txt:3: beta", (), (), ("requirements.txt:3: beta",)),
        ("via -r requirements.in", (), (), ("-r requirements.in",)),
        ("via a; mended: it is missed", ("mended: it is missed",), ("a",), ()),
    ],
)
def test_a_comment_is_read_as_it_was_written(
    comment: str, own: tuple[str, ...], parents: tuple[str, ...], lines: tuple[str, ...]
) -> None:
    assert Reasons.read(comment) == Reasons(own, parents, lines)


@pytest.mark.parametrize(
    "comment",
    ["", "via a, b", "imported by the model; via a, pip_requirements[0]: x<3,>=1", "asked for (x)"],
)
def test_reasons_are_written_as_they_were_read(comment: str) -> None:
    assert str(Reasons.read(comment)) == comment


@pytest.fixture
def world(installed_site: Callable[..., None], wheels: Any) -> None:
    installed_site("alpha", "1.0", "beta>=1")
    installed_site("beta", "2.0")
    installed_site("gamma", "1.0")


def reasons(folder: Path) -> dict[str, str]:
    return {entry.name: entry.comment for entry in read_folder(folder).requirements}


@pytest.mark.usefixtures("world")
class TestLinesOfTheUsers:
    PINS = {  # noqa: RUF012
        "alpha==1.0": "imported by the model",
        "beta==2.0": "via alpha, pip_requirements[0]: beta<3,>=1",
    }

    def test_they_count_as_asked_for_after_later_edits(self, model: Model) -> None:
        folder = model(self.PINS)
        for _ in range(2):
            update_requirements(folder, add=["gamma"], index="never")
            assert reasons(folder)["beta"] == "via alpha, pip_requirements[0]: beta<3,>=1"
            assert "beta" in [root.name for root in ModelFolder.at(folder).pins.roots]
        update_requirements(folder, remove=["alpha"], index="never")
        assert reasons(folder)["beta"] == "via pip_requirements[0]: beta<3,>=1"

    def test_whoever_is_not_among_the_pins_is_named_further_on(self, model: Model) -> None:
        folder = model({**self.PINS, "beta==2.0": "via alpha, somebody"})
        update_requirements(folder, add=["gamma"], index="never")
        assert reasons(folder)["beta"] == "via alpha, somebody"

    def test_a_name_that_was_taken_away_is_no_longer_asked_for(self, model: Model) -> None:
        folder = model(self.PINS)
        update_requirements(folder, remove=["beta"], index="never")
        assert reasons(folder)["beta"] == "via alpha"

    def test_minimizing_sees_what_was_asked_for_by_a_save_and_by_an_edit(
        self, model: Model
    ) -> None:
        folder = model(self.PINS)
        update_requirements(folder, add=["gamma"], index="never")
        evidence = ImportGraph(_Opened(folder), Python.current().installed())  # type: ignore[arg-type]
        asked = {name: evidence.asked_for(name) for name in evidence.pins}
        assert asked == {"alpha": False, "beta": True, "gamma": True}


class _Opened:
    """A folder of which only the environment and the trace are looked at."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.environment = read_folder(path)
        self.pins = ModelFolder.at(path).pins
