"""Errors of a lock that is to be proven."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...base.errors import ModelenvError


@dataclass(eq=False)
class LockRefusedError(ModelenvError):
    """A lock in a model's folder cannot be installed for its Python on this platform."""

    file: Path
    reason: str
    way: str = ""

    def __str__(self) -> str:
        said = f"{self.file} cannot be installed: {self.reason}"
        return f"{said}: {self.way}" if self.way else said
