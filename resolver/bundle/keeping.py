"""Atomic writes to a shared folder: a reader finds a file whole, or not at all."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_DAY = 86_400


def keep_whole(made: Path, folder: Path) -> Path:
    """Put a file that was made into a folder, and return it there; the folder is made if it lacks.

    Who makes the same file at the same time writes another one beside it; the last one stays.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob("*.part"):
        with suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > _DAY:  # its writer was killed
                left.unlink()
    beside = folder / f"{os.urandom(4).hex()}.part"
    try:
        shutil.copyfile(made, beside)
        return beside.replace(folder / made.name)
    finally:
        beside.unlink(missing_ok=True)
