"""What a stream can show: its width, colours, and characters beyond ASCII."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from ....base.settings import Settings

_WIDTH = 80
_NARROWEST, _WIDEST = 20, 120
"""Longer lines than that are hard to read, however wide the window is."""
_DUMB = ("dumb", "unknown")


@dataclass(frozen=True, slots=True)
class Screen:
    """A terminal that reports are laid out for."""

    width: int
    """In columns."""
    colours: bool
    unicode: bool
    """Whether it has marks and lines beyond ASCII."""

    @classmethod
    def of(cls, stream: TextIO, settings: Settings) -> Screen | None:
        """Return what a stream shows; None if it is to be given plain text.

        That is a pipe or a file, unless colours are forced (``FORCE_COLOR``, ``CLICOLOR_FORCE``),
        and a terminal that says it is dumb. ``NO_COLOR`` and ``CLICOLOR=0`` take the colours away,
        and leave the rest (https://no-color.org, https://force-color.org).
        """
        is_terminal = stream.isatty() and settings.environment.get("TERM") not in _DUMB
        if not (is_terminal or settings.forces_colours):
            return None
        encoding = (getattr(stream, "encoding", None) or "utf-8").lower()
        return cls(
            width=min(max(_columns(stream, settings), _NARROWEST), _WIDEST),
            colours=settings.colours,
            unicode=encoding.startswith("utf"),
        )


def _columns(stream: TextIO, settings: Settings) -> int:
    said = settings.environment.get("COLUMNS", "")
    if said.isdecimal() and int(said):
        return int(said)
    try:
        return os.get_terminal_size(stream.fileno()).columns or _WIDTH
    except (OSError, ValueError):  # no terminal, though colours are forced
        return _WIDTH


def screen_of(stream: TextIO) -> Screen | None:
    """Return what a stream of this process is shown on; None if it takes only plain text."""
    from ....base.settings import Settings

    return Screen.of(stream, Settings.from_environment())
