"""Values of a document with their file and key, read with checked types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from ..errors import BadFolderError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stated:
    """A plain value of a document; reading it as another type raises an error with its key."""

    value: Any
    file: Path
    key: str = ""
    """As ``flavors.modelenv.input.items[2]``; empty for the whole document."""

    def at(self, key: str) -> Stated:
        """Return the value at a key. Raises BadFolderError if it is missing."""
        if key not in mapping(self):
            raise self.fault(f"the key {self._below(key)} is missing")
        return Stated(self.value[key], self.file, self._below(key))

    def get(self, key: str, read: Callable[[Stated], T], default: T) -> T:
        """Return `read` of the value at a key; `default` if it is missing."""
        return read(self.at(key)) if key in mapping(self) else default

    def items(self) -> list[Stated]:
        """Return the items of a list."""
        if not isinstance(self.value, list):
            raise self.no("list")
        return [
            Stated(each, self.file, f"{self.key}[{place}]") for place, each in enumerate(self.value)
        ]

    def no(self, kind: str) -> BadFolderError:
        """Return an error saying that the value is not of a kind."""
        return self.fault(f"{self.key or 'what it holds'} is no {kind}")

    def fault(self, reason: str) -> BadFolderError:
        """Return an error about the file with a reason."""
        return BadFolderError(self.file, reason)

    def _below(self, key: str) -> str:
        return f"{self.key}.{key}" if self.key else key


Reader = Callable[[Stated], Any]


def text(said: Stated) -> str:
    """Return a string."""
    if not isinstance(said.value, str):
        raise said.no("text")
    return said.value


def path(said: Stated) -> str:
    """Return a string that is a valid file name."""
    if "\0" in text(said) or not _is_encodable(said.value):
        raise said.no("name that a file can have")
    return text(said)


def flag(said: Stated) -> bool:
    """Return a boolean."""
    if not isinstance(said.value, bool):
        raise said.fault(f"{said.key} is neither true nor false")
    return said.value


def count(said: Stated) -> int:
    """Return a whole number."""
    if not isinstance(said.value, int) or isinstance(said.value, bool):
        raise said.no("whole number")
    return said.value


def number(said: Stated) -> float:
    """Return a number."""
    if not isinstance(said.value, (int, float)) or isinstance(said.value, bool):
        raise said.no("number")
    return said.value


def mapping(said: Stated) -> Mapping[str, Any]:
    """Return a mapping with strings as keys."""
    if not isinstance(said.value, dict):
        raise said.no("mapping")
    for key in said.value:
        if not isinstance(key, str):
            raise said.fault(f"{said.key or 'what it holds'} has the key {key!r}, which is no text")
    return said.value


def texts(said: Stated) -> Mapping[str, str]:
    """Return a mapping from strings to strings."""
    if not isinstance(said.value, dict) or not all(
        isinstance(each, str) for pair in said.value.items() for each in pair
    ):
        raise said.no("mapping of texts")
    return said.value


def lines(said: Stated) -> tuple[str, ...]:
    """Return a list of strings."""
    if not isinstance(said.value, list) or not all(isinstance(each, str) for each in said.value):
        raise said.no("list of texts")
    return tuple(said.value)


def inside(said: Stated) -> str:
    """Return the name of a direct entry of the folder."""
    name = said.value
    if not isinstance(name, str) or name in ("", "..") or Path(name).name != name:
        raise said.fault(f"{said.key} leads out of the folder: {name!r}")
    return path(said)


def optional(read: Callable[[Stated], T]) -> Callable[[Stated], T | None]:
    """Return the reader of a value that may be null."""
    return lambda said: None if said.value is None else read(said)


def record(readers: Mapping[str, Reader], *needed: str) -> Callable[[Stated], Mapping[str, Any]]:
    """Return the reader of a mapping whose known keys have readers of their own.

    The keys `needed` are required; unknown keys are kept unchanged.
    """

    def read(said: Stated) -> Mapping[str, Any]:
        found = dict(mapping(said))
        for key in needed:
            said.at(key)
        return found | {key: readers[key](said.at(key)) for key in found.keys() & readers.keys()}

    return read


def _is_encodable(name: str) -> bool:
    try:
        name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True
