"""Write inputs and predictions to files: JSON or buffers where these are faithful, else a pickle.

A form is faithful if the value that is read back is equal and of the same type; this is tried
before each value is written. The layout of the JSON is that of MLflow's ``input_example.json``;
what JSON cannot express, such as the dtype, is in the value's description, which is the same for
all three forms. Travels into other interpreters: Python 3.8 syntax; numpy and pandas are imported
only for their own values.
"""

from __future__ import annotations

import json
import os
import pickle

from ..table import values as tables
from ..table.crossing import raw
from ..table.crossing.check import check
from ..table.errors import UnfaithfulError
from ..table.incoming.document import read_table
from ..table.incoming.rows import of_table
from ..table.objects import check_plain, class_of
from . import value_types
from .comparing.compare import compare

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeVar

    from ..table.table import Buffer

    Description = Mapping[str, Any]
    Made = TypeVar("Made")

TYPED = ("buffers",)
"""The form in which values go from one process to another."""
COMPARED = ("untried",)
"""Buffers, not tried again: for a value compared with one of which they were tried."""
COMPARED_PLAIN = ("plain", *COMPARED)
"""JSON, not tried again: for such a value that JSON holds unchanged."""
UNPICKLED = ("buffers", "pickle")
"""The forms of a value that is unpickled if no other form is faithful."""
ALL = ("json", "buffers", "pickle")
"""The forms of values in a model's folder."""
RECORDED = ("brief", "buffers", "json", "pickle")
"""The forms of a prediction in a model's folder, which every proof reads: JSON if it is short.

Reading long JSON takes longer than everything else."""
_MOST_CELLS = 2**18
_MOST_ITEMS = 1000
_LIBRARIES = ("numpy", "pandas", "polars", "pyarrow", "scipy")


def write(
    value: object,
    stem: str,
    dump: Callable[..., object] = pickle.dump,
    *,
    forms: tuple[str, ...] = ALL,
) -> dict[str, Any]:
    """Write `value` to `stem` + ``.json``, ``.buffers`` or ``.pkl``; return its description.

    The description names the ``file``. The first faithful form in `forms` is taken. A pickle is
    always faithful; it is written by `dump`, called like ``pickle.dump``. ``reason`` says why an
    earlier form was not taken; if none is faithful, no file is written and the type is ``untyped``.
    """
    reason: dict[str, str] = {}
    for form in forms:
        if form == "pickle":
            return _write_pickle(value, stem, dump, reason)
        try:
            return {**_WRITERS[form](value, stem), **reason}
        except (UnfaithfulError, RecursionError) as error:
            reason = {"class": class_of(value), "reason": str(error)}
    return {"type": "untyped", **reason}


def _write_pickle(
    value: object, stem: str, dump: Callable[..., object], reason: dict[str, str]
) -> dict[str, Any]:
    path = stem + ".pkl"
    with open(path, "wb") as pickled:
        dump(value, pickled, protocol=4)
    told = {"type": "pickle", "file": path, **reason}
    like = tables.describe_loosely(value)
    return told if like is None else {**told, "like": like}


def read(described: Description) -> Any:
    """Return the value of a description, as :func:`write` returned it.

    The modules of its classes are imported.
    """
    if described["type"] == "examples":
        return [read(item) for item in described["items"]]
    if described.get("encoding") == "buffers":
        for module in tables.modules_of(described):
            __import__(module)
        told, buffers = raw.read(described["file"])
        if described["type"] == "made":  # written by a process that ran the model
            check(told, buffers)
        return tables.build(told, iter(buffers))
    reader = _READERS.get(described["type"])
    if reader is not None:
        return reader(described)
    with open(described["file"], encoding="utf-8") as file:
        data = json.load(file)
    return value_types.build(described, data)


def to_json(value: object) -> tuple[dict[str, Any], str]:
    """Return the description of `value` and its JSON text. Raises UnfaithfulError."""
    return _tried(_as_json, value)


def _as_json(value: object) -> tuple[dict[str, Any], str]:
    described, data = value_types.take_apart(value)
    try:
        text = json.dumps(data, allow_nan=False)
    except ValueError as error:
        raise UnfaithfulError("it holds a number that JSON has not: %s" % error) from error
    _check(value, value_types.build(described, json.loads(text)), "JSON")
    return described, text


def _write_json(value: object, stem: str) -> dict[str, Any]:
    described, text = to_json(value)
    return _write_text(described, text, stem)


def _write_brief(value: object, stem: str) -> dict[str, Any]:
    """Write the JSON of a value. Raises UnfaithfulError if it has many cells."""
    cells = _cells(value)
    if cells > _MOST_CELLS:
        raise UnfaithfulError("its JSON would be long: it has %d cells" % cells)
    return _write_json(value, stem)


