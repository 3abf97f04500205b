"""The file of a program that is started, found as the system will find it."""

from __future__ import annotations

import os
import sys

from .children import search_path

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def find_program(
    name: str, folder: str | None = None, environment: Mapping[Any, Any] | None = None
) -> str | None:
    """Return the absolute path of the program `name` asks for; None if there is none.

    `folder` is its working folder, `environment` its variables: by default this process's. A link
    keeps its own path, as an installer lists it.
    """
    if os.path.dirname(name):
        return _executable(os.path.join(folder or "", name))
    for each in _path(environment):
        found = _executable(os.path.join(folder or "", each, name))
        if found is not None:
            return found
    return None


def is_this_interpreter(program: str) -> bool:
    """Return whether a program is the running interpreter, by one of its names."""
    own = (sys.executable or "", getattr(sys, "_base_executable", None) or "")
    if program in own:
        return True
    beside = [os.path.dirname(each) for each in own if each]
    name = os.path.basename(program).lower()
    if os.path.dirname(program) not in beside or not name.startswith(("python", "pypy")):
        return False
    return os.path.realpath(program) == os.path.realpath(own[0])


def _path(environment: Mapping[Any, Any] | None) -> list[str]:
    value = None if environment is None else environment.get("PATH") or environment.get(b"PATH")
    text = os.fsdecode(value) if isinstance(value, (str, bytes)) else search_path()
    return text.split(os.pathsep)


def _executable(path: str) -> str | None:
    endings = ("", ".exe", ".bat", ".cmd") if os.name == "nt" else ("",)
    for ending in endings:
        if os.path.isfile(path + ending) and os.access(path + ending, os.X_OK):
            return os.path.abspath(path + ending)
    return None
