"""What a pickle names, read from its opcodes; nothing is unpickled."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from ..errors import UnreadablePickleError
from .containers import pickles_in
from .globals import Global
from .stack_machine import Budget, scan

_UNREADABLE = (
    *(ValueError, IndexError, KeyError, TypeError, OverflowError, EOFError, OSError),
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, SyntaxError, RecursionError),
    *(MemoryError, NotImplementedError),
)


def scan_globals(source: bytes | str | Path) -> tuple[Global, ...]:
    """List the globals that a pickle names, as `module.qualified.name`, sorted.

    `source` is the pickle's bytes or the path of its file: a plain pickle of any protocol, several
    in a row, one of cloudpickle, a joblib file (compressed too), or a zip archive of pickles as
    torch writes it. Pickles inside pickles are read as well. Nothing is executed; each name tells
    by `runs_commands` whether unpickling it is known to run code. Raises UnreadablePickleError
    where the opcodes cannot be read to the end.

    >>> import pickle, collections
    >>> scan_globals(pickle.dumps(collections.Counter("aab")))
    ('collections.Counter',)
    """
    return tuple(sorted(set(_globals(source))))


def scan_modules(source: bytes | str | Path) -> tuple[str, ...]:
    """List the modules that a pickle names or whose globals it names, sorted.

    >>> import pickle, collections
    >>> scan_modules(pickle.dumps(collections.Counter("aab")))
    ('collections',)
    """
    return tuple(sorted({name.module for name in _globals(source)}))


def _globals(source: bytes | str | Path) -> Iterator[Global]:
    if isinstance(source, bytes):
        label, data = "<bytes>", source
    else:
        label, data = str(source), Path(source).read_bytes()
    where = label
    budget = Budget.of(len(data))
    try:
        for part, stream in pickles_in(data):
            where = f"{label}!{part}" if part else label
            yield from scan(stream, budget)
    except _UNREADABLE as error:
        raise UnreadablePickleError(where, str(error) or type(error).__name__) from error
