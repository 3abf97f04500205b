"""Modules that were loaded by their file here, under a name that no import finds."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from types import ModuleType

_MISSING = re.compile(r"No module named '([^']+)'")


def told_of(reason: str, modules: Mapping[str, ModuleType] = sys.modules) -> str:
    """Return a sentence on a missing module that is among the loaded `modules`; else empty.

    `importlib.util.spec_from_file_location`, `runpy` and plugin loaders give a file any name, and
    a pickle names its classes by that.

    >>> import types
    >>> module = types.ModuleType("plugin")
    >>> module.__file__ = "/srv/models/churn.py"
    >>> said = "ModuleNotFoundError: No module named 'plugin'"
    >>> print(told_of(said, {"plugin": module}).partition(":")[0])
    here plugin was loaded by its file, /srv/models/churn.py, and no import finds it by that name
    """
    found = _MISSING.search(reason)
    module = modules.get(found[1]) if found else None
    file = getattr(module, "__file__", None)
    if found is None or not isinstance(file, str):
        return ""
    return (
        f"here {found[1]} was loaded by its file, {file}, and no import finds it by that name:"
        " import it by the name of the file, with its folder on the path, and fit the model anew"
    )
