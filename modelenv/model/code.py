"""Carry first-party code beside the model, at the import paths it had."""

from __future__ import annotations

import filecmp
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ..errors import BadCodePathError, CodeClashError
from ..siblings import resolver
from .sweep import Swept, sweep


@dataclass(frozen=True, slots=True)
class Plan:
    """Which file goes to which place below ``code/``; nothing is written yet."""

    files: dict[str, Path] = field(default_factory=dict)
    """Sources by their place, in the forms ``pkg/module.py``."""
    names: tuple[str, ...] = ()
    """What can be imported from it: packages, and modules that are in none."""
    left_out: tuple[str, ...] = ()
    """Files that were not swept in with their folder: secrets, links that lead out of it."""

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


def plan(
    modules: Iterable[resolver.FirstParty],
    code_paths: Sequence[Path],
    search_path: Sequence[str],
) -> Plan:
    """Plan a model's code: `modules` that its run imported, `code_paths` that the user named.

    A package is carried whole, with its data files, but without hidden files, caches, virtual
    environments, tests that the run did not import, and secrets; a module of a namespace package,
    or one that stands alone, by itself. What the user named keeps the path that it has below each
    entry of `search_path`; where none holds it, its own name. Raises CodeClashError and
    BadCodePathError; nothing is written.
    """
    named, left_out = _plan_named(code_paths, search_path)
    imported = sorted(_importable(modules))
    sources = {source for _, source in imported}
    result = Plan(named.files)
    names = list(named.names)
    for module, source in imported:
        package, root = _outermost_package(module, source)
        name = package or module
        if name in names:
            continue
        names.append(name)
        place = PurePosixPath(*name.split("."))
        if package:
            swept = sweep(root, keep=sources)
            left_out += [str(file) for file in (*swept.secrets, *swept.strays)]
            for file in swept.files:
                result.add(place / file.relative_to(root).as_posix(), file)
        else:
            result.add(place.with_name(place.name + _suffix(module, source)), source)
    return Plan(result.files, tuple(sorted(names)), tuple(sorted(set(left_out))))


def check(code_paths: Iterable[str | os.PathLike[str]]) -> tuple[Path, ...]:
    """Return the absolute paths that the user named. Raises BadCodePathError for a missing one."""
    paths = tuple(Path(os.path.abspath(path)) for path in code_paths)  # noqa: PTH100  # keep links
    for path in paths:
        if not path.exists():
            raise BadCodePathError(path, "there is no such file or folder")
    return paths


def _plan_named(code_paths: Sequence[Path], search_path: Sequence[str]) -> tuple[Plan, list[str]]:
    """Plan the files and folders that the user named."""
    result = Plan()
    names: list[str] = []
    left_out: list[str] = []
    for path in code_paths:
        swept = sweep(path) if path.is_dir() else Swept((path,))
        if swept.strays:
            raise BadCodePathError(swept.strays[0], "this link leads out of the folder")
        left_out += map(str, swept.secrets)
        for place in _places(path, search_path):
            names += [_dotted(place)] if place.parts else []
            for file in swept.files:
                inside = file.relative_to(path).as_posix() if path.is_dir() else "."
                result.add(place / inside, file)
            for initial, source in _initials(path, place):
                result.add(initial, source)
    return Plan(result.files, tuple(names)), left_out


def _places(path: Path, search_path: Sequence[str]) -> list[PurePosixPath]:
    """Return where `path` stands below each entry of the search path that holds it."""
    places = []
    for entry in dict.fromkeys(map(Path, search_path)):
        installed = {"site-packages", "dist-packages"} & set(entry.parts)
        if installed or (entry != path and entry not in path.parents):
            continue
        place = PurePosixPath(path.relative_to(entry).as_posix())
        if all(part.isidentifier() for part in place.with_suffix("").parts):
            places.append(place)
    return places or [PurePosixPath(path.name)]


def _initials(path: Path, place: PurePosixPath) -> Iterator[tuple[PurePosixPath, Path]]:
    """Yield the ``__init__.py`` of each package on the way to `place`."""
    for above, folder in zip(place.parents, path.parents):  # noqa: B905  # as long as the place
        initial = folder / "__init__.py"
        if above.parts and initial.is_file():
            yield above / "__init__.py", initial


def _dotted(place: PurePosixPath) -> str:
    return ".".join(place.with_suffix("").parts)


def _importable(modules: Iterable[resolver.FirstParty]) -> Iterator[tuple[str, Path]]:
    """Leave out what has no import path of its own: ``__main__`` and files of other names."""
    for item in modules:
        path = Path(item.file)
        if path.exists() and _agrees(item.module, path):
            yield item.module, path


def _agrees(module: str, file: Path) -> bool:
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