def _cells(value: object) -> int:
    """Return the number of cells in a value's arrays and tables; long lists count as none."""
    if type(value) is dict:
        return _cells(list(value.values()))
    if isinstance(value, (list, tuple)):
        return sum(map(_cells, value)) if len(value) <= _MOST_ITEMS else 0
    if tables.library_and_class(value)[0] not in _LIBRARIES:
        return 0
    count = 1
    for size in getattr(value, "shape", ()):
        count *= size
    return count


def _write_plain(value: object, stem: str) -> dict[str, Any]:
    """Write the JSON of a plain value that is to be compared."""
    check_plain(value)
    try:
        text = json.dumps(value)
    except ValueError as error:  # an integer with more digits than Python writes
        raise UnfaithfulError("it holds a number that JSON has not: %s" % error) from error
    return _write_text({"type": "json_object"}, text, stem)


def _write_text(described: dict[str, Any], text: str, stem: str) -> dict[str, Any]:
    described["file"] = stem + ".json"
    with open(described["file"], "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    return described


def to_buffers(value: object) -> tuple[dict[str, Any], list[Buffer]]:
    """Return the description of `value` and its buffers. Raises UnfaithfulError."""
    return _tried(_as_buffers, value)


def _as_buffers(value: object) -> tuple[dict[str, Any], list[Buffer]]:
    described, buffers = tables.take(value)
    told = json.loads(json.dumps(described))  # in the form in which the reader gets and checks it
    check(told, buffers)
    _check(value, tables.build(told, iter(buffers)), "buffers")
    return described, buffers


def _tried(make: Callable[[object], Made], value: object) -> Made:
    """Return the result of `make`. Raises UnfaithfulError: the value's class may raise anything."""
    try:
        return make(value)
    except (UnfaithfulError, RecursionError, MemoryError):
        raise
    except Exception as error:
        words = (class_of(value), type(error).__name__, error)
        raise UnfaithfulError("a %s cannot be taken apart: %s: %s" % words) from error


def _write_buffers(value: object, stem: str) -> dict[str, Any]:
    return _write_parts(*to_buffers(value), stem)


def _write_untried(value: object, stem: str) -> dict[str, Any]:
    described, buffers = _tried(tables.take, value)
    return _write_parts(described, buffers, stem)


def _write_parts(described: dict[str, Any], buffers: list[Buffer], stem: str) -> dict[str, Any]:
    path = stem + ".buffers"
    raw.write(path, described, buffers)
    return {**described, "encoding": "buffers", "file": path}


def _check(value: object, back: object, form: str) -> None:
    if compare(value, back)["equal"] != "exactly":
        raise UnfaithfulError("%s does not come back equal from %s" % (class_of(value), form))


def _read_pickle(described: Description) -> Any:
    with open(described["file"], "rb") as pickled:
        return pickle.load(pickled)


def _read_npy(described: Description) -> Any:
    import numpy

    return numpy.load(described["file"], allow_pickle=False)


def _read_csv(described: Description) -> Any:
    """Read a table with a header line; its types are guessed."""
    import pandas

    return pandas.read_csv(described["file"])


def _read_parquet(described: Description) -> Any:
    """Read a table, converted to the types of the model's example if these are known."""
    import pandas

    return _typed(pandas.read_parquet(described["file"]), described)


def _read_arrow(described: Description) -> Any:
    import pandas

    return _typed(pandas.read_feather(described["file"]), described)


def _typed(frame: Any, described: Description) -> Any:
    table = tables.take_table(frame)
    like = described.get("like")
    if table is None or like is None:
        return frame
    told, buffers, _ = read_table(of_table(table), like)
    return tables.build(told, iter(buffers))


def _read_mlflow(described: Description) -> Any:
    """Read the example of a folder that MLflow wrote, through MLflow itself."""
    from mlflow.models import Model

    folder = os.path.dirname(described["file"])
    model = Model.load(folder)
    if not hasattr(Model, "load_input_example"):  # MLflow 1.20 has no public name for it
        from mlflow.models.utils import _read_example

        return _read_example(model, folder)
    return model.load_input_example(folder)


_WRITERS: dict[str, Callable[[object, str], dict[str, Any]]] = {
    "json": _write_json,
    "brief": _write_brief,
    "plain": _write_plain,
    "buffers": _write_buffers,
    "untried": _write_untried,
}

_READERS: dict[str, Callable[[Description], Any]] = {
    "pickle": _read_pickle,
    "npy": _read_npy,
    "csv": _read_csv,
    "parquet": _read_parquet,
    "arrow": _read_arrow,
    "mlflow": _read_mlflow,
}
