"""Tables, batches and chunked arrays of pyarrow, of its simple types, as columns.

Other content of Arrow's own files, such as extension types, could require trust in the writer.
Travels into other interpreters: Python 3.8 syntax; pyarrow is imported late.
"""

from __future__ import annotations

from ..column_type import ColumnType
from ..errors import UnfaithfulError
from ..objects import class_of, tag, untag
from ..table import Column
from .arrow_columns import build_arrow_array, pack_arrow, type_of

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ..table import Buffer, Parts


def take(value: Any) -> Parts:
    """Return the description and the buffers of a table, a batch or a chunked array.

    Raises UnfaithfulError with the column.
    """
    tabular = hasattr(value, "schema")
    kind = type(value).__name__ if tabular or hasattr(value, "chunks") else "Array"
    told: dict[str, Any] = {"type": "arrow", "form": kind}
    if not tabular:
        columns = [_column("", value)]
        names: list[str] = []
    else:
        names = value.schema.names
        columns = [_column(name, value.column(place)) for place, name in enumerate(names)]
        told["metadata"] = tag(value.schema.metadata)
        fields = [value.schema.field(place) for place in range(len(names))]
        if any(field.metadata for field in fields):
            raise UnfaithfulError("a %s whose columns have metadata" % class_of(value))
        told["nullable"] = [bool(field.nullable) for field in fields]
    told.update(
        rows=value.num_rows if tabular else len(value),
        columns=names,
        types=[[column.type.to_json(), column.type.dtype] for column in columns],
    )
    return told, [buffer for column in columns for buffer in column.buffers]


def build(told: dict[str, Any], buffers: Iterator[Buffer]) -> Any:
    """Return the described pyarrow value."""
    import pyarrow

    types = [ColumnType.from_json(*each) for each in told["types"]]
    arrays = [
        build_arrow_array(Column(None, type_, [next(buffers) for _ in range(type_.buffers)]))
        for type_ in types
    ]
    if told["form"] in ("ChunkedArray", "Array"):
        return arrays[0] if told["form"] == "Array" else pyarrow.chunked_array(arrays)
    fields = [
        pyarrow.field(name, array.type, nullable=nullable)
        for name, array, nullable in zip(told["columns"], arrays, told["nullable"])
    ]
    schema = pyarrow.schema(fields, metadata=untag(told["metadata"]))
    made = pyarrow.Table if told["form"] == "Table" else pyarrow.RecordBatch
    return made.from_arrays(arrays, schema=schema)


def _column(name: str, array: Any) -> Column:
    type_ = type_of(str(array.type))
    if type_ is None:
        raise UnfaithfulError("column %r: its type is %s" % (name, array.type))
    return pack_arrow(name, type_, array)
