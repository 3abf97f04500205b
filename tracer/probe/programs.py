"""Find the file of a program that is started, as the system will."""

from __future__ import annotations

import os
import sys

from .children import search_path

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

_SHELLS = ("sh", "bash", "dash", "zsh", "ksh")
_OPERATORS = str.maketrans(dict.fromkeys(";|&<>", " "))
# A word with one of these is not plainly a program: the shell makes something else of it.
_SPECIAL = frozenset("'\"\\$`(){}*?[]#~!")
# The shell does these itself, or they come before the program.
_BUILTINS = frozenset(
    {":", ".", "[", "cd", "echo", "eval", "export", "read", "set", "test", "true"}
)
_BEFORE = frozenset({"command", "do", "exec", "if", "then", "time", "until", "while"})


def find_program(
    name: str, folder: str | None = None, environment: Mapping[Any, Any] | None = None
) -> str | None:
    """Return the absolute path of the program `name` asks for; None where there is none.

    `folder` is where it will run, `environment` what it gets: by default this process's. A link
    keeps its own path, as an installer lists it.
    """
    if os.path.dirname(name):
        return _executable(os.path.join(folder or "", name))
    for each in _path(environment):
        found = _executable(os.path.join(folder or "", each, name))
        if found is not None:
            return found
    return None


def command_in(words: Sequence[str]) -> str | None:
    """Return the program that a shell is told to run, where that is plain; None: it is no shell.

    >>> command_in(["/bin/sh", "-c", "LANG=C ruff check . | wc -l"])
    'ruff'
    """
    if len(words) < 3 or os.path.basename(words[0]) not in _SHELLS or words[1] != "-c":
        return None
    for word in words[2].translate(_OPERATORS).split():
        if word in _BEFORE or (word.partition("=")[0].isidentifier() and "=" in word):
            continue
        return None if word in _BUILTINS or _SPECIAL.intersection(word) else word
    return None


def is_this_interpreter(program: str) -> bool:
    """Tell whether a program is the interpreter that runs this, by one of its names."""
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
