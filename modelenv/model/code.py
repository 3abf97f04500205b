"""Put first-party code beside the model, at the import paths it had."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath

from ..siblings import resolver

# Never part of a package, whatever folder they stand in.
_JUNK = shutil.ignore_patterns(
    "__pycache__", ".*", "*.egg-info", "*.dist-info", "node_modules", "venv", "*.pem", "*.key"
)


def gather(modules: Iterable[resolver.FirstParty], folder: Path) -> tuple[str, ...]:
    """Copy `modules` below `folder` so that they are imported there by the names they had.

    A package is copied whole, with its data files but without hidden files, caches and keys; a
    module of a namespace package, or one that stands alone, by itself. Returns the names that can
    be imported, sorted: packages, and modules that are in none.
    """
    copied: set[str] = set()
    for module, source in sorted(_importable(modules)):
        package, root = _outermost_package(module, source)
        name = package or module
        if name in copied:
            continue
        copied.add(name)
        target = folder.joinpath(*name.split("."))
        if package:
            shutil.copytree(root, target, ignore=_JUNK, dirs_exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target.with_name(target.name + _suffix(module, source)))
    return tuple(sorted(copied))


def _importable(modules: Iterable[resolver.FirstParty]) -> Iterator[tuple[str, Path]]:
    """Leave out what has no import path of its own: ``__main__`` and files of other names."""
    for item in modules:
        path = Path(item.file)
        if item.module != "__main__" and path.exists() and _agrees(item.module, path):
            yield item.module, path


def _agrees(module: str, file: PurePath) -> bool:
    last = module.rpartition(".")[2]
    stem = file.name.partition(".")[0]
    return stem == last or (stem == "__init__" and file.parent.name == last)


def _outermost_package(module: str, file: Path) -> tuple[str, Path]:
    """Return the outermost regular package that holds `module` (or an empty name), its folder."""
    names = module.split(".")
    folder = file.parent
    if file.name.partition(".")[0] != "__init__":
        names.pop()
    found = ("", folder)
    while names and folder.name == names[-1] and any(folder.glob("__init__.*")):
        found = (".".join(names), folder)
        names.pop()
        folder = folder.parent
    return found


def _suffix(module: str, file: Path) -> str:
    """Return all that follows the module's name: ``.cpython-311-x86_64-linux-gnu.so`` too."""
    return file.name[len(module.rpartition(".")[2]) :]
