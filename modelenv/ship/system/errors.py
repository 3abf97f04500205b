"""Errors of finding the system packages of an image."""

from __future__ import annotations

from dataclasses import dataclass

from ...base.errors import WrongUseError


@dataclass(eq=False)
class NoElfReaderError(WrongUseError):
    """The library that reads compiled files is not installed."""

    def __str__(self) -> str:
        """Return what is missing, and the way out."""
        return (
            "what compiled files link to is read with pyelftools, which is not installed:"
            " pip install 'modelenv[images]'"
        )
