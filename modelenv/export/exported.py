"""The result of an export: the written files, and what their format cannot represent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base.text import brief, counted


@dataclass(frozen=True, slots=True, kw_only=True)
class FormDraft:
    """The files of an export before they are written, by their paths below its folder."""

    files: Mapping[str, str]
    """Text by path, with ``/``; the first is the one that is given to the tool."""
    unexpressed: tuple[str, ...] = ()
    """A sentence for each property of the model that the format cannot represent."""
    notes: tuple[str, ...] = ()
    """Sentences to read before the files are used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A model's environment as written in the format of another tool."""

    format: str
    place: Path
    """The file to give to the tool."""
    files: tuple[Path, ...]
    """All written files."""
    python: str
    """The version of Python that it is for."""
    pins: tuple[str, ...]
    """The pinned lines, sorted by name."""
    unexpressed: tuple[str, ...]
    """A sentence for each property of the model that the format cannot represent."""
    notes: tuple[str, ...]
    """Sentences to read before the files are used."""
    command: str
    """The shell command that uses it; empty if many tools read it."""

    def __str__(self) -> str:
        """Return a short report, one fact per line."""
        pins = counted(len(self.pins), "pin")
        lines = [f"{self.place}: {self.format}, Python {self.python}, {pins}"]
        lines += [f"  with {each}" for each in self.files if each != self.place]
        lines += [f"use it: {self.command}"] if self.command else []
        lines += [f"not said in it: {each}" for each in self.unexpressed]
        return "\n".join((*lines, *(f"note: {each}" for each in self.notes)))

    def __repr__(self) -> str:
        """Return its first line, short."""
        return brief(self)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "schema": 1,
            "format": self.format,
            "place": str(self.place),
            "files": [str(each) for each in self.files],
            "python": self.python,
            "pins": list(self.pins),
            "unexpressed": list(self.unexpressed),
            "notes": list(self.notes),
            "command": self.command or None,
        }
