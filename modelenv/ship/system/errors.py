"""Errors raised while the system packages of an image are found."""

from __future__ import annotations

from dataclasses import dataclass

from ...base.errors import WrongUseError


@dataclass(eq=False)
class NoElfReaderError(WrongUseError):
    """The library that reads compiled files is not installed."""

    def __str__(self) -> str:
        """Return what is missing, and the way out."""
        return (
            "pyelftools, which reads what compiled files link to, is not installed:"
            " pip install 'modelenv[images]'"
        )
