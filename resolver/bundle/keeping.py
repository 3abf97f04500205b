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
    """Move a finished file into a folder, made if missing, and return its path there.

    Concurrent writers of the same file write to names of their own; the last one stays.
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
