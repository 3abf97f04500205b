"""Results of calls in a pickle, and the size of the array data that joblib writes behind them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from .globals import Global

_WRAPPER = "NumpyArrayWrapper"
_OF_JOBLIB = frozenset(
    {f"{place}joblib.numpy_pickle.{_WRAPPER}" for place in ("", "sklearn.externals.")}
)
# Functions of dill, and of cloudpickle in any bundle, that take the name of a type.
_TYPES = re.compile(r"(.*\.)?cloudpickle(\.\w+)*\._builtin_type|(.*\.)?dill(\.\w+)*\._load_type")
_TYPE = re.compile(r"[a-zA-Z](\d*)")
_FLEXIBLE = "USV"  # their state has the size of an element
_SIZE = 5  # the position in the state of a type


@dataclass(slots=True)
class Made:
    """The symbolic result of calling a global."""

    function: object
    arguments: object
    state: object = None


def python_type(function: object, arguments: object) -> str | None:
    """Return the name in `types` of the type that a call returns; None: it returns something else.

    >>> python_type("cloudpickle.cloudpickle._builtin_type", ("CodeType",))
    'CodeType'
    """
    if not isinstance(function, str) or _TYPES.fullmatch(function) is None:
        return None
    name = arguments[0] if isinstance(arguments, tuple) and arguments else None
    return name if isinstance(name, str) else None


def array_wrapper(value: object) -> Global | None:
    """Return joblib's global that announces the bytes of an array behind a value.

    Raises ValueError for a global of that name elsewhere: its reader may take the bytes for an
    array or for opcodes, and it is unknown which.
    """
    if not isinstance(value, Made):
        return None
    parts = (value.function, *(value.arguments if isinstance(value.arguments, tuple) else ()))
    for part in parts:
        if isinstance(part, Global) and part.rpartition(".")[2] == _WRAPPER:
            if part not in _OF_JOBLIB or "." in part.name:
                raise ValueError(f"{part} is not joblib's, and what follows it is not known")
            return part
    return None


def holds_objects(state: object) -> bool:
    """Return whether an array's data is a pickle: its dtype has objects. Raises ValueError."""
    return _type(state)[0].startswith("O")


def array_size(state: object) -> int:
    """Return the size of an array in bytes. Raises ValueError if its state has none."""
    code, kind = _type(state)
    shape = state.get("shape") if isinstance(state, dict) else None
    known = isinstance(shape, tuple) and all(isinstance(each, int) and each >= 0 for each in shape)
    found = _TYPE.fullmatch(code)
    if not known or found is None:
        raise ValueError("an array without type or shape")
    size = int(found[1] or 1) * (4 if code[0] == "U" else 1)
    said = kind.state
    if code[0] in _FLEXIBLE and isinstance(said, tuple) and len(said) > _SIZE:
        size = said[_SIZE] if isinstance(said[_SIZE], int) and said[_SIZE] >= 0 else size
    assert isinstance(shape, tuple)
    return size * math.prod(shape)


def _type(state: object) -> tuple[str, Made]:
    kind = state.get("dtype") if isinstance(state, dict) else None
    if isinstance(kind, Made) and kind.function == "numpy.dtype":
        arguments = kind.arguments
        if isinstance(arguments, tuple) and arguments and isinstance(arguments[0], str):
            return arguments[0], kind
    raise ValueError("an array without type or shape")
