"""Carry first-party code beside the model, at the import paths it had."""

from __future__ import annotations

import filecmp
import fnmatch
import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ..base import arguments
from ..base.siblings import resolver
from .errors import BadCodePathError, CodeClashError

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]

_METADATA = ("METADATA", "PKG-INFO", "requires.txt", "entry_points.txt", "top_level.txt")
_JUNK = ("__pycache__", "node_modules", "site-packages", "*.egg-info", "*.dist-info", "*.pyc")
_TESTS = ("tests", "test")
# Names under which people keep what nobody else may read.
_SECRETS = (
    ".env",
    ".env.*",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.jks",
    "*.keystore",
    "id_rsa*",
    "id_dsa*",
    "id_ecdsa*",
    "id_ed25519*",
    ".netrc",
    "_netrc",
    ".pypirc",
    ".htpasswd",
    "credentials",
    "credentials.*",
    "secret.*",
    "secrets.*",
    "*service-account*.json",
)
# A module of such a name is code, whatever its name says.
_CODE = (".py", ".pyi", ".so", ".pyd")


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
    projects: Iterable[resolver.Project] = (),
) -> Plan:
    """Plan a model's code: `modules` that its run imported, `code_paths` that the user named.

    A package is carried whole, with its data files, but without hidden files, caches, virtual
    environments, tests that the run did not import, and secrets; a module of a namespace package,
    or one that stands alone, by itself. What the user named keeps the path that it has below each
    entry of `search_path`; where none holds it, its own name. The metadata of `projects`, editable
    installs, stands beside, so that importlib.metadata and entry points find them. Raises
    CodeClashError and BadCodePathError; nothing is written.
    """
    named, left_out = _plan_named(code_paths, search_path)
    imported = sorted(_importable(modules))
    sources = {source for _, source in imported}
    packages = {module: source.parent for module, source in imported if _is_initial(source)}
    result = Plan(named.files)
    for project in projects:
        for place, source in _metadata(project.distribution):
            result.add(place, source)
    names = list(named.names)
    for module, source in imported:
        package, root = _outermost_package(module, source, packages)
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
    return Plan(result.files, tuple(sorted(set(names))), tuple(sorted(set(left_out))))


def check(code_paths: Paths) -> tuple[Path, ...]:
    """Return the absolute paths that the user named: one, or several.

    Raises BadArgumentError, and BadCodePathError for a missing one.
    """
    named = arguments.paths("code_paths", code_paths)
    paths = tuple(Path(os.path.abspath(path)) for path in named)  # noqa: PTH100  # keep links
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
        for place in _import_paths(path, search_path):
            names += [_dotted(place)] if place.parts else _tops(path, swept.files)
            for file in swept.files:
                inside = file.relative_to(path).as_posix() if path.is_dir() else "."
                result.add(place / inside, file)
            for initial, source in _initials(path, place):
                result.add(initial, source)
    return Plan(result.files, tuple(names)), left_out


def _import_paths(path: Path, search_path: Sequence[str]) -> list[PurePosixPath]:
    """Return where `path` stands below each entry of the search path that holds it."""
    places = []
    for entry in dict.fromkeys(map(Path, search_path)):
        installed = {"site-packages", "dist-packages"} & set(entry.parts)
        if installed or (entry != path and entry not in path.parents):
            continue
        place = PurePosixPath(path.relative_to(entry).as_posix())
        *packages, last = place.parts or ("_",)
        if all(part.isidentifier() for part in (*packages, last.partition(".")[0])):
            places.append(place)
    return places or [PurePosixPath(path.name)]


def _tops(folder: Path, files: Iterable[Path]) -> list[str]:
    """Name the modules and packages that stand in a folder that is itself on the path."""
    tops = {file.relative_to(folder).parts[0] for file in files if file.suffix in _CODE}
    return sorted({top.partition(".")[0] for top in tops} - {"__init__"})


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
    """Tell whether a file can be imported by the name of `module`.

    A package may be mapped to a folder of another name; a module cannot.
    """
    return file.name.partition(".")[0] == module.rpartition(".")[2] or _is_initial(file)


