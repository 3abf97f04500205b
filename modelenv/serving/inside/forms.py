"""The form of a prediction apart from its rows, which reveals whether rows are independent.

Travels into other interpreters: Python 3.8 syntax; a library is imported only for its own values.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from typing import Any

_DEEPEST = 4


def form_of(prediction: Any) -> Any:
    """Return the form of a prediction, for comparison with others; None if it has no rows.

    The form is its class, the names and dtypes of its columns, and the classes of its objects.
    """
    size = len(prediction) if hasattr(prediction, "__len__") and _has_rows(prediction) else 1
    return _form(prediction, 0) if size else None


def _has_rows(value: Any) -> bool:
    return bool(getattr(value, "ndim", 1))


def _form(value: Any, depth: int) -> Any:
    name = type(value).__name__
    if depth > _DEEPEST:
        return name
    if isinstance(value, (list, tuple, set, frozenset)):
        return name, frozenset(_form(item, depth + 1) for item in value)
    if isinstance(value, dict):
        return name, tuple((repr(key), _form(item, depth + 1)) for key, item in value.items())
    return name, _of_library(value, depth)


def _of_library(value: Any, depth: int) -> Any:
    pandas, numpy = sys.modules.get("pandas"), sys.modules.get("numpy")
    if pandas is not None and isinstance(value, pandas.DataFrame):
        columns = (value.iloc[:, place] for place in range(value.shape[1]))
        named = zip(map(repr, value.columns), columns)
        return tuple((each, _of_dtype(column, depth)) for each, column in named)
    if pandas is not None and isinstance(value, pandas.Series):
        return _of_dtype(value, depth)
    if numpy is not None and isinstance(value, numpy.ndarray):
        return value.ndim, value.shape[1:], _of_dtype(value, depth)
    return None


def _of_dtype(cells: Any, depth: int) -> Any:
    """Return the dtype; for objects with their classes, for texts without the length."""
    dtype = cells.dtype
    if getattr(dtype, "hasobject", False) and dtype.kind == "O":
        return frozenset(_form(cell, depth + 1) for cell in getattr(cells, "values", cells).ravel())
    if str(dtype) == "category":
        return "category of %s" % dtype.categories.dtype
    return dtype.kind if getattr(dtype, "kind", "") in "US" else str(dtype)
