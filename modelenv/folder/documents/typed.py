"""A value of a document, with the file and the key where it stands, read as what it has to be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from ..errors import BadFolderError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stated:
    """A plain value of a document; each reading of another kind than it has names its place."""

    value: Any
    file: Path
    key: str = ""
    """As ``flavors.modelenv.input.items[2]``; empty for the whole document."""

    def at(self, key: str) -> Stated:
        """Return what stands at a key. Raises BadFolderError where there is none."""
        if key not in mapping(self):
            raise self.fault(f"the key {self._below(key)} is missing")
        return Stated(self.value[key], self.file, self._below(key))

    def get(self, key: str, read: Callable[[Stated], T], default: T) -> T:
        """Return what `read` makes of what stands at a key; `default` where there is none."""
        return read(self.at(key)) if key in mapping(self) else default

    def items(self) -> list[Stated]:
        """Return what stands in a list."""
        if not isinstance(self.value, list):
            raise self.no("list")
        return [
            Stated(each, self.file, f"{self.key}[{place}]") for place, each in enumerate(self.value)
        ]

    def no(self, kind: str) -> BadFolderError:
        """Return the error that says what the value is not."""
        return self.fault(f"{self.key or 'what it holds'} is no {kind}")

    def fault(self, reason: str) -> BadFolderError:
        """Return the error that says what is wrong in the file."""
        return BadFolderError(self.file, reason)

    def _below(self, key: str) -> str:
        return f"{self.key}.{key}" if self.key else key


Reader = Callable[[Stated], Any]


def anything(said: Stated) -> Any:
    """Return a value of any type."""
    return said.value


def text(said: Stated) -> str:
    """Return a text."""
    if not isinstance(said.value, str):
        raise said.no("text")
    return said.value


def path(said: Stated) -> str:
    """Return a text that a file may be called."""
    if "\0" in text(said) or not _is_encodable(said.value):
        raise said.no("name that a file can have")
    return text(said)


def flag(said: Stated) -> bool:
    """Return what is true or false."""
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
    """Return what has keys, which are texts."""
    if not isinstance(said.value, dict):
        raise said.no("mapping")
    for key in said.value:
        if not isinstance(key, str):
            raise said.fault(f"{said.key or 'what it holds'} has the key {key!r}, which is no text")
    return said.value


def texts(said: Stated) -> Mapping[str, str]:
    """Return a mapping of texts."""
    if not isinstance(said.value, dict) or not all(
        isinstance(each, str) for pair in said.value.items() for each in pair
    ):
        raise said.no("mapping of texts")
    return said.value


def lines(said: Stated) -> tuple[str, ...]:
    """Return a list of texts."""
    if not isinstance(said.value, list) or not all(isinstance(each, str) for each in said.value):
        raise said.no("list of texts")
    return tuple(said.value)


def inside(said: Stated) -> str:
    """Return the name of something that stands in the folder itself."""
    name = said.value
    if not isinstance(name, str) or name in ("", "..") or Path(name).name != name:
        raise said.fault(f"{said.key} leads out of the folder: {name!r}")
    return path(said)


def optional(read: Callable[[Stated], T]) -> Callable[[Stated], T | None]:
    """Return the reader of what may be null."""
    return lambda said: None if said.value is None else read(said)


def record(readers: Mapping[str, Reader], *needed: str) -> Callable[[Stated], Mapping[str, Any]]:
    """Return the reader of a mapping whose known keys have types of their own.

    Those that are `needed` have to be there; what is not known stays as it is.
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
