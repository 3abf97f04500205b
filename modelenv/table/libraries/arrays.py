"""Arrays, numpy's scalars and scipy's sparse matrices as buffers.

Travels into other interpreters: Python 3.8 syntax; numpy and scipy are imported late.
"""

from __future__ import annotations

import sys

from ..column_type import ColumnType, size_of_element
from ..errors import UnfaithfulError
from ..table import Column
from .packed import bytes_of

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ..table import Buffer, Parts

_OBJECTS = ColumnType("object", dtype="object")


def take_array(array: Any) -> Parts:
    """Return the description and the buffers of an array. Raises UnfaithfulError."""
    dtype = array.dtype
    told: dict[str, Any] = {"type": "ndarray", "dtype": dtype.str, "shape": list(array.shape)}
    if dtype.kind == "O":
        return told, Column.pack(None, _OBJECTS, array.ravel().tolist()).buffers
    if dtype.hasobject or (dtype.kind in "fc" and dtype.alignment > 8):
        raise UnfaithfulError("an array of %s" % dtype)
    if dtype.names is not None:
        told["fields"] = _told_fields(dtype)
    else:
        size_of_element(dtype.str)  # raises what the reader of the buffers would raise
    order = "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"
    if order == "F":
        told["order"] = order
    little = array.astype(dtype.newbyteorder("<"), order=order, copy=False)
    return told, [bytes_of(little.ravel(order=order))]


def build_array(told: dict[str, Any], buffers: Iterator[Buffer]) -> Any:
    """Return the described array from the next buffers."""
    import numpy

    shape = told["shape"]
    if told["dtype"] == "|O":
        cells = Column(None, _OBJECTS, [next(buffers) for _ in range(3)]).cells()
        array = numpy.empty(len(cells), dtype=object)
        array[:] = cells
        return array.reshape(shape)
    fields = told.get("fields")
    dtype = numpy.dtype(told["dtype"] if fields is None else _fields(fields))
    count = 1
    for size in shape:
        count *= size
    data = next(buffers) or b""
    if not count or not dtype.itemsize:
        return numpy.zeros(shape, dtype)
    array = numpy.frombuffer(data, dtype.newbyteorder("<"))
    # The model may write to the array, so read-only memory is copied.
    made = array.astype(dtype, copy=not array.flags.writeable)
    return made.reshape(shape, order=told.get("order", "C"))


def take_scalar(scalar: Any) -> Parts:
    """Return the description and the buffers of a numpy scalar."""
    told, buffers = take_array(scalar.reshape(()))
    return {**told, "type": "scalar"}, buffers


def build_scalar(told: dict[str, Any], buffers: Iterator[Buffer]) -> Any:
    """Return the described numpy scalar."""
    return build_array(told, buffers)[()]


def take_masked(array: Any) -> Parts:
    """Return the description and the buffers of a masked array, with the values under the mask."""
    numpy = sys.modules["numpy"]
    mask = None if array.mask is numpy.ma.nomask else take_array(array.mask)
    parts = [take_array(array.data), take_array(numpy.asarray(array.fill_value))]
    parts += [mask] if mask else []
    told: dict[str, Any] = {"type": "masked_array", "parts": [part for part, _ in parts]}
    if array.hardmask:
        told["hard"] = True
    return told, [buffer for _, buffers in parts for buffer in buffers]


def build_masked(told: dict[str, Any], buffers: Iterator[Buffer]) -> Any:
    """Return the described masked array."""
    import numpy

    data, fill, *mask = [build_array(part, buffers) for part in told["parts"]]
    hidden = mask[0] if mask else numpy.ma.nomask
    return numpy.ma.MaskedArray(
        data, mask=hidden, fill_value=fill[()], hard_mask=bool(told.get("hard"))
    )


_SPARSE_PARTS = {
    "csr": ("data", "indices", "indptr"),
    "csc": ("data", "indices", "indptr"),
    "bsr": ("data", "indices", "indptr"),
    "coo": ("data", "row", "col"),
    "dia": ("data", "offsets"),
}
SPARSE_FORMS = (*_SPARSE_PARTS, "lil", "dok")
"""The formats of scipy's sparse matrices and arrays; the last two are described as coo."""


def take_sparse(matrix: Any) -> Parts:
    """Return the description and the buffers of a sparse matrix or array of two dimensions."""
    form, kind = type(matrix).__name__.split("_")
    if len(matrix.shape) != 2:
        raise UnfaithfulError("a sparse array of %d dimensions" % len(matrix.shape))
    held = matrix if form in _SPARSE_PARTS else matrix.tocoo()
    names = _SPARSE_PARTS.get(form, _SPARSE_PARTS["coo"])
    parts = [take_array(getattr(held, name)) for name in names]
    told = {"type": "sparse_%s_%s" % (kind, form), "shape": list(map(int, matrix.shape))}
    told["parts"] = [part for part, _ in parts]
    return told, [buffer for _, buffers in parts for buffer in buffers]


def build_sparse(told: dict[str, Any], buffers: Iterator[Buffer]) -> Any:
    """Return the described sparse matrix or array."""
    import scipy.sparse

    _, kind, form = told["type"].split("_")
    parts = [build_array(part, buffers) for part in told["parts"]]
    made = form if form in _SPARSE_PARTS else "coo"
    given = (parts[0], tuple(parts[1:])) if made == "coo" else tuple(parts)
    matrix = getattr(scipy.sparse, "%s_%s" % (made, kind))(given, shape=tuple(told["shape"]))
    return matrix if made == form else matrix.asformat(form)


def _told_fields(dtype: Any) -> Any:
    """Describe the fields of a structured dtype. Raises UnfaithfulError for one with gaps."""
    import numpy

    try:
        described = dtype.descr
    except ValueError as error:
        raise UnfaithfulError("an array of %s" % dtype) from error
    if numpy.dtype(described) != dtype:
        raise UnfaithfulError("an array of %s" % dtype)
    return described


def _fields(told: Any) -> Any:
    """Return fields in the form that numpy takes: one tuple each."""
    return [
        (
            tuple(field[0]) if type(field[0]) is list else field[0],  # a name with a title
            _fields(field[1]) if type(field[1]) is list else field[1],
            *map(tuple, field[2:]),
        )
        for field in told
    ]
