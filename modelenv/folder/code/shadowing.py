"""Modules of the model's own code that stand in front of the standard library's."""

from __future__ import annotations

import sys
from pathlib import Path

_MODULES = (".py", ".pyc", ".so", ".pyd")


def shadowing(code: Path) -> tuple[str, ...]:
    """Return what in a folder of code bears the name of a module of the standard library, sorted.

    The folder is first on the path of every run, so whoever imports such a module gets this one. A
    folder without ``__init__`` is in nobody's way.
    """
    if not code.is_dir():
        return ()
    names = (file.name for file in code.iterdir() if _is_module(file))
    return tuple(sorted(each for each in names if _imported_as(each) in sys.stdlib_module_names))


def _is_module(file: Path) -> bool:
    return any(file.glob("__init__.*")) if file.is_dir() else file.name.endswith(_MODULES)


def _imported_as(name: str) -> str:
    return name.partition(".")[0]
