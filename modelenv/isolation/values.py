"""Inputs and predictions as files: JSON where that is faithful, a pickle where it is not.

Faithful means: read back, it is equal and of the same type; each value is tried before it is
written. The layout of the JSON is the one that MLflow gives an ``input_example.json``; what JSON
cannot say (the dtype, say) stands in the value's description. Travels into other interpreters:
Python 3.8 syntax; numpy and pandas are imported only for values that are theirs.
"""

from __future__ import annotations

import json
import math
import pickle
import sys

from . import compare, payload

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    Description = Mapping[str, Any]
    Parts = tuple[dict[str, Any], Any]


class UnfaithfulError(Exception):
    """JSON would lose something of this value."""


def write(value: object, stem: str, dump: Callable[..., object] = pickle.dump) -> dict[str, Any]:
    """Write `value` to `stem` + ``.json`` or ``.pkl``; return its description, with ``file``.

    `dump` is called as ``pickle.dump`` is where JSON is not faithful.
    """
    try:
        described, text = to_json(value)
    except (UnfaithfulError, RecursionError) as reason:
        path = stem + ".pkl"
        with open(path, "wb") as pickled:
            dump(value, pickled, protocol=4)
        return {"type": "pickle", "file": path, "reason": str(reason), "class": _class(value)}
    path = stem + ".json"
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    described["file"] = path
    return described


def read(described: Description) -> Any:
    """Return the value that a description (as :func:`write` returned it) speaks of."""
    kind = described["type"]
    if kind == "pickle":
        with open(described["file"], "rb") as pickled:
            return pickle.load(pickled)
    if kind == "examples":
        return [read(item) for item in described["items"]]
    if kind == "npy":
        import numpy

        return numpy.load(described["file"], allow_pickle=False)
    if kind == "csv":
        import pandas

        return pandas.read_csv(described["file"])
    if kind == "parquet":
        import pandas

        return pandas.read_parquet(described["file"])
    with open(described["file"], encoding="utf-8") as file:
        data = json.load(file)
    return (
        payload.parse(data, described["like"]) if kind == "payload" else from_data(described, data)
    )


def to_json(value: object) -> tuple[dict[str, Any], str]:
    """Return the description of `value` and its JSON text, or raise UnfaithfulError."""
    described, data = _take_apart(value)
    try:
        text = json.dumps(data, allow_nan=False)
    except ValueError as error:
        raise UnfaithfulError("it holds a number that JSON has not: %s" % error) from error
    back = from_data(described, json.loads(text))
    if compare.compare(value, back)["equal"] != "exactly":
        raise UnfaithfulError("%s does not come back equal from JSON" % _class(value))
    return described, text


def from_data(described: Description, data: Any) -> Any:
    """Build the value again from its description and the parsed JSON."""
    kind = described["type"]
    if kind == "ndarray":
        return _array(data, described["dtype"], described["shape"])
    if kind == "dataframe":
        return _frame(described, data)
    if kind == "series":
        return _series(described, data)
    return data


def _take_apart(value: Any) -> Parts:
    numpy = sys.modules.get("numpy")
    if numpy is not None and type(value) is numpy.ndarray:
        return _take_array(value)
    pandas = sys.modules.get("pandas")
    if pandas is not None and type(value) is pandas.DataFrame:
        return _take_frame(value)
    if pandas is not None and type(value) is pandas.Series:
        return _take_series(value)
    _check_plain(value)
    return {"type": "json_object"}, value


def _take_array(value: Any) -> Parts:
    wide = value.dtype.kind == "f" and value.dtype.itemsize > 8
    if value.dtype.kind not in "biufU" or wide:
        raise UnfaithfulError("an array of %s" % value.dtype)
    data = _without_nan(value.tolist()) if value.dtype.kind == "f" else value.tolist()
    return {"type": "ndarray", "dtype": value.dtype.str, "shape": list(value.shape)}, data


def _take_frame(frame: Any) -> Parts:
    _check_index(frame.index)
    columns = list(frame.columns)
    if not all(isinstance(column, str) for column in columns) or len(set(columns)) < len(columns):
        raise UnfaithfulError("a frame whose columns are not named by different strings")
    dtypes = [str(dtype) for dtype in frame.dtypes]
    taken = [_without_nan(frame[column].tolist()) for column in columns]
    rows = [list(row) for row in zip(*taken)]
    _check_plain(rows)
    described = {
        "type": "dataframe",
        "pandas_orient": "split",
        "columns": columns,
        "dtypes": dtypes,
    }
    return described, {"columns": columns, "data": rows}


def _take_series(series: Any) -> Parts:
    _check_index(series.index)
    if series.name is not None and not isinstance(series.name, str):
        raise UnfaithfulError("a series whose name is not a string")
    data = _without_nan(series.tolist())
    _check_plain(data)
    return {"type": "series", "dtype": str(series.dtype), "name": series.name}, data


def _check_index(index: Any) -> None:
    pandas = sys.modules["pandas"]
    if type(index) is not pandas.RangeIndex or index.start != 0 or index.step != 1:
        raise UnfaithfulError("an index that does not simply count from 0")


def _without_nan(data: Any) -> Any:
    """Write nan as null, which is what MLflow does and what ``_array`` reads back."""
    if isinstance(data, list):
        return [_without_nan(item) for item in data]
    return None if isinstance(data, float) and math.isnan(data) else data


def _check_plain(value: Any) -> None:
    if value is None or type(value) in (str, bool, int):
        return
    if type(value) is float:
        if not math.isfinite(value):
            raise UnfaithfulError("%r has no form in JSON" % value)
    elif type(value) is list:
        for item in value:
            _check_plain(item)
    elif type(value) is dict:
        for key, item in value.items():
            if type(key) is not str:
                raise UnfaithfulError("a key that is not a string: %r" % (key,))
            _check_plain(item)
    else:
        raise UnfaithfulError("a value of %s" % _class(value))


def _array(data: Any, dtype: str, shape: list[int]) -> Any:
    import numpy

    # null is nan in an array of floats: numpy reads None so.
    return numpy.array(data, dtype=numpy.dtype(dtype)).reshape(shape)


def _frame(described: Description, data: Any) -> Any:
    import pandas

    columns = list(zip(*data["data"])) or [()] * len(data["columns"])
    return pandas.DataFrame(
        {
            name: pandas.Series(list(values), dtype=dtype)
            for name, values, dtype in zip(data["columns"], columns, described["dtypes"])
        },
        columns=data["columns"],
    )


def _series(described: Description, data: Any) -> Any:
    import pandas

    return pandas.Series(data, dtype=described["dtype"], name=described["name"])


def _class(value: object) -> str:
    return "%s.%s" % (type(value).__module__, type(value).__qualname__)
