"""From a request's JSON to the model's input: the scoring protocol, or the example's own layout.

Travels into other interpreters: Python 3.8 syntax; numpy and pandas are imported only where the
input is theirs.
"""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    Description = Mapping[str, Any]

KEYS = ("dataframe_split", "dataframe_records", "instances", "inputs")


class BadPayloadError(Exception):
    """The document is not an input of this model."""


def parse(document: Any, like: Description) -> Any:
    """Return the input that `document` speaks of, of the type of the example described by `like`.

    `document` has exactly one of the keys of the scoring protocol, or is laid out as the folder's
    ``input_example.json`` is.
    """
    given = [key for key in KEYS if key in document] if isinstance(document, dict) else []
    if len(given) > 1:
        raise BadPayloadError(
            "give exactly one of %s, not %s" % (", ".join(KEYS), ", ".join(given))
        )
    if not given:
        return _like(document, like)
    data = document[given[0]]
    if "columns" in like.get("schema", ()):
        like = _table_of(like["schema"])
    if given[0] == "dataframe_split":
        if not isinstance(data, dict) or "data" not in data:
            raise BadPayloadError("dataframe_split is an object with data and, mostly, columns")
        return _frame(data.get("columns"), data["data"], like)
    if given[0] == "dataframe_records":
        if not _are_records(data):
            raise BadPayloadError("dataframe_records is a list of objects, one a row")
        return _records(data, like)
    return _like(data, like)


def parse_rows(rows: list[list[str]], like: Description) -> Any:
    """Return an array like the example's of a table's cells; an empty one is nan in floats."""
    if like["dtype"].lstrip("<>=|").startswith("f"):
        rows = [[cell or "nan" for cell in row] for row in rows]
    if len(like["shape"]) == 1 and all(len(row) == 1 for row in rows):
        return _array([row[0] for row in rows], like)
    return _array(rows, like)


def _like(data: Any, like: Description) -> Any:
    if "schema" in like:
        return _by_schema(data, like["schema"])
    if like["type"] == "ndarray":
        return _array(data, like)
    if like["type"] == "dataframe":
        if isinstance(data, dict) and "data" in data:
            return _frame(data.get("columns"), data["data"], like)
        if isinstance(data, dict):
            return _frame(list(data), data, like)
        return _records(data, like) if data and _are_records(data) else _frame(None, data, like)
    return data


def _by_schema(data: Any, schema: Description) -> Any:
    """Return what a model of MLflow's takes: by its signature, else arrays, as MLflow has it."""
    if schema.get("plain") or not isinstance(data, (dict, list)):
        return data
    if "columns" in schema:
        return _like(data, _table_of(schema))
    import numpy

    try:
        if isinstance(data, dict):
            dtypes = schema.get("dtypes", {})
            return {name: numpy.array(each, dtype=dtypes.get(name)) for name, each in data.items()}
        return numpy.array(data, dtype=schema.get("dtype"))
    except (ValueError, TypeError) as error:
        raise BadPayloadError("not an array of the model's signature: %s" % error) from error


def _table_of(schema: Description) -> Description:
    types = schema.get("types", {})
    columns = [name for name in schema["columns"] if name in types]
    return {
        "type": "dataframe",
        "all_columns": schema["columns"],
        "columns": columns,
        "dtypes": [types[name] for name in columns],
    }


def _are_records(data: Any) -> bool:
    return isinstance(data, list) and all(isinstance(row, dict) for row in data)


def _records(rows: list[dict[str, Any]], like: Description) -> Any:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return _frame(columns or None, [[row.get(name) for name in columns] for row in rows], like)


def _array(data: Any, like: Description) -> Any:
    import numpy

    try:
        array = numpy.array(data, dtype=numpy.dtype(like["dtype"]))
    except (ValueError, TypeError) as error:
        raise BadPayloadError("not an array of %s: %s" % (like["dtype"], error)) from error
    if array.ndim != len(like["shape"]):
        raise BadPayloadError(
            "the model's example has %d dimensions, this input %d"
            % (len(like["shape"]), array.ndim)
        )
    return array


def _frame(columns: list[str] | None, rows: Any, like: Description) -> Any:
    """Make a table of `rows`, or of columns by their names; an array where the example is one."""
    if like["type"] == "ndarray":
        return _array(rows, like)
    import pandas

    known = dict(zip(like.get("columns", ()), like.get("dtypes", ())))
    expected = list(like.get("all_columns", known)) or None
    names = columns if columns is not None else expected
    try:
        frame = pandas.DataFrame(rows, columns=names)
        return frame.astype({name: known[name] for name in frame.columns if name in known})
    except (ValueError, TypeError) as error:
        raise BadPayloadError("not a table like the model's example: %s" % error) from error
