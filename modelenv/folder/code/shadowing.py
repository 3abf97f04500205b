"""Modules of the model's own code that shadow the standard library's."""

from __future__ import annotations

import sys
from pathlib import Path

_MODULES = (".py", ".pyc", ".so", ".pyd")


def shadowing(code: Path) -> tuple[str, ...]:
    """Return the sorted names in a folder of code that are modules of the standard library.

    The folder is first on the path of every run, so these are imported instead. A folder without
    ``__init__`` shadows nothing.
    """
    if not code.is_dir():
        return ()
    names = (file.name for file in code.iterdir() if _is_module(file))
    return tuple(sorted(each for each in names if _imported_as(each) in sys.stdlib_module_names))


def _is_module(file: Path) -> bool:
    return any(file.glob("__init__.*")) if file.is_dir() else file.name.endswith(_MODULES)


def _imported_as(name: str) -> str:
    return name.partition(".")[0]