def _is_initial(file: Path) -> bool:
    return file.name.partition(".")[0] == "__init__"


def _outermost_package(module: str, file: Path, packages: Mapping[str, Path]) -> tuple[str, Path]:
    """Return the outermost regular package that holds `module` (or an empty name), its folder.

    `packages` are the folders of those that the run imported, whatever they are called on disk.
    """
    names = module.split(".")
    for depth in range(1, len(names) + 1):
        name = ".".join(names[:depth])
        folder = packages.get(name)
        if folder is not None and folder in file.parents and _leads_to(module, name, folder, file):
            return name, folder
    folder = file.parent
    if not _is_initial(file):
        names.pop()
    found = ("", folder)
    while names and folder.name == names[-1] and any(folder.glob("__init__.*")):
        found = (".".join(names), folder)
        names.pop()
        folder = folder.parent
    return found


def _leads_to(module: str, package: str, folder: Path, file: Path) -> bool:
    """Tell whether `module` stands below the folder of `package` where its name says."""
    inside = module[len(package) :].lstrip(".").split(".")
    own = file.relative_to(folder).parts
    own = own[:-1] if _is_initial(file) else (*own[:-1], own[-1].partition(".")[0])
    return tuple(filter(None, inside)) == own


def _metadata(distribution: resolver.Distribution) -> Iterator[tuple[PurePosixPath, Path]]:
    """Yield what importlib.metadata reads of an installation, without what leads to its files."""
    info = Path(distribution.info)
    for name in _METADATA:
        if (info / name).is_file():
            yield PurePosixPath(info.name, name), info / name


def _suffix(module: str, file: Path) -> str:
    """Return all that follows the module's name: ``.cpython-311-x86_64-linux-gnu.so`` too."""
    return file.name[len(module.rpartition(".")[2]) :]


@dataclass(frozen=True, slots=True)
class Swept:
    """The files of a folder, sorted."""

    files: tuple[Path, ...]
    secrets: tuple[Path, ...] = ()
    """Left behind, by their names."""
    strays: tuple[Path, ...] = ()
    """Links that lead out of the folder: left behind too."""


def sweep(root: Path, *, keep: Collection[Path] | None = None) -> Swept:
    """Find the files below `root` that travel.

    Hidden files, caches, metadata of installations and virtual environments do not. With `keep`,
    folders of tests do only where they hold one of these files.
    """
    files: list[Path] = []
    secrets: list[Path] = []
    strays: list[Path] = []
    for folder, folders, names in os.walk(root):
        here = Path(folder)
        folders[:] = sorted(name for name in folders if _enters(here / name, keep))
        for name in [*folders, *sorted(names)]:
            path = here / name
            if path.is_symlink() and not _stays(path, root):
                strays.append(path)
            elif name in folders:
                continue
            elif is_secret(path):
                secrets.append(path)
            elif not name.startswith(".") and not _matches(name, _JUNK) and path.is_file():
                files.append(path)
    return Swept(tuple(files), tuple(secrets), tuple(strays))


def is_secret(path: Path) -> bool:
    """Tell by its name whether nobody but its owner should read a file."""
    return _matches(path.name, _SECRETS) and path.suffix not in _CODE


def _enters(folder: Path, keep: Collection[Path] | None) -> bool:
    """Tell whether a folder is looked into."""
    if folder.name.startswith(".") or _matches(folder.name, _JUNK):
        return False
    if os.path.exists(folder / "pyvenv.cfg"):  # noqa: PTH110  # no error where none may enter
        return False
    if folder.name in _TESTS and keep is not None:
        return any(folder in file.parents for file in keep)
    return True


def _stays(link: Path, root: Path) -> bool:
    target = link.resolve()
    home = root.resolve()
    return target == home or home in target.parents


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(name.lower(), pattern) for pattern in patterns)
