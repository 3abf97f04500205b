"""A plan of files to copy below ``code/``."""

from __future__ import annotations

import filecmp
import shutil
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ..errors import CodeClashError


@dataclass(frozen=True, slots=True)
class CodePlan:
    """The files to copy below ``code/``, before anything is written."""

    files: dict[str, Path] = field(default_factory=dict)
    """Source files by their target path, as ``pkg/module.py``."""
    names: tuple[str, ...] = ()
    """The importable top-level names: packages, and modules outside of packages."""
    left_out: tuple[str, ...] = ()
    """Files of swept folders that are skipped: secrets, and links to outside."""

    def names_module(self, module: str) -> bool:
        """Return whether a module is one of `names`, or is inside one."""
        return any(module == name or module.startswith(f"{name}.") for name in self.names)

    def add(self, place: PurePosixPath, source: Path) -> None:
        """Plan one file. Raises CodeClashError if another file has its target path."""
        key = place.as_posix()
        there = self.files.setdefault(key, source)
        if there != source and not filecmp.cmp(there, source, shallow=False):
            raise CodeClashError(key, there, source)

    def carry(self, folder: Path) -> None:
        """Copy the planned files below `folder`."""
        for place, source in self.files.items():
            target = folder / place
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
