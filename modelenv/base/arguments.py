"""Checks of the arguments of public functions, made before any work is done."""

from __future__ import annotations

import math
import numbers
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import NamedOption, Spell, WrongUseError

Requirements = str | os.PathLike[str] | Iterable[str]
"""Lines in pip's syntax, in a list, or the path of a requirements file."""

# Suffixes of requirements files; any other text that is not an existing file is a line.
_FILES = (".txt", ".in", ".toml", ".cfg", ".yaml", ".yml", ".lock", ".pip")

_LINES = "lines in a list, or the path of a file of them"


@dataclass(eq=False)
class BadArgumentError(WrongUseError):
    """An argument has a wrong type or value."""

    name: str
    value: object
    expected: str
    reason: str = ""
    """The reason, if it is not obvious; else empty."""

    def __str__(self) -> str:
        return self._said(self.name)

    def told(self, spell: Spell) -> str:
        """Return the message; an item of a list is named by its index."""
        name, bracket, place = self.name.partition("[")
        return self._said(spell(NamedOption(name)).removesuffix("=") + bracket + place)

    def _said(self, name: str) -> str:
        why = f": {self.reason}" if self.reason else ""
        return f"{name} must be {self.expected}, not {_shown(self.value)}{why}"


MOST_BYTES = 2**63 - 1
"""The largest memory limit that a system accepts, in bytes: a signed 64-bit number."""


def seconds(name: str, value: object) -> float:
    """Return a time limit in seconds; infinity means no limit."""
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    number = float(value) if is_number else math.nan  # type: ignore[arg-type]
    if math.isnan(number) or number <= 0:
        raise BadArgumentError(name, value, "a number of seconds above 0")
    return number


def tolerance(name: str, value: object) -> float:
    """Return a relative tolerance, as a part of the larger of two numbers; 0 means equality."""
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    number = float(value) if is_number else math.nan  # type: ignore[arg-type]
    if not 0 <= number < 1:
        raise BadArgumentError(name, value, "a number from 0 to less than 1")
    return number


def count(
    name: str, value: object, expected: str = "a whole number above 0", *, most: int | None = None
) -> int:
    """Return a whole number, at least 1 and at most `most`."""
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    number = int(value) if whole else 0  # type: ignore[call-overload]
    if number < 1:
        raise BadArgumentError(name, value, expected)
    if most is not None and number > most:
        raise BadArgumentError(name, value, f"{expected}, and {most} at most")
    return number


def choice(name: str, value: object, words: Iterable[str]) -> None:
    """Raise BadArgumentError unless the value is one of `words`."""
    known = [*words]
    if not isinstance(value, str) or value not in known:
        *first, last = map(repr, known)
        either = f"{', '.join(first)} or " if first else ""
        raise BadArgumentError(name, value, f"{either}{last}")


def path(name: str, value: object, expected: str = "a path") -> Path:
    """Return a path; an empty one (the working directory) or one with a NUL is an error."""
    if not isinstance(value, str | os.PathLike) or "\0" in (os.fspath(value) or "\0"):
        raise BadArgumentError(name, value, expected)
    return Path(value)


def text(name: str, value: object, expected: str) -> str:
    """Return a text that is not blank."""
    if not isinstance(value, str) or not value.strip():
        raise BadArgumentError(name, value, expected)
    return value


def paths(name: str, value: object) -> tuple[Path, ...]:
    """Return the given paths; a single path becomes a list of one."""
    if isinstance(value, str | os.PathLike):
        return (path(name, value),)
    found = enumerate(items(name, value, "a path, or a list of them"))
    return tuple(path(f"{name}[{place}]", each) for place, each in found)


def lines(name: str, value: object) -> os.PathLike[str] | tuple[str, ...] | None:
    """Return requirement lines, or the path of a requirements file.

    A text that neither exists as a file nor is named like one is a single line.
    """
    if value is None or isinstance(value, os.PathLike):
        return value
    if isinstance(value, str) and value.strip() and is_file(value):
        return Path(value)
    found = (value,) if isinstance(value, str) else items(name, value, _LINES)
    if found and not any(str(each).strip() for each in found):
        raise BadArgumentError(name, found[0], _LINES)
    if isinstance(value, str) and len(value.strip().splitlines()) > 1:  # from a file, perhaps
        raise BadArgumentError(name, value, _LINES)
    return found


def texts(name: str, value: object) -> tuple[str, ...]:
    """Return the lines of a list; a single text becomes a list of one, and none may be empty."""
    found = (value,) if isinstance(value, str) else items(name, value, "a list of texts")
    for place, each in enumerate(found):
        if not isinstance(each, str) or not each.strip():
            raise BadArgumentError(f"{name}[{place}]", each, "a line with a name in it")
    return tuple(map(str, found))


def items(name: str, value: object, expected: str) -> tuple[Any, ...]:
    """Return the items of an iterable; texts and mappings are refused."""
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise BadArgumentError(name, value, expected)
    return tuple(value)


def mapping(name: str, value: object, expected: str) -> Mapping[object, object]:
    """Return a mapping; None becomes an empty one."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise BadArgumentError(name, value, expected)
    return value


def is_file(text: str) -> bool:
    """Return whether a text is the path of a requirements file: by its suffix, or as it exists."""
    looks = text.lower().endswith(_FILES) and not text.startswith("-") and "://" not in text
    with suppress(OSError):  # too long for the name of a file
        return looks or Path(text).is_file()
    return False


def _shown(value: object) -> str:
    """Return a value as a short text, with its type if that is clearer."""
    if isinstance(value, os.PathLike):
        return repr(os.fspath(value))
    if value is None or isinstance(value, str | bytes | int | float | bool):
        shown = repr(value)
        most = 80 if not isinstance(value, str) or any(map(str.isspace, value)) else 400  # a path
        return shown if len(shown) <= most else f"{shown[: most - 3]}..."
    return f"a value of the type {type(value).__name__}"
