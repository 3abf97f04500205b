"""What callers hand in, looked at before any work is done with it."""

from __future__ import annotations

import math
import numbers
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import WrongUseError

Requirements = str | os.PathLike[str] | Iterable[str]
"""Lines as pip reads them, in a list, or the path of a file of them."""

# How the name of a requirements file ends; another text that names no file is a line.
_FILES = (".txt", ".in", ".toml", ".cfg", ".yaml", ".yml", ".lock", ".pip")

_LINES = "lines in a list, or the path of a file of them"


@dataclass(eq=False)
class BadArgumentError(WrongUseError):
    """An argument is not what it has to be."""

    name: str
    given: object
    wanted: str

    def __str__(self) -> str:
        return f"{self.name} must be {self.wanted}, not {_shown(self.given)}"


def seconds(name: str, given: object) -> float:
    """Return a time limit; infinity is none."""
    is_number = isinstance(given, numbers.Real) and not isinstance(given, bool)
    value = float(given) if is_number else math.nan  # type: ignore[arg-type]
    if math.isnan(value) or value <= 0:
        raise BadArgumentError(name, given, "a number of seconds above 0")
    return value


def count(name: str, given: object, wanted: str = "a whole number above 0") -> int:
    """Return how many of something there may be: one at least."""
    if isinstance(given, bool) or not isinstance(given, numbers.Integral) or given < 1:
        raise BadArgumentError(name, given, wanted)
    return int(given)


def word(name: str, given: object, words: Iterable[str]) -> None:
    """Check that one of a few words was given."""
    known = [*words]
    if not isinstance(given, str) or given not in known:
        *first, last = map(repr, known)
        raise BadArgumentError(name, given, f"{', '.join(first)} or {last}")


def path(name: str, given: object, wanted: str = "a path") -> Path:
    """Return the path that was given: an empty one would be the working directory."""
    if not isinstance(given, str | os.PathLike) or not os.fspath(given):
        raise BadArgumentError(name, given, wanted)
    return Path(given)


def text(name: str, given: object, wanted: str) -> str:
    """Return a text that says something."""
    if not isinstance(given, str) or not given.strip():
        raise BadArgumentError(name, given, wanted)
    return given


def paths(name: str, given: object) -> tuple[Path, ...]:
    """Return the paths that were given; a single one is a list of one."""
    if isinstance(given, str | os.PathLike):
        return (path(name, given),)
    found = enumerate(items(name, given, "a path, or a list of them"))
    return tuple(path(f"{name}[{place}]", each) for place, each in found)


def lines(name: str, given: object) -> os.PathLike[str] | tuple[str, ...] | None:
    """Return requirement lines, or the path of a requirements file.

    A text that is no file, and is not called as one, is a line: a list of one.
    """
    if given is None or isinstance(given, os.PathLike):
        return given
    if isinstance(given, str) and given.strip() and _is_file(given):
        return Path(given)
    found = (given,) if isinstance(given, str) else items(name, given, _LINES)
    if found and not any(str(each).strip() for each in found):
        raise BadArgumentError(name, found[0], _LINES)
    if isinstance(given, str) and len(given.strip().splitlines()) > 1:  # what a file holds, say
        raise BadArgumentError(name, given, _LINES)
    return found


def several(name: str, given: object) -> tuple[str, ...]:
    """Return the lines of a list; a single text is a list of one, and none may be empty."""
    found = (given,) if isinstance(given, str) else items(name, given, "a list of texts")
    for place, each in enumerate(found):
        if not isinstance(each, str) or not each.strip():
            raise BadArgumentError(f"{name}[{place}]", each, "a line with a name in it")
    return tuple(map(str, found))


def items(name: str, given: object, wanted: str) -> tuple[Any, ...]:
    """Return what a list holds; neither a text nor a mapping is one."""
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        raise BadArgumentError(name, given, wanted)
    return tuple(given)


def mapping(name: str, given: object, wanted: str) -> Mapping[object, object]:
    """Return a mapping that was given; None is an empty one."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise BadArgumentError(name, given, wanted)
    return given


def _is_file(text: str) -> bool:
    looks = text.lower().endswith(_FILES) and not text.startswith("-") and "://" not in text
    with suppress(OSError):  # too long for the name of a file
        return looks or Path(text).is_file()
    return False


def _shown(given: object) -> str:
    """Show what was given, short, by its type where that says more."""
    if given is None or isinstance(given, str | bytes | int | float | bool):
        shown = repr(given)
        return shown if len(shown) <= 80 else f"{shown[:77]}..."
    return f"a value of the type {type(given).__name__}"
