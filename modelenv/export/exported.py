"""What an export came to: the files that were written, and what their form has no word for."""

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
    """Text by path, with ``/``; the first of them is the one that its tool is given."""
    unexpressed: tuple[str, ...] = ()
    """What the model has and the form has no place for, a sentence each."""
    notes: tuple[str, ...] = ()
    """What is to be known before the files are used, likewise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A model's environment that was written in the form of another tool."""

    format: str
    place: Path
    """The file that the tool is given."""
    files: tuple[Path, ...]
    """All that was written."""
    python: str
    """The version of Python that it is for."""
    pins: tuple[str, ...]
    """The pinned lines, sorted by name."""
    unexpressed: tuple[str, ...]
    """What the model has and the form has no place for, a sentence each."""
    notes: tuple[str, ...]
    """What is to be known before the files are used, likewise."""
    command: str
    """What uses it, as it is typed; empty where it is read by many."""

    def __str__(self) -> str:
        """Return a short report, a fact a line."""
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
