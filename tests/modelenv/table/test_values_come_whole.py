"""Values are read back as written, or their writer refuses them."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import fractions
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from modelenv.table.crossing import received
from modelenv.worker import values

NIGHT = datetime.datetime(2026, 10, 25, 2, 30)  # noqa: DTZ001
NAMED = datetime.timezone(datetime.timedelta(hours=1), "CET")
RECORDS = [("a", "i4"), ("b", "f8")]


class Base:
    __slots__ = ("secret",)


@dataclasses.dataclass
class Slotted(Base):
    __slots__ = ("x",)
    x: int


@dataclasses.dataclass
class Output(collections.OrderedDict):  # type: ignore[type-arg]
    """As transformers' ModelOutput is."""

    logits: Any = None

    def __post_init__(self) -> None:
        self["logits"] = self.logits


@dataclasses.dataclass
class Numbers(list):  # type: ignore[type-arg]
    x: int = 1


@dataclasses.dataclass
class Trouble(Exception):
    x: int = 1


@dataclasses.dataclass
class Moody:
    x: Any

    def __getattribute__(self, name: str) -> Any:
        if name == "x":
            raise OSError("not today")
        return super().__getattribute__(name)


def slotted(**held: int) -> Slotted:
    made = Slotted(1)
    for name, value in held.items():
        setattr(made, name, value)
    return made


def crossed(value: Any, folder: Path) -> Any:
    """Return what becomes of a value that one process writes and another reads."""
    told = values.write(value, str(folder / "value"), forms=values.TYPED)
    if told["type"] == "untyped":
        return told["reason"]
    return received.read(received.placed(told, folder / "value"))


with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # numpy 2.5 would have them no longer
    UNITLESS = {
        "a time without a unit": np.datetime64("NaT"),
        "times without a unit": np.array(["NaT"], "M8"),
        "a span without a unit": np.timedelta64(5),
    }
WHOLE = {
    **UNITLESS,
    "void": np.zeros(2, "V3"),
    "no fields": np.zeros(2, np.dtype([])),
    "fields with titles": np.ones(1, np.dtype([(("title", "a"), "i4")])),
    "a mask of fields": np.ma.array([(1, 2.0)], dtype=RECORDS, mask=[(False, True)]),
    "a second time": NIGHT.replace(fold=1),
    "a second hour": NIGHT.time().replace(fold=1),
    "a zone with a name": NIGHT.replace(tzinfo=NAMED),
    "a zone with a name, twice": NIGHT.replace(tzinfo=NAMED, fold=1),
    "behind nanoseconds": pd.Timestamp("9999-01-01"),
    "behind nanoseconds, in a zone": pd.Timestamp("9999-01-01", tz="Europe/Berlin"),
    "a Timestamp, twice": pd.Timestamp(NIGHT).replace(fold=1),
    "a long Timedelta": pd.Timedelta(np.timedelta64(10**11, "s")),
    "slots": slotted(),
}


@pytest.mark.parametrize("name", WHOLE)
def test_it_comes_back_as_it_was(name: str, tmp_path: Path) -> None:
    value = WHOLE[name]
    back = crossed(value, tmp_path)
    assert type(back) is type(value)
    assert repr(back) == repr(value)
    assert getattr(back, "fold", 0) == getattr(value, "fold", 0)
    assert getattr(back, "dtype", None) == getattr(value, "dtype", None)


def test_numbers_that_hash_alike_come_back(tmp_path: Path) -> None:
    """Powers of two do, 35 of them; and so do ``-1`` and ``-2``."""
    powers = {2.0**power for power in range(-1000, 1000)} | {-1, -2}
    assert crossed(powers, tmp_path) == powers


REFUSED = {
    "a dictionary with fields": Output(1.5),
    "one of arrays": Output(np.zeros(2)),
    "a list with fields": Numbers(1),
    "an exception with fields": Trouble(1),
    "slots of a base": slotted(secret=5),
    "a class that raises": Moody(1),
    "a zone of pandas with a name": pd.Timestamp(NIGHT, tz=NAMED),
    "a column in such a zone": pd.Series([pd.Timestamp(NIGHT, tz=NAMED)]),
    "keys that hash alike": {place * (2**61 - 1) for place in range(200)},
    "a long fraction": fractions.Fraction(3**60000, 2**60000),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_where_it_is_written(name: str, tmp_path: Path) -> None:
    """And whoever may pickle does."""
    assert isinstance(crossed(REFUSED[name], tmp_path), str)
    if name == "a long fraction" and sys.version_info < (3, 11):
        pytest.skip("Python 3.10 pickles a fraction by its digits, of which it writes 4300")
    told = values.write(REFUSED[name], str(tmp_path / "pickled"))
    assert told["type"] == "pickle"
    assert told["reason"]


def _with_a_gap(labels: list[Any]) -> pd.MultiIndex:
    gap = [("x", labels[0]), ("y", None), ("z", labels[1])]
    whole = pd.MultiIndex.from_tuples([gap[0], gap[2]], names=["u", None])
    frame = pd.DataFrame({"a": [1.0, 2.0]}, index=whole)
    index = frame.reindex(pd.MultiIndex.from_tuples(gap, names=["u", None])).index
    return pd.MultiIndex(
        levels=[index.levels[0], whole.levels[1]],
        codes=[index.codes[0], [whole.levels[1].get_loc(labels[0]), -1, 1 - whole.codes[1][0]]],
        names=index.names,
    )


@pytest.mark.parametrize("labels", [[2**53 + 1, -5], [True, False], [1.5, 2.5], ["a", "b"]])
@pytest.mark.parametrize("form", ["json", "buffers"])
def test_labels_of_a_level_keep_their_type_where_one_is_missing(
    labels: list[Any], form: str, tmp_path: Path
) -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0]}, index=_with_a_gap(labels))
    told = values.write(frame, str(tmp_path / "value"), forms=(form,))
    back = values.read(told)
    assert [level.dtype for level in back.index.levels] == [
        level.dtype for level in frame.index.levels
    ]
    assert sorted(back.index.levels[1]) == sorted(frame.index.levels[1])
    pd.testing.assert_frame_equal(back, frame)
