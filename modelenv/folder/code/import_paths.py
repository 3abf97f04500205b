"""Import paths of module files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePath

from ...base.siblings import resolver


def importable(modules: Iterable[resolver.FirstParty]) -> Iterator[tuple[str, Path]]:
    """Yield the modules with an import path: not ``__main__``, nor files of other names."""
    for item in modules:
        path = Path(item.file)
        if path.exists() and _agrees(item.module, path):
            yield item.module, path


def _agrees(module: str, file: Path) -> bool:
    """Return whether a file can be imported by the name of `module`.

    A package may be mapped to a folder of another name; a module cannot.
    """
    return file.name.partition(".")[0] == module.rpartition(".")[2] or is_initial(file)


def is_initial(file: PurePath) -> bool:
    """Return whether a file is the ``__init__`` of a package, with any suffix."""
    return file.name.partition(".")[0] == "__init__"


def outermost_package(module: str, file: Path, packages: Mapping[str, Path]) -> tuple[str, Path]:
    """Return the outermost regular package that holds `module` (or an empty name), and its folder.

    `packages` are the folders of the packages that the run imported, whatever their names on disk.
    """
    names = module.split(".")
    for depth in range(1, len(names) + 1):
        name = ".".join(names[:depth])
        folder = packages.get(name)
        if folder is not None and folder in file.parents and _leads_to(module, name, folder, file):
            return name, folder
    folder = file.parent
    if not is_initial(file):
        names.pop()
    found = ("", folder)
    while names and folder.name == names[-1] and any(folder.glob("__init__.*")):
        found = (".".join(names), folder)
        names.pop()
        folder = folder.parent
    return found


def _leads_to(module: str, package: str, folder: Path, file: Path) -> bool:
    """Return whether the file of `module` is below the folder of `package` at its import path."""
    inside = module[len(package) :].lstrip(".").split(".")
    own = file.relative_to(folder).parts
    own = own[:-1] if is_initial(file) else (*own[:-1], own[-1].partition(".")[0])
    return tuple(filter(None, inside)) == own


def suffix(module: str, file: Path) -> str:
    """Return all that follows the module's name, as ``.cpython-311-x86_64-linux-gnu.so``."""
    return file.name[len(module.rpartition(".")[2]) :]
