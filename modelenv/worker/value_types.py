"""Take values apart into plain data and a description, and build them again.

One row of the table a kind of value; the layout of the data is MLflow's where MLflow has one.
Travels into other interpreters: Python 3.8 syntax; a library is imported only for its own values.
"""

from __future__ import annotations

import base64
import math
import sys

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    Description = Mapping[str, Any]
    Parts = tuple[dict[str, Any], Any]


class UnfaithfulError(Exception):
    """JSON would lose something of this value."""


def take_apart(value: Any) -> Parts:
    """Return the description of `value` and its data, or raise UnfaithfulError."""
    module = sys.modules.get(type(value).__module__.partition(".")[0])
    name = type(value).__name__
    library = module.__name__ if module is not None else ""
    take = _TAKE.get((library, name))
    if take is not None and type(value) is getattr(module, name, type(value)):
        return take(value)
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.generic):
        return _take_scalar(value)
    if type(value) in (list, tuple, dict):
        return _take_container(value)
    check_plain(value)
    return {"type": "json_object"}, value


def build(described: Description, data: Any) -> Any:
    """Build a value again from its description and its data."""
    maker = _BUILD.get(described["type"])
    return data if maker is None else maker(described, data)


def check_plain(value: Any) -> None:
    """Raise UnfaithfulError for what JSON has no form of."""
    if value is None or type(value) in (str, bool, int):
        return
    if type(value) is float:
        if not math.isfinite(value):
            raise UnfaithfulError("%r has no form in JSON" % value)
    elif type(value) is list:
        for item in value:
            check_plain(item)
    elif type(value) is dict:
        for key, item in value.items():
            if type(key) is not str:
                raise UnfaithfulError("a key that is not a string: %r" % (key,))
            check_plain(item)
    else:
        raise UnfaithfulError("a value of %s" % class_of(value))


def class_of(value: object) -> str:
    """Name the class of a value."""
    return "%s.%s" % (type(value).__module__, type(value).__qualname__)


def _take_array(value: Any) -> Parts:
    wide = value.dtype.kind == "f" and value.dtype.itemsize > 8
    if value.dtype.kind not in "biufU" or wide:
        raise UnfaithfulError("an array of %s" % value.dtype)
    data = _without_nan(value.tolist()) if value.dtype.kind == "f" else value.tolist()
    return {"type": "ndarray", "dtype": value.dtype.str, "shape": list(value.shape)}, data


def _build_array(described: Description, data: Any) -> Any:
    import numpy

    # null is nan in an array of floats: numpy reads None so.
    array = numpy.array(data, dtype=numpy.dtype(described["dtype"]))
    return array.reshape(described["shape"])


def _take_scalar(value: Any) -> Parts:
    described, data = _take_array(value.reshape(()))
    return {"type": "scalar", "dtype": described["dtype"]}, data


def _build_scalar(described: Description, data: Any) -> Any:
    return _build_array({"dtype": described["dtype"], "shape": [1]}, [data])[0]


def _take_frame(frame: Any) -> Parts:
    _check_index(frame.index)
    columns = list(frame.columns)
    _check_columns(columns)
    taken = [_without_nan(frame[column].tolist()) for column in columns]
    rows = [list(row) for row in zip(*taken)]
    check_plain(rows)
    described = {
        "type": "dataframe",
        "pandas_orient": "split",
        "columns": columns,
        "dtypes": [str(dtype) for dtype in frame.dtypes],
    }
    return described, {"columns": columns, "data": rows}


def _build_frame(described: Description, data: Any) -> Any:
    import pandas

    columns = list(zip(*data["data"])) or [()] * len(data["columns"])
    return pandas.DataFrame(
        {
            name: pandas.Series(list(values), dtype=dtype)
            for name, values, dtype in zip(data["columns"], columns, described["dtypes"])
        },
        columns=data["columns"],
    )


def _take_series(series: Any) -> Parts:
    _check_index(series.index)
    if series.name is not None and not isinstance(series.name, str):
        raise UnfaithfulError("a series whose name is not a string")
    data = _without_nan(series.tolist())
    check_plain(data)
    return {"type": "series", "dtype": str(series.dtype), "name": series.name}, data


def _build_series(described: Description, data: Any) -> Any:
    import pandas

    return pandas.Series(data, dtype=described["dtype"], name=described["name"])


def _polars_dtype(dtype: Any) -> str:
    """Name a dtype that its name alone makes again: one of lists or of categories is not."""
    name = str(dtype)
    if not hasattr(sys.modules["polars"], name):
        raise UnfaithfulError("a column of %s" % name)
    return name


def _take_polars(frame: Any) -> Parts:
    _check_columns(frame.columns)
    rows = [list(row) for row in frame.rows()]
    check_plain(rows)
    dtypes = [_polars_dtype(dtype) for dtype in frame.dtypes]
    described = {"type": "polars_dataframe", "columns": frame.columns, "dtypes": dtypes}
    return described, {"columns": frame.columns, "data": rows}


def _build_polars(described: Description, data: Any) -> Any:
    import polars

    schema = {
        name: getattr(polars, dtype)
        for name, dtype in zip(described["columns"], described["dtypes"])
    }
    return polars.DataFrame(data["data"], schema=schema, orient="row")


def _take_polars_series(series: Any) -> Parts:
    data = series.to_list()
    check_plain(data)
    dtype = _polars_dtype(series.dtype)
    return {"type": "polars_series", "dtype": dtype, "name": series.name}, data


def _build_polars_series(described: Description, data: Any) -> Any:
    import polars

    return polars.Series(described["name"], data, dtype=getattr(polars, described["dtype"]))


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
    """Describe each item, unless all of it is plain."""
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


def _check_index(index: Any) -> None:
    pandas = sys.modules["pandas"]
    if type(index) is not pandas.RangeIndex or index.start != 0 or index.step != 1:
        raise UnfaithfulError("an index that does not simply count from 0")


def _check_columns(columns: list[Any]) -> None:
    if not all(isinstance(column, str) for column in columns) or len(set(columns)) < len(columns):
        raise UnfaithfulError("a frame whose columns are not named by different strings")


def _without_nan(data: Any) -> Any:
    """Write nan as null, which is what MLflow does and what is read back as nan."""
    if isinstance(data, list):
        return [_without_nan(item) for item in data]
    return None if isinstance(data, float) and math.isnan(data) else data


_TAKE: dict[tuple[str, str], Callable[[Any], Parts]] = {
    ("numpy", "ndarray"): _take_array,
    ("pandas", "DataFrame"): _take_frame,
    ("pandas", "Series"): _take_series,
    ("polars", "DataFrame"): _take_polars,
    ("polars", "Series"): _take_polars_series,
    ("scipy", "csr_matrix"): _take_sparse,
    ("scipy", "csc_matrix"): _take_sparse,
    ("scipy", "csr_array"): _take_sparse,
    ("scipy", "csc_array"): _take_sparse,
    ("builtins", "bytes"): _take_bytes,
}

_BUILD: dict[str, Callable[[Description, Any], Any]] = {
    "ndarray": _build_array,
    "scalar": _build_scalar,
    "dataframe": _build_frame,
    "series": _build_series,
    "polars_dataframe": _build_polars,
    "polars_series": _build_polars_series,
    "sparse_matrix_csr": _build_sparse,
    "sparse_matrix_csc": _build_sparse,
    "sparse_array_csr": _build_sparse,
    "sparse_array_csc": _build_sparse,
    "bytes": _build_bytes,
    "dict": _build_dict,
    "list": _build_list,
    "tuple": _build_tuple,
}
