"""Convert values to JSON's plain data and a description, and back.

The table has one row per kind of value. The layout of the data is MLflow's where MLflow has one.
Travels into other interpreters: Python 3.8 syntax; a library is imported only for its own values.
"""

from __future__ import annotations

import base64
import math
import sys

from ..table import values
from ..table.errors import UnfaithfulError
from ..table.incoming.cells import to_json
from ..table.incoming.document import read_document
from ..table.objects import check_plain

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from ..table.table import Column, Table

    Description = Mapping[str, Any]
    Parts = tuple[dict[str, Any], Any]


def take_apart(value: Any) -> Parts:
    """Return the description of `value` and its data. Raises UnfaithfulError."""
    table = values.take_table(value)
    if table is not None:
        return _take_table(table)
    take = _TAKE.get(values.library_and_class(value))
    if take is not None:
        return take(value)
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.generic):
        return _take_scalar(value)
    if type(value) in (list, tuple, dict):
        return _take_container(value)
    check_plain(value)
    return {"type": "json_object"}, value


def build(described: Description, data: Any) -> Any:
    """Return the value that a description and its data stand for."""
    maker = _BUILD.get(described["type"])
    return data if maker is None else maker(described, data)


def _take_array(value: Any) -> Parts:
    wide = value.dtype.kind == "f" and value.dtype.itemsize > 8
    if value.dtype.kind not in "biufU" or wide:
        raise UnfaithfulError("an array of %s" % value.dtype)
    data = _without_nan(value.tolist()) if value.dtype.kind == "f" else value.tolist()
    return {"type": "ndarray", "dtype": value.dtype.str, "shape": list(value.shape)}, data


def _build_array(described: Description, data: Any) -> Any:
    import numpy

    # null stands for nan in an array of floats: numpy reads None as nan.
    array = numpy.array(data, dtype=numpy.dtype(described["dtype"]))
    return array.reshape(described["shape"])


def _take_scalar(value: Any) -> Parts:
    described, data = _take_array(value.reshape(()))
    return {"type": "scalar", "dtype": described["dtype"]}, data


def _build_scalar(described: Description, data: Any) -> Any:
    return _build_array({"dtype": described["dtype"], "shape": [1]}, [data])[0]


def _take_table(table: Table) -> Parts:
    """Return the description and the cells of a frame or a series."""
    described = table.describe()
    if table.one:
        if table.index is not None or not isinstance(table.columns[0].name, (str, type(None))):
            raise UnfaithfulError("a series with an index, or with a name that is no text")
        return described, _cells(table.columns[0])
    names = [column.name for column in table.columns]
    if not names or not all(type(name) in (str, int) for name in names):
        raise UnfaithfulError("a frame whose columns are not named by texts or numbers")
    rows = list(map(list, zip(*map(_cells, table.columns))))
    data: dict[str, Any] = {"columns": names, "data": rows}
    levels = [] if table.index is None else list(map(_cells, table.index.levels))
    if levels:
        data["index"] = levels[0] if len(levels) == 1 else list(map(list, zip(*levels)))
    return described, data


def _cells(column: Column) -> list[Any]:
    try:
        return to_json(column)
    except UnfaithfulError as error:
        raise UnfaithfulError("column %r: %s" % (column.name, error)) from error


def _build_table(described: Description, data: Any) -> Any:
    told, buffers, _ = read_document(data, dict(described))
    return values.build(told, iter(buffers))


def _take_sparse(matrix: Any) -> Parts:
    described, data = _take_array(matrix.data)
    kind = "sparse_%s_%s" % tuple(reversed(type(matrix).__name__.split("_")))
    named = {"type": kind, "dtype": described["dtype"], "index_dtype": matrix.indices.dtype.str}
    parts = {"indices": matrix.indices.tolist(), "indptr": matrix.indptr.tolist()}
    return named, {"data": data, **parts, "shape": list(matrix.shape)}


def _build_sparse(described: Description, data: Any) -> Any:
    import numpy
    import scipy.sparse

    _, kind, form = described["type"].split("_")
    index = numpy.dtype(described.get("index_dtype", "int32"))
    parts = (
        numpy.array(data["data"], dtype=described.get("dtype")),
        numpy.array(data["indices"], dtype=index),
        numpy.array(data["indptr"], dtype=index),
    )
    return getattr(scipy.sparse, "%s_%s" % (form, kind))(parts, shape=tuple(data["shape"]))


def _take_bytes(value: bytes) -> Parts:
    return {"type": "bytes"}, base64.b64encode(value).decode("ascii")


def _build_bytes(_: Description, data: Any) -> Any:
    return base64.b64decode(data)


def _take_container(value: Any) -> Parts:
    """Describe each item of a container, unless all of them are plain."""
    try:
        check_plain(value)
    except UnfaithfulError:
        pass
    else:
        return {"type": "json_object"}, value
    if type(value) is dict:
        if not all(type(key) is str for key in value):
            raise UnfaithfulError("a key that is not a string")
        taken = {key: take_apart(item) for key, item in value.items()}
        items = {key: described for key, (described, _) in taken.items()}
        return {"type": "dict", "items": items}, {key: data for key, (_, data) in taken.items()}
    parts = [take_apart(item) for item in value]
    described = {"type": type(value).__name__, "items": [described for described, _ in parts]}
    return described, [data for _, data in parts]


def _build_dict(described: Description, data: Any) -> Any:
    return {key: build(item, data[key]) for key, item in described["items"].items()}


def _build_list(described: Description, data: Any) -> Any:
    return [build(item, part) for item, part in zip(described["items"], data)]


def _build_tuple(described: Description, data: Any) -> Any:
    return tuple(_build_list(described, data))


def _without_nan(data: Any) -> Any:
    """Replace nan by null, as MLflow does; it is read back as nan."""
    if isinstance(data, list):
        return [_without_nan(item) for item in data]
    return None if isinstance(data, float) and math.isnan(data) else data


_TAKE: dict[tuple[str, str], Callable[[Any], Parts]] = {
    ("numpy", "ndarray"): _take_array,
    ("scipy", "csr_matrix"): _take_sparse,
    ("scipy", "csc_matrix"): _take_sparse,
    ("scipy", "csr_array"): _take_sparse,
    ("scipy", "csc_array"): _take_sparse,
    ("builtins", "bytes"): _take_bytes,
}

_BUILD: dict[str, Callable[[Description, Any], Any]] = {
    "ndarray": _build_array,
    "scalar": _build_scalar,
    "dataframe": _build_table,
    "series": _build_table,
    "polars_dataframe": _build_table,
    "polars_series": _build_table,
    "sparse_matrix_csr": _build_sparse,
    "sparse_matrix_csc": _build_sparse,
    "sparse_array_csr": _build_sparse,
    "sparse_array_csc": _build_sparse,
    "bytes": _build_bytes,
    "dict": _build_dict,
    "list": _build_list,
    "tuple": _build_tuple,
}
