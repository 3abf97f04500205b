"""Models that record a date leave it behind when they move; a date that is said holds."""

from __future__ import annotations

from pathlib import Path

import pytest

import modelenv
from envfiles import load_yaml, read_folder
from modelenv import Indexes, bisect, lock_model, upgrade

from ...small_worlds import Index
from .test_upgrade import HERE, VALUE, World, world

__all__ = ["world"]

TRIPLE = "def value(x):\n    return x * 3.0\n"


@pytest.fixture
def dated(world: World, index: Index, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model whose packages were chosen as of 2021, and an index that received one each year."""
    monkeypatch.setenv("PIP_INDEX_URL", f"{index.url}/simple")
    texts = {"1.0": VALUE, "1.1": VALUE, "1.2": VALUE, "1.3": TRIPLE}
    for year, (version, text) in enumerate(texts.items(), 2021):
        world.release("own", version, text)
        (file,) = (world.root / "wheels").glob(f"own-{version}-*")
        index.add(file, f"{year}-06-01T12:00:00Z")
    world.places = Indexes()
    folder = world.save()
    lock_model(folder, indexes=Indexes(as_of="2021-12-31"))
    return folder


def recorded(folder: Path) -> object:
    document = load_yaml((folder / "MLmodel").read_text())
    assert isinstance(document, dict)
    return document["flavors"]["modelenv"].get("as_of")


def test_the_newest_is_not_that_of_the_date(dated: Path) -> None:
    assert recorded(dated) == "2022-01-01T00:00:00Z"
    moved = upgrade(dated, python=HERE)
    assert moved.after.lines == ("own==1.2",)
    assert "2022-01-01T00:00:00Z (the end of 2021-12-31): that was left aside" in str(moved)
    assert recorded(moved.path) is None
    told = modelenv.inspect_model(moved.path)
    assert "upgraded from model, Python 3." in str(told)
    assert "upgraded, stopped: own stays at 1.2: with 1.3 prediction: 3.0 became 4.5" in str(told)
    assert told.to_json()["upgraded"]["changes"] == ["own==1.0 -> own==1.2"]
    lock = read_folder(moved.path).lock
    assert lock is not None
    assert not lock.as_of
    lock_model(moved.path)  # the pins are later than the date, which nothing asks for any more


def test_a_date_that_is_said_holds_and_is_recorded(dated: Path) -> None:
    moved = upgrade(dated, python=HERE, indexes=Indexes(as_of="2022-12-31"))
    assert moved.after.lines == ("own==1.1",)
    assert "left aside" not in str(moved)
    assert recorded(moved.path) == "2023-01-01T00:00:00Z"


def test_sides_of_a_bisection_are_of_today(dated: Path) -> None:
    (culprit,) = bisect(dated, bad=["own>=1.3"]).culprits
    assert (culprit.good, culprit.bad) == ("1.2", "1.3")
