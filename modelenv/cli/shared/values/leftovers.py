"""What killed processes left of a model is named by a command that reads it."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def name_leftovers(model: Path) -> None:
    """Say what killed processes left of a model, which reading it does not remove."""
    from ....base.siblings import envfiles

    for path in envfiles.leftovers(model) if model.is_dir() else ():
        way = f"the next command that changes {model.name} removes it"
        warnings.warn(f"{path} was left by a process that was killed: {way}", stacklevel=2)
