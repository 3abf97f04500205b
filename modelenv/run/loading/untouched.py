"""Imports from a folder that write no bytecode beside the code."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib.machinery import (
    BYTECODE_SUFFIXES,
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    SourceFileLoader,
    SourcelessFileLoader,
)
from pathlib import Path


class _Uncached(SourceFileLoader):
    """Load source, and write no bytecode beside it."""

    def set_data(self, path: str, data: object, *, _mode: int = 0o666) -> None:
        """Write nothing."""


@dataclass(frozen=True, slots=True)
class _Untouched:
    """A path hook for the files of one folder: importing them leaves it unchanged."""

    folder: Path

    def __call__(self, entry: str) -> FileFinder:
        """Return the finder for a folder in it. Raises ImportError for any other path."""
        path = Path(entry)
        if not path.is_relative_to(self.folder) or not path.is_dir():
            raise ImportError(entry)
        return FileFinder(
            entry,
            (ExtensionFileLoader, EXTENSION_SUFFIXES),
            (_Uncached, SOURCE_SUFFIXES),
            (SourcelessFileLoader, BYTECODE_SUFFIXES),
        )


def leave_untouched(code: Path) -> None:
    """Prevent imports from `code`, now or later, from writing bytecode there."""
    hook = _Untouched(code)
    if hook not in sys.path_hooks:
        sys.path_hooks.insert(0, hook)
    for entry in [each for each in sys.path_importer_cache if Path(each).is_relative_to(code)]:
        del sys.path_importer_cache[entry]
