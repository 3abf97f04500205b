"""Read bodies of Parquet and of Arrow here, and pass them to the worker as typed columns.

The library that reads them is imported with the first such body.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...table.crossing import raw
from ...table.errors import RowsError
from ...table.files import rows_of_arrow
from ...table.incoming.document import read_table
from ..errors import RequestError, invalid_input, too_busy
from .content_type import unsupported
from .exchange import too_large

if TYPE_CHECKING:
    import pyarrow

    from ...table.table import Buffer

_SMALLEST_CELL = 8  # bytes that each cell takes at least while it is read
_MOST_WAITING = 16
_NO_READER = "Parquet and Arrow are read if pyarrow is installed beside modelenv"


class Columnar:
    """Reads such bodies, one at a time; each may take at most `largest` bytes in memory."""

    __slots__ = ("_largest", "_turn", "_waiting")

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def read(
        self, kind: str, body: Sequence[bytes], like: Mapping[str, Any]
    ) -> tuple[Mapping[str, Any], Sequence[bytes]]:
        """Return a worker's request for an input like the described one. Raises RequestError.

        `kind` is ``parquet`` or ``arrow``.
        """
        if self._waiting >= _MOST_WAITING:
            raise too_busy(1)
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(_asked, kind, b"".join(body), like, self._largest)
        except RowsError as error:
            raise invalid_input(str(error)) from error
        except ImportError as error:
            raise unsupported(_NO_READER) from error
        finally:
            self._waiting -= 1


def _asked(
    kind: str, data: bytes, like: Mapping[str, Any], largest: int
) -> tuple[Mapping[str, Any], Sequence[bytes]]:
    read = _parquet if kind == "parquet" else _arrow
    try:
        table = read(data, largest)
        table.validate(full=True)  # untrusted offsets may point outside of its buffers
        _check(table.num_rows * table.num_columns, _size(table), largest)
        rows = rows_of_arrow(table)
    except (RequestError, RowsError, ImportError):
        raise
    except Exception as error:  # the library raises many kinds, and its own memory errors
        raise RowsError(f"the body is no {kind.title()} that can be read: {error}") from error
    told, buffers, notes = read_table(rows, dict(like))
    return {"content": "buffers", "notes": notes}, list(map(_whole, raw.to_bytes(told, buffers)))


def _parquet(data: bytes, largest: int) -> pyarrow.Table:
    import pyarrow
    from pyarrow import parquet

    file = parquet.ParquetFile(pyarrow.BufferReader(data))
    told, arrow = file.metadata, file.schema_arrow
    groups = [told.row_group(place) for place in range(told.num_row_groups)]
    cells = sum(
        group.column(place).num_values for group in groups for place in range(group.num_columns)
    )
    _check(cells, sum(group.total_byte_size for group in groups), largest)
    # A repeated text is stored once in the file: it is expanded only after the size is known.
    texts = [field.name for field in arrow if _is_text(field.type)]
    packed = parquet.ParquetFile(pyarrow.BufferReader(data), read_dictionary=texts)
    return packed.read(use_threads=False)


def _arrow(data: bytes, largest: int) -> pyarrow.Table:
    import pyarrow
    from pyarrow import ipc

    source = pyarrow.BufferReader(data)
    options = ipc.IpcReadOptions(use_threads=False)
    if data.startswith(b"ARROW1"):
        return ipc.open_file(source, options=options).read_all()
    batches: list[Any] = []
    with ipc.open_stream(source, options=options) as stream:
        for batch in stream:
            batches.append(batch)
            _check(0, sum(each.nbytes for each in batches), largest)
        return pyarrow.Table.from_batches(batches, stream.schema)


def _is_text(type_: pyarrow.DataType) -> bool:
    from pyarrow import types

    return bool(types.is_string(type_) or types.is_binary(type_) or types.is_large_string(type_))


def _size(table: pyarrow.Table) -> int:
    """Return the size of a table's cells in bytes, with repeated values counted each time."""
    import pyarrow
    from pyarrow import compute

    size = int(table.nbytes)
    for column in table.columns:
        if pyarrow.types.is_run_end_encoded(column.type):
            raise RowsError("a run-end encoded column is not supported")
        for chunk in column.chunks if pyarrow.types.is_dictionary(column.type) else ():
            if _is_text(chunk.type.value_type):
                lengths = compute.binary_length(chunk.dictionary).cast("int64")
                size += compute.sum(lengths.take(chunk.indices)).as_py() or 0
    return size


def _check(cells: int, size: int, largest: int) -> None:
    if cells * _SMALLEST_CELL > largest or size > largest:
        raise too_large(largest, "an unpacked table")


def _whole(part: Buffer) -> bytes:
    return part if isinstance(part, bytes) else bytes(part or b"")
