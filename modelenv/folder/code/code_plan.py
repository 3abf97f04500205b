"""Which file goes to which place below ``code/``."""

from __future__ import annotations

import filecmp
import shutil
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ..errors import CodeClashError


@dataclass(frozen=True, slots=True)
class CodePlan:
    """Which file goes to which place below ``code/``; nothing is written yet."""

    files: dict[str, Path] = field(default_factory=dict)
    """Sources by their place, in the forms ``pkg/module.py``."""
    names: tuple[str, ...] = ()
    """What can be imported from it: packages, and modules that are in none."""
    left_out: tuple[str, ...] = ()
    """Files that were not swept in with their folder: secrets, links that lead out of it."""

    def names_module(self, module: str) -> bool:
        """Tell whether a module is one of `names`, or stands in one."""
        return any(module == name or module.startswith(f"{name}.") for name in self.names)

    def add(self, place: PurePosixPath, source: Path) -> None:
        """Plan one file. Raises CodeClashError where another one has its place."""
        key = place.as_posix()
        there = self.files.setdefault(key, source)
        if there != source and not filecmp.cmp(there, source, shallow=False):
            raise CodeClashError(key, there, source)

    def carry(self, folder: Path) -> None:
        """Copy what is planned below `folder`."""
        for place, source in self.files.items():
            target = folder / place
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
