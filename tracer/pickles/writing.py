"""Cloudpickle for code with lazy imports (PEP 810, Python 3.15).

If a function or class travels by value, so do the globals that its code names. A lazy import
among them cannot be pickled, so its target is loaded, as its first use would do, and pickled
instead.
"""

from __future__ import annotations

import operator
import types
from collections import ChainMap
from importlib import import_module
from typing import IO, Any

# A global of the standard library that returns the loaded object, wherever it is unpickled.
_FIRST = operator.itemgetter(0)


def write_pickle(value: object, file: IO[bytes]) -> None:
    """Write a pickle of `value` to `file` by cloudpickle, which has to be installed.

    Raises the errors of loading a lazy import, with a note of the statement, and those of pickling.

    >>> import io, pickle
    >>> file = io.BytesIO()
    >>> write_pickle([1, 2], file)
    >>> pickle.loads(file.getvalue())
    [1, 2]
    """
    kind: Any = import_module("cloudpickle").Pickler
    proxy = getattr(types, "LazyImportType", None)
    if proxy is not None:
        table = ChainMap({proxy: _loaded}, kind.dispatch_table)
        kind = type(kind.__name__, (kind,), {"dispatch_table": table})
    kind(file).dump(value)


def _loaded(proxy: Any) -> tuple[object, tuple[object, ...]]:
    """Return a recipe for the target of a lazy import, and the modules that it needs."""
    try:
        loaded = proxy.resolve()
    except BaseException as error:
        error.add_note(_note(proxy, error))  # type: ignore[attr-defined,unused-ignore]
        raise
    if not isinstance(loaded, types.ModuleType):
        return _FIRST, ((loaded,),)
    name = _name_of(proxy)
    # Of ``lazy import a.b`` the global is `a`, and using it would load `a.b`.
    return _FIRST, ((loaded, import_module(name)),)


def _name_of(proxy: object) -> str:
    return repr(proxy).partition("'")[2].rpartition("'")[0]


def _note(proxy: object, error: BaseException) -> str:
    """Return a note with the failing lazy import; its place is known from its own error alone."""
    inner = getattr(error.__cause__, "__traceback__", None)
    place = f", at {inner.tb_frame.f_code.co_filename}:{inner.tb_lineno}" if inner else ""
    return f"what is pickled names the lazy import of {_name_of(proxy)!r}{place}"
