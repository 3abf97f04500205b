"""Notes on the leftovers of killed processes, for commands that read a model."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def name_leftovers(model: Path) -> None:
    """Warn of leftovers of killed processes beside a model, which reading does not remove."""
    from ....base.siblings import envfiles

    for path in envfiles.leftovers(model) if model.is_dir() else ():
        way = f"the next command that changes {model.name} removes it"
        warnings.warn(f"{path} was left by a process that was killed: {way}", stacklevel=2)
