"""The lock of the tools that install the environments, used only in the building stage."""

from __future__ import annotations

from dataclasses import dataclass

from ...base.siblings import envfiles
from ...pins.lock_entries import lock_entries, make_lock
from ...pins.pin_set import pinned_versions
from ...wheels.installable import Installable, iter_installables
from ...wheels.shelf import Shelf
from ..errors import NoImageError
from ..image import UV


@dataclass(frozen=True, slots=True)
class ToolsLock:
    """uv, at the release that images are made with, from the sources of the server's files."""

    shelf: Shelf

    def choices(self) -> tuple[Installable, ...]:
        """Return the files to install. Raises NoImageError and the resolver's errors."""
        target = self.shelf.target.target
        sources = self.shelf.sources
        entry = envfiles.Entry(f"uv=={UV}")
        found = sources.find(pinned_versions([entry]), target)
        if found.missing:
            way = "install with pip (--installer pip), or name an index or a folder that has it"
            raise NoImageError("--installer uv", "; ".join(found.missing), way)
        packages, _ = lock_entries([entry], found.files)
        local = {file.file: file for each in found.files.values() for file in each if file.is_local}
        lock = make_lock(packages, target)
        return tuple(iter_installables(lock, self.shelf.target, sources.wheels, local, {}))
