"""Any data frame of the types that a table has, for property tests."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
"""Also with quotes, commas, line breaks and nothing in them."""


def gaps(cells: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | cells


def integers(dtype: str) -> st.SearchStrategy[int]:
    limits = np.iinfo(dtype.lower())
    return st.integers(int(limits.min), int(limits.max))


def floats(width: Any, *, finite: bool) -> st.SearchStrategy[float]:
    return st.floats(width=width, allow_infinity=not finite)


instants = st.datetimes(*(pd.Timestamp(f"{year}-01-01").to_pydatetime() for year in (1700, 2200)))
categories = st.lists(texts, unique=True, min_size=1, max_size=3)


@st.composite
def categorical(draw: st.DrawFn, count: int) -> Any:
    known = draw(categories)
    codes = draw(st.lists(st.integers(-1, len(known) - 1), min_size=count, max_size=count))
    return pd.Categorical.from_codes(codes, categories=known, ordered=draw(st.booleans()))


def column(draw: st.DrawFn, count: int, *, finite: bool) -> Any:
    """Draw one column of `count` cells; `finite`: of what JSON has numbers for."""

    def many(cells: st.SearchStrategy[Any]) -> list[Any]:
        return draw(st.lists(cells, min_size=count, max_size=count))

    name = draw(st.sampled_from(KINDS))
    if name == "category":
        return draw(categorical(count))
    if name in ("int8", "int32", "int64", "uint8", "uint64"):
        return np.array(many(integers(name)), dtype=name)
    if name in ("Int16", "UInt64"):
        return pd.array(many(gaps(integers(name))), dtype=name)
    if name in ("float16", "float32", "float64"):
        return np.array(many(floats(int(name[5:]), finite=finite)), dtype=name)
    if name.startswith(("datetime", "timedelta")):
        unit = draw(st.sampled_from(["s", "ms", "us", "ns"]))
        steps = {"s": 10**6, "ms": 10**3, "us": 1, "ns": 1}[unit]
        times = [pd.NaT if each is None else pd.Timestamp(each) for each in many(gaps(instants))]
        index = pd.DatetimeIndex(times, dtype="datetime64[us]").floor(f"{steps}us").as_unit(unit)
        if name == "timedelta":
            return index - pd.Timestamp("1950-01-01").as_unit(unit)
        return index.tz_localize("UTC").tz_convert("Europe/Amsterdam") if "zone" in name else index
    cells = {
        "bool": st.booleans(),
        "boolean": gaps(st.booleans()),
        "text": gaps(texts),
        "string": gaps(texts),
        "objects": st.none() | texts,
        "date": gaps(st.dates()),
        "decimal": gaps(st.decimals(allow_nan=False, allow_infinity=False, places=2)),
    }[name]
    dtype = {"text": None, "date": object, "decimal": object, "objects": object}.get(name, name)
    return pd.Series(many(cells), dtype=dtype) if count or dtype else pd.Series([], dtype="str")


KINDS = [
    *("bool", "int8", "int32", "int64", "uint8", "uint64", "float16", "float32", "float64"),
    *("Int16", "UInt64", "boolean", "string", "text", "objects", "category", "date", "decimal"),
    *("datetime", "datetime with a zone", "timedelta"),
]


@st.composite
def frames(draw: st.DrawFn, *, finite: bool = False, least: int = 0) -> pd.DataFrame:
    """Draw a frame with any of these columns."""
    count = draw(st.integers(least, 3))
    names = draw(st.lists(texts.filter(bool), unique=True, min_size=1, max_size=4))
    made = {}
    for name in names:
        data = column(draw, count, finite=finite)
        made[name] = data if isinstance(data, pd.Series) else pd.Series(data)
    return pd.DataFrame(made)
