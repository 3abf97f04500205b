"""Inputs and predictions as files: JSON where that is faithful, a pickle where it is not.

Faithful means: read back, it is equal and of the same type; each value is tried before it is
written. The layout of the JSON is the one that MLflow gives an ``input_example.json``; what JSON
cannot say (the dtype, say) stands in the value's description. Travels into other interpreters:
Python 3.8 syntax; numpy and pandas are imported only for values that are theirs.
"""

from __future__ import annotations

import json
import os
import pickle

from . import compare, payload, value_types

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    Description = Mapping[str, Any]


def write(value: object, stem: str, dump: Callable[..., object] = pickle.dump) -> dict[str, Any]:
    """Write `value` to `stem` + ``.json`` or ``.pkl``; return its description, with ``file``.

    `dump` is called as ``pickle.dump`` is where JSON is not faithful.
    """
    try:
        described, text = to_json(value)
    except (value_types.UnfaithfulError, RecursionError) as reason:
        path = stem + ".pkl"
        with open(path, "wb") as pickled:
            dump(value, pickled, protocol=4)
        return {
            "type": "pickle",
            "file": path,
            "reason": str(reason),
            "class": value_types.class_of(value),
        }
    path = stem + ".json"
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    described["file"] = path
    return described


def read(described: Description) -> Any:
    """Return the value that a description (as :func:`write` returned it) speaks of."""
    if described["type"] == "examples":
        return [read(item) for item in described["items"]]
    reader = _READERS.get(described["type"])
    if reader is not None:
        return reader(described)
    with open(described["file"], encoding="utf-8") as file:
        data = json.load(file)
    if described["type"] == "payload":
        return payload.parse(data, described["like"])
    return value_types.build(described, data)


def to_json(value: object) -> tuple[dict[str, Any], str]:
    """Return the description of `value` and its JSON text, or raise kinds.UnfaithfulError."""
    described, data = value_types.take_apart(value)
    try:
        text = json.dumps(data, allow_nan=False)
    except ValueError as error:
        raise value_types.UnfaithfulError(
            "it holds a number that JSON has not: %s" % error
        ) from error
    back = value_types.build(described, json.loads(text))
    if compare.compare(value, back)["equal"] != "exactly":
        raise value_types.UnfaithfulError(
            "%s does not come back equal from JSON" % value_types.class_of(value)
        )
    return described, text


def _read_pickle(described: Description) -> Any:
    with open(described["file"], "rb") as pickled:
        return pickle.load(pickled)


def _read_npy(described: Description) -> Any:
    import numpy

    return numpy.load(described["file"], allow_pickle=False)


def _read_csv(described: Description) -> Any:
    """Read a table with a line of names; where the model takes arrays it needs no pandas."""
    like = described.get("like", {"type": "none"})
    if like["type"] == "ndarray":
        import csv

        with open(described["file"], encoding="utf-8-sig", newline="") as file:
            return payload.parse_rows([row for row in csv.reader(file) if row][1:], like)
    import pandas

    return pandas.read_csv(described["file"])


def _read_parquet(described: Description) -> Any:
    import pandas

    return pandas.read_parquet(described["file"])


def _read_mlflow(described: Description) -> Any:
    """Read the example of a folder that MLflow wrote, by MLflow itself."""
    from mlflow.models import Model

    folder = os.path.dirname(described["file"])
    return Model.load(folder).load_input_example(folder)


_READERS: dict[str, Callable[[Description], Any]] = {
    "pickle": _read_pickle,
    "npy": _read_npy,
    "csv": _read_csv,
    "parquet": _read_parquet,
    "mlflow": _read_mlflow,
}
