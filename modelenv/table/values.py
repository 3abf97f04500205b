"""Describe any value with buffers: tables, arrays, and containers of them.

Travels into other interpreters: Python 3.8 syntax; a library is imported only for its own values.
"""

from __future__ import annotations

import json
import sys

from .crossing import classes
from .libraries import arrays, arrow_tables, frames, polars_frames
from .objects import class_of, libraries_of, tag, untag
from .table import Table

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from .table import Buffer, Parts


def take_table(value: Any) -> Table | None:
    """Return a frame or a series of a library as a table; None for any other value.

    Raises UnfaithfulError with column and row for a cell of an unsupported type.
    """
    take = _TABLES.get(library_and_class(value))
    return None if take is None else take(value)


def library_and_class(value: Any) -> tuple[str, str]:
    """Return the library of a value's class and the class's name, if the library publishes it."""
    name = type(value).__name__
    library = type(value).__module__.partition(".")[0]
    shown = getattr(sys.modules.get(library), name, type(value))
    return (library, name) if shown is type(value) else ("", "")


def take(value: Any) -> Parts:
    """Return the description of `value` and the buffers of its data. Raises UnfaithfulError."""
    taken = _taker(value)
    if taken is not None:
        return taken(value)
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.generic):
        return arrays.take_scalar(value)
    if _is_plain(value):
        return _take_object(value)
    if type(value) is dict and all(type(key) is str for key in value):
        parts = {key: take(item) for key, item in value.items()}
        told = {key: described for key, (described, _) in parts.items()}
        return {"type": "dict", "items": told}, [b for _, some in parts.values() for b in some]
    if type(value) in (list, tuple):
        some = [take(item) for item in value]
        named = {"type": type(value).__name__, "items": [described for described, _ in some]}
        return named, [buffer for _, buffers in some for buffer in buffers]
    return _take_object(value)


def _take_object(value: Any) -> Parts:
    """Return a value as JSON tagged with types, or as a class with the values of its fields."""
    shape = classes.shape_of(value)
    if shape is not None and not all(map(_is_plain, shape.values.values())):
        told, buffers = take(shape.values)
        return {**told, "type": shape.kind, "shape": shape.name}, buffers
    text = json.dumps(tag(value))
    libraries = libraries_of(text)
    plain: dict[str, Any] = {"type": "object", "class": class_of(value)}
    return {**plain, "libraries": libraries} if libraries else plain, [text.encode("ascii")]


def build(told: dict[str, Any], buffers: Iterator[Buffer]) -> Any:
    """Return the described value, from the next buffers."""
    kind = told["type"]
    if kind in _BUILD_TABLE:
        return build_table(Table.of(told, buffers))
    if kind in _BUILD:
        return _BUILD[kind](told, buffers)
    if kind in ("dataclass", "namedtuple"):
        fields = {key: build(item, buffers) for key, item in told["items"].items()}
        return classes.make(told["shape"], fields)
    if kind == "dict":
        return {key: build(item, buffers) for key, item in told["items"].items()}
    if kind in ("list", "tuple"):
        items = [build(item, buffers) for item in told["items"]]
        return items if kind == "list" else tuple(items)
    return untag(json.loads(bytes(next(buffers) or b"null").decode("ascii")))


def build_table(table: Table) -> Any:
    """Return the frame or the series of a table."""
    return _BUILD_TABLE[table.kind](table)


def _taker(value: Any) -> Callable[[Any], Parts] | None:
    """Return the function that takes apart a library's value other than a frame, or None."""
    named = library_and_class(value)
    if named in _TAKE:
        return _TAKE[named]
    if named in _TABLES:
        take = _TABLES[named]
        return lambda table: _parts(take(table))
    library = type(value).__module__.partition(".")[0]
    if library == "pyarrow" and isinstance(value, sys.modules[library].Array):
        return arrow_tables.take
    if library == "pandas" and isinstance(value, sys.modules[library].Index):
        return _take_index
    if library == "pandas" and isinstance(
        value, sys.modules[library].api.extensions.ExtensionArray
    ):
        return _take_extension
    return None


def _take_index(index: Any) -> Parts:
    return _parts(frames.take_index_alone(index))


def _take_extension(array: Any) -> Parts:
    return _parts(frames.take_extension(array))


def _parts(table: Table) -> Parts:
    return table.describe(), table.buffers()


def describe_loosely(value: Any) -> dict[str, Any] | None:
    """Return the description of a frame or a series with any content; None for other values.

    A column of an unsupported type is described as objects, under its own dtype.
    """
    named = library_and_class(value)
    if named not in _TABLES:
        return None
    describe = {"pandas": frames.describe_loosely, "polars": polars_frames.describe_loosely}
    return describe[named[0]](value).describe()


def modules_of(told: Any) -> list[str]:
    """Return the modules of the classes in a description, which must be loaded to build it."""
    if told["type"] == "object":
        return list(told.get("libraries", ()))
    items = told.get("items") or ()
    shaped = told["type"] in ("dataclass", "namedtuple")
    found = [told["shape"].partition(":")[0]] if shaped else []
    for item in items.values() if type(items) is dict else items:
        found += modules_of(item)
    return found


def is_table(told: Any) -> bool:
    """Return whether a frame or a series is described."""
    return told["type"] in FRAMES


def _is_plain(item: Any) -> bool:
    """Return whether an item has no buffers of its own; many such items are described as one."""
    if type(item) in _OF_PYTHON:
        return True
    inner = item.values() if type(item) is dict else item if type(item) in (list, tuple) else ()
    if inner:
        return all(map(_is_plain, inner))
    return _taker(item) is None


_OF_PYTHON = frozenset((str, int, float, bool, bytes, type(None)))

_TABLES: dict[tuple[str, str], Callable[[Any], Table]] = {
    ("pandas", "DataFrame"): frames.take_frame,
    ("pandas", "Series"): frames.take_series,
    ("polars", "DataFrame"): polars_frames.take_polars,
    ("polars", "Series"): polars_frames.take_polars_series,
}

_SPARSE = [(form, kind) for form in arrays.SPARSE_FORMS for kind in ("matrix", "array")]
_ARROW = ("Table", "RecordBatch", "ChunkedArray")

_TAKE: dict[tuple[str, str], Callable[[Any], Parts]] = {
    ("numpy", "ndarray"): arrays.take_array,
    ("numpy", "MaskedArray"): arrays.take_masked,
    **{("scipy", "%s_%s" % each): arrays.take_sparse for each in _SPARSE},
    **{("pyarrow", name): arrow_tables.take for name in _ARROW},
}

_BUILD_FRAME: dict[str, Callable[[Table], Any]] = {
    "dataframe": frames.build_frame,
    "series": frames.build_series,
    "polars_dataframe": polars_frames.build_polars,
    "polars_series": polars_frames.build_polars_series,
}
FRAMES = tuple(_BUILD_FRAME)
"""The types of values that can be made from rows."""

_BUILD_TABLE: dict[str, Callable[[Table], Any]] = {
    **_BUILD_FRAME,
    "index": frames.build_index_alone,
    "extension_array": frames.build_extension,
}

_BUILD: dict[str, Callable[[dict[str, Any], Iterator[Buffer]], Any]] = {
    "ndarray": arrays.build_array,
    "scalar": arrays.build_scalar,
    "masked_array": arrays.build_masked,
    **{"sparse_%s_%s" % (kind, form): arrays.build_sparse for form, kind in _SPARSE},
    "arrow": arrow_tables.build,
}
