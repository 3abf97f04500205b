"""The environment variables on which a prediction may depend: those that its libraries read."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any

HASH_SEED = "PYTHONHASHSEED"
LAZY_IMPORTS = "PYTHON_LAZY_IMPORTS"
NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
"""The variable that keeps Pythons from writing bytecode beside the code that they import."""


def read_variables(
    environment: Mapping[str, str], modules: Collection[str], libraries: Collection[str]
) -> dict[str, str]:
    """Return the variables that the interpreter and its loaded libraries read, by name.

    `environment` are all variables, `modules` the names of the loaded modules, `libraries` the file
    names of the mapped shared libraries. Libraries read variables without a trace, so a table lists
    which ones do: a variable outside of it is never returned, and so no secret is.
    """
    table = _table()
    tops = {name.partition(".")[0] for name in modules}
    names = [name for entry in table["read_by_the_interpreter"] for name in entry["names"]]
    for entry in table["read_by_what_is_loaded"]:
        parts = entry.get("libraries", ())
        mapped = any(part in library for part in parts for library in libraries)
        if mapped or tops.intersection(entry.get("modules", ())):
            names += entry["names"]
    # Python treats "random" as if the variable were unset.
    found = {name: environment.get(name, "") for name in sorted(names)}
    return {name: value for name, value in found.items() if value not in ("", "random")}


def may_be_recorded(name: str) -> bool:
    """Return whether a prediction can be recorded with a variable of that name.

    >>> may_be_recorded("TZ"), may_be_recorded("PATH")
    (True, False)
    """
    table = _table()
    entries = (*table["read_by_the_interpreter"], *table["read_by_what_is_loaded"])
    return any(name in entry["names"] for entry in entries)


@cache
def _table() -> Mapping[str, Any]:
    table: Mapping[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
    return table
